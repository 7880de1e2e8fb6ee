package sandbox

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/sys/unix"
)

// gathered is all that comes from the host, as detached mounts.
type gathered struct {
	system  []graft           // toolchain, devices, /proc, directories and tools that were asked for
	links   map[string]string // top-level links such as /bin → usr/bin
	build   graft             // the action's directory
	under   int               // a second clone of it, to reach what the action's mounts cover
	scratch graft             // for overlays
	sources []graft           // of Mounts, in their order

	veils     []veil  // those of the order that hide something the action would see
	veiled    []graft // their directories, to be shown through them
	whiteouts graft   // a file system for what the veils are made of
}

// Top-level names that hold a toolchain; on most hosts all but usr are links into it.
var systemNames = []string{"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/libo32"}

// Files of /etc that compilers need: Debian's cc is a link through alternatives, and the loader's cache decides where
// libraries of the host's own programs are found.
var etcNames = []string{"/etc/alternatives", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d"}

var deviceNames = []string{"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"}

// devices are those that the action sees. /dev/tty is the controlling terminal of whoever opens it, whichever that is.
func (o *order) devices() []string {
	if o.Terminal {
		return append(slices.Clone(deviceNames), "/dev/tty")
	}
	return deviceNames
}

func (o *order) gather() (*gathered, error) {
	g := &gathered{links: map[string]string{}}
	proc, err := newProc()
	if err != nil {
		return nil, err
	}
	g.system = append(g.system, graft{"/proc", proc, true})
	if g.build, err = clone(o.Dir, BuildDir, attrWritable); err != nil {
		return nil, err
	}
	under, err := clone(o.Dir, "", attrWritable)
	if err != nil {
		return nil, err
	}
	g.under = under.fd
	if g.scratch, err = clone(o.Scratch, stageDir+"/scratch", attrWritable); err != nil {
		return nil, err
	}
	if err := g.cloneSystem(o.devices()); err != nil {
		return nil, err
	}
	if err := g.clonePrivate(o.Scratch); err != nil {
		return nil, err
	}
	if err := g.cloneAsked(o.HostDirs, o.Tools); err != nil {
		return nil, err
	}
	if err := g.cloneVeiled(o.Veils); err != nil {
		return nil, err
	}
	if err := o.gatherFront(g); err != nil {
		return nil, err
	}
	return g, g.cloneSources(o.Mounts)
}

func (g *gathered) add(path, at string, attr uint64) error {
	c, err := clone(path, at, attr)
	if err == nil {
		g.system = append(g.system, c)
	}
	return err
}

// addAll clones each path that exists to the same path.
func (g *gathered) addAll(paths []string, attr uint64) error {
	for _, path := range paths {
		if err := g.add(path, path, attr); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func (g *gathered) cloneSystem(devices []string) error {
	var dirs []string
	for _, name := range systemNames {
		if target, err := os.Readlink(name); err == nil {
			g.links[name] = target
		} else {
			dirs = append(dirs, name)
		}
	}
	return errors.Join(g.addAll(dirs, attrReadOnly), g.addAll(etcNames, attrReadOnly), g.addAll(devices, attrDevice))
}

// clonePrivate makes /tmp and shared memory. They are on disk, not in a tmpfs: the temporary files of a large link
// would otherwise be memory that nobody has counted.
func (g *gathered) clonePrivate(scratch string) error {
	for _, d := range []struct{ name, at string }{{"tmp", "/tmp"}, {"shm", "/dev/shm"}} {
		path := filepath.Join(scratch, d.name)
		if err := os.MkdirAll(path, 0o700); err != nil {
			return err
		}
		if err := os.Chmod(path, 0o777|fs.ModeSticky); err != nil {
			return err
		}
		if err := g.add(path, d.at, attrWritable); err != nil {
			return err
		}
	}
	return nil
}

// cloneAsked clones the host directories of the Spec, and tools that lie in none of the visible directories. Such a
// tool comes alone: what else it needs must be named.
func (g *gathered) cloneAsked(dirs []string, tools []tool) error {
	for _, dir := range dirs {
		if !g.shows(dir) {
			if err := g.add(dir, dir, attrReadOnly); err != nil {
				return err
			}
		}
	}
	for _, t := range tools {
		for _, path := range []string{t.Resolved, t.Path} {
			if !g.shows(path) {
				if err := g.add(path, path, attrReadOnly); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// shows reports whether a host path is visible as itself by what was gathered so far. /tmp and /dev/shm are not: what
// is there is not the host's.
func (g *gathered) shows(path string) bool {
	for link := range g.links {
		if within(path, link) {
			return true
		}
	}
	return slices.ContainsFunc(g.system, func(s graft) bool {
		return s.at != "/tmp" && s.at != "/dev/shm" && within(path, s.at)
	})
}

// furnish fills the empty root: the host's system, then the little that is made here.
func (o *order) furnish(g *gathered) error {
	for name, target := range g.links {
		if err := os.Symlink(target, name); err != nil {
			return err
		}
	}
	for _, s := range g.system {
		if err := s.attach(); err != nil {
			return err
		}
	}
	links := map[string]string{
		"/dev/fd": "/proc/self/fd", "/dev/stdin": "/proc/self/fd/0", "/dev/stdout": "/proc/self/fd/1",
		"/dev/stderr": "/proc/self/fd/2", "/var/tmp": "/tmp",
	}
	o.toolLinks(links)
	for name, target := range links {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		if err := os.Symlink(target, name); err != nil {
			return err
		}
	}
	// The host's own would tell who works there.
	for name, text := range map[string]string{
		"/etc/passwd": fmt.Sprintf("root:x:0:0::/tmp:/bin/sh\nmini:x:%d:%d::/tmp:/bin/sh\nnobody:x:65534:65534::/tmp:/bin/sh\n", userID, userID),
		"/etc/group":  fmt.Sprintf("root:x:0:\nmini:x:%d:\nnogroup:x:65534:\n", userID),
		"/etc/hosts":  "127.0.0.1 localhost " + hostName + "\n::1 localhost\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			return err
		}
	}
	if err := o.writeScript(); err != nil {
		return err
	}
	return os.MkdirAll(toolsDir, 0o755)
}

// closeStage takes away what the action must not see, and makes the root read-only for good.
func closeStage() error {
	mounted, err := os.ReadDir(stageDir)
	if err != nil {
		return err
	}
	for _, e := range mounted {
		if err := unix.Unmount(filepath.Join(stageDir, e.Name()), unix.MNT_DETACH); err != nil {
			return fmt.Errorf("closing the stage: %w", err)
		}
	}
	attr := &unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY}
	return os.NewSyscallError("mount_setattr", unix.MountSetattr(unix.AT_FDCWD, "/", 0, attr))
}
