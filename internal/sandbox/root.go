package sandbox

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// stageDir is where the init keeps what the action must not see; it is empty while the action runs.
const stageDir = "/.mini"

// contain makes the file system of a contained action and moves into it. It runs in the init, which is in namespaces of
// its own. All that comes from the host is first cloned into detached mounts, by host paths; then the host's tree is
// left for good, and the clones are attached. So no path is ever looked up half in one tree, half in the other.
func (o *order) contain() (*world, error) {
	if err := mustBeAlone(); err != nil {
		return nil, err
	}
	w := &world{dir: BuildDir, tools: toolsDir, env: o.Env, dropCaps: true}
	if err := o.isolate(w); err != nil {
		return nil, err
	}
	g, err := o.gather()
	if err != nil {
		return nil, err
	}
	if err := enterEmptyRoot(); err != nil {
		return nil, err
	}
	if err := o.furnish(g); err != nil {
		return nil, err
	}
	if err := g.drawVeils(); err == nil {
		w.exact = true
	} else {
		w.off = append(w.off, "the command sees more of the host than it asked for: "+err.Error())
	}
	if err := o.hang(w, g); err != nil {
		return nil, err
	}
	if err := closeStage(); err != nil {
		return nil, err
	}
	w.under = g.under
	w.fence = fence{write: []string{BuildDir, "/tmp", "/dev/shm"}, devices: []string{"/dev"}}
	if o.Front != nil {
		w.fence.write = append(w.fence.write, FrontStore)
		w.env = append(w.env, o.Front.Env...)
	}
	if !o.Landlock {
		return w, nil
	}
	if w.landABI, err = landlockABI(); err != nil {
		w.off = append(w.off, err.Error()+"; what namespaces protect is protected once instead of twice")
	}
	return w, nil
}

// mustBeAlone refuses to go on in the namespaces of somebody else. What comes next leaves file systems, sets limits and
// kills all processes there are: for root on a host that would be the host's.
func mustBeAlone() error {
	if os.Getpid() != 1 || os.Getuid() != userID {
		return fmt.Errorf("the init is process %d of user %d, not 1 of %d: it has no namespaces of its own", os.Getpid(), os.Getuid(), userID)
	}
	return nil
}

// isolate does what needs the host's /proc, and cuts the mount namespace off from the host's.
func (o *order) isolate(w *world) error {
	// With a user namespace of its own the action would have capabilities again, if only there. The limit is
	// that of our namespace (namespaces(7), "The /proc/sys/user directory").
	if err := os.WriteFile("/proc/sys/user/max_user_namespaces", []byte("0"), 0); err != nil {
		w.off = append(w.off, "the command can make namespaces of its own: "+err.Error())
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("making mounts private: %w", err)
	}
	if err := unix.Sethostname([]byte(hostName)); err != nil {
		return os.NewSyscallError("sethostname", err)
	}
	return loopbackUp()
}

// loopbackUp switches lo on, which is down in a new network namespace: test suites talk to themselves over it.
func loopbackUp() error {
	s, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if errors.Is(err, unix.EAFNOSUPPORT) {
		return nil
	}
	if err != nil {
		return os.NewSyscallError("socket", err)
	}
	defer unix.Close(s)
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	lo.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	if err := unix.IoctlIfreq(s, unix.SIOCSIFFLAGS, lo); err != nil {
		return fmt.Errorf("switching lo on: %w", err)
	}
	return nil
}

// Attributes of what is attached. Nothing of the host may be opened as a device or run setuid through it.
const (
	attrWritable = unix.MOUNT_ATTR_NOSUID | unix.MOUNT_ATTR_NODEV
	attrReadOnly = attrWritable | unix.MOUNT_ATTR_RDONLY
	attrDevice   = unix.MOUNT_ATTR_NOSUID | unix.MOUNT_ATTR_NOEXEC
	attrProc     = attrReadOnly | unix.MOUNT_ATTR_NOEXEC
)

// A graft is a detached mount and the place it is for.
type graft struct {
	at    string
	fd    int
	isDir bool
}

// clone makes a detached copy of the host's mounts at path and below it. Recursion is a must: the kernel refuses to show
// an unprivileged namespace what lies under another mount.
func clone(path, at string, attr uint64) (graft, error) {
	fd, err := unix.OpenTree(unix.AT_FDCWD, path, unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC|unix.AT_RECURSIVE)
	if err != nil {
		return graft{}, fmt.Errorf("open_tree %s: %w", path, err)
	}
	return detached(fd, at, attr)
}

func detached(fd int, at string, attr uint64) (graft, error) {
	err := unix.MountSetattr(fd, "", unix.AT_EMPTY_PATH|unix.AT_RECURSIVE, &unix.MountAttr{Attr_set: attr})
	if err != nil {
		return graft{}, fmt.Errorf("mount_setattr %s (Linux 5.12 or later is needed): %w", at, err)
	}
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return graft{}, os.NewSyscallError("fstat", err)
	}
	return graft{at, fd, st.Mode&unix.S_IFMT == unix.S_IFDIR}, nil
}

// attach makes the place and puts the mount there. Missing directories on the way are made.
func (g graft) attach() error {
	if err := mountPoint(g.at, g.isDir); err != nil {
		return err
	}
	if err := unix.MoveMount(g.fd, "", unix.AT_FDCWD, g.at, unix.MOVE_MOUNT_F_EMPTY_PATH); err != nil {
		return fmt.Errorf("move_mount to %s: %w", g.at, err)
	}
	return unix.Close(g.fd)
}

// mountPoint makes an empty directory or file to mount on, unless there is one.
func mountPoint(at string, dir bool) error {
	if dir {
		return os.MkdirAll(at, 0o755)
	}
	if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(at, os.O_CREATE|os.O_WRONLY|unix.O_NOFOLLOW, 0o644)
	if err != nil {
		return err
	}
	return f.Close()
}

// newMount makes a detached mount of a new file system.
func newMount(fstype string, attr int, options ...[2]string) (int, error) {
	fs, err := unix.Fsopen(fstype, unix.FSOPEN_CLOEXEC)
	if err != nil {
		return -1, fmt.Errorf("fsopen %s: %w", fstype, err)
	}
	defer unix.Close(fs)
	for _, opt := range options {
		if err := unix.FsconfigSetString(fs, opt[0], opt[1]); err != nil {
			return -1, fmt.Errorf("%s option %s: %w", fstype, opt[0], err)
		}
	}
	if err := unix.FsconfigCreate(fs); err != nil {
		return -1, fmt.Errorf("making a %s: %w", fstype, err)
	}
	fd, err := unix.Fsmount(fs, unix.FSMOUNT_CLOEXEC, attr)
	if err != nil {
		return -1, fmt.Errorf("mounting a %s: %w", fstype, err)
	}
	return fd, nil
}

// newProc makes a /proc of our PID namespace. It must be made while the host's is still there: the kernel allows it only
// beside one that shows everything. Only processes are in it where the kernel can do that (5.8): the rest, /proc/sys
// above all, is the host's, and the real root would own it even here.
func newProc() (int, error) {
	fd, err := newMount("proc", attrProc, [2]string{"subset", "pid"})
	if errors.Is(err, unix.EINVAL) {
		return newMount("proc", attrProc)
	}
	return fd, err
}

// enterEmptyRoot makes a new root directory and leaves the host's behind.
func enterEmptyRoot() error {
	fd, err := newMount("tmpfs", attrWritable, [2]string{"mode", "0755"}, [2]string{"size", "16m"})
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	// Any directory will do to attach it: it moves to the root at once. What was mounted on /tmp is not lost, all
	// that we want of it is cloned already.
	if err := unix.MoveMount(fd, "", unix.AT_FDCWD, "/tmp", unix.MOVE_MOUNT_F_EMPTY_PATH); err != nil {
		return fmt.Errorf("move_mount to /tmp: %w", err)
	}
	if err := unix.Fchdir(fd); err != nil {
		return os.NewSyscallError("fchdir", err)
	}
	// The old root lands on top of the new one, and is taken off again (pivot_root(2), "pivot_root(".", ".")").
	if err := unix.PivotRoot(".", "."); err != nil {
		return fmt.Errorf("pivot_root: %w", err)
	}
	if err := unix.Unmount(".", unix.MNT_DETACH); err != nil {
		return fmt.Errorf("leaving the host's file system: %w", err)
	}
	return os.Chdir("/")
}
