package sandbox_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"mini/internal/sandbox"

	"golang.org/x/sys/unix"
)

// A try is one way out. It returns nil if it worked. What it aims at comes from the environment, see escape_test.go.
type try struct {
	name string
	do   func() error

	// plain says when the try works in an ordinary process, which shows that it is a real one: "anyone", "root",
	// or "never". What is "never" would harm the machine if it worked there, or has a meaning inside only; such a
	// try refuses to run anywhere but in a sandbox (see onlyInside), whoever asks.
	plain string
}

var tries = []try{
	{"connect to a port of the host", func() error { return dial("tcp", os.Getenv("TRY_TCP")) }, "anyone"},
	{"connect to an abstract socket", func() error { return dial("unix", os.Getenv("TRY_ABSTRACT")) }, "anyone"},
	{"connect to a socket of the host", func() error { return dial("unix", os.Getenv("TRY_SOCKET")) }, "anyone"},
	{"find a way to the internet", hasRoute, "never"},
	{"attach to shared memory of the host", attachIPC, "anyone"},
	{"see a process of the host", seeVictim, "anyone"},
	{"read the environment of a process", readVictim, "anyone"},
	{"signal a process of the host", func() error { return unix.Kill(victim(), 0) }, "anyone"},
	{"trace a process of the host", traceVictim, "anyone"},
	{"read the home directory", func() error { return readFile(os.Getenv("TRY_SECRET")) }, "anyone"},
	{"write beside the directory", func() error { return create(filepath.Dir(os.Getenv("TRY_SECRET"))) }, "anyone"},
	{"leave the directory by ..", func() error { return readFile(os.Getenv("TRY_DIR") + "/../home/secret") }, "anyone"},
	{"leave by a link", leaveByLink, "anyone"},
	{"read the host's passwd", readPasswd, "anyone"},
	{"read /sys", func() error { return readDir("/sys/kernel") }, "anyone"},
	{"read an inherited descriptor", readInherited, "anyone"},
	{"use a key of the session", useKey, "anyone"},
	{"run a tool that is not listed", func() error { _, err := exec.LookPath("env"); return err }, "anyone"},
	{"write to a read-only mount", func() error { return create(os.Getenv("TRY_RO")) }, "anyone"},
	{"open a read-only file for writing", func() error { return openFor(os.Getenv("TRY_RO")+"/file", unix.O_WRONLY) }, "anyone"},
	{"change the mode of a read-only file", func() error { return os.Chmod(os.Getenv("TRY_RO")+"/file", 0o666) }, "anyone"},
	{"link a read-only file", func() error { return os.Link(os.Getenv("TRY_RO")+"/file", os.Getenv("TRY_DIR")+"/linked") }, "anyone"},
	{"make a user namespace", makeNamespace, "anyone"},
	{"be another user by setuid", setuidProgram, "root"},
	{"become another user", func() error { return syscall.Setuid(0xfffe) }, "root"},
	{"have a capability", haveCapability, "root"},
	{"mount a file system", func() error { return unix.Mount("none", os.Getenv("TRY_DIR"), "tmpfs", 0, "") }, "root"},
	{"remount read-write", remount, "never"},
	{"unmount", func() error { return unix.Unmount("/proc", unix.MNT_DETACH) }, "never"},
	{"chroot", func() error { return unix.Chroot(os.Getenv("TRY_DIR")) }, "root"},
	{"pivot the root", func() error { return unix.PivotRoot(".", ".") }, "never"},
	{"enter the namespaces of the init", enterInit, "never"},
	{"read the memory of the init", func() error { return openFor("/proc/1/mem", unix.O_RDONLY) }, "never"},
	{"read the descriptors of the init", func() error { return readDir("/proc/1/fd") }, "never"},
	{"end the init", endInit, "never"},
	{"make a device", makeDevice, "root"},
	{"open a file by its handle", openByHandle, "root"},
	{"open kernel messages", func() error { return openFor("/dev/kmsg", unix.O_RDONLY) }, "root"},
	{"open a kernel setting", func() error { return openFor("/proc/sys/kernel/core_pattern", unix.O_WRONLY) }, "root"},
	{"write to a file of /proc", func() error { return openFor("/proc/self/oom_score_adj", unix.O_WRONLY) }, "anyone"},
	{"have a terminal", func() error { return openFor("/dev/tty", unix.O_RDWR) }, "never"},
	{"write to the toolchain", func() error { return unix.Access("/usr/bin", unix.W_OK) }, "root"},
	{"write to the root", func() error { return unix.Access("/", unix.W_OK) }, "root"},
	{"change the host's name", func() error { return unix.Sethostname([]byte("caught")) }, "never"},
	{"raise a hard limit", raiseLimit, "never"},
}

// onlyInside stops a harmful try outside of a sandbox: a test run by root must not be able to take the machine apart.
func onlyInside(t try) error {
	host, _ := os.Hostname()
	dir, _ := os.Getwd()
	if t.plain == "never" && (os.Getuid() == 0 || host != "mini" || dir != "/build") {
		return errors.New("not tried: this is no sandbox")
	}
	return nil
}

// triesFor names the tries that work in a plain process of this user, or all of them for the inside.
func triesFor(inside bool) []string {
	names := []string{"all"}
	for _, t := range tries {
		if inside || t.plain == "anyone" || t.plain == "root" && os.Getuid() == 0 {
			names = append(names, t.name)
		}
	}
	return names
}

// tryMain is the program "try". As "try all NAME…" it does those tries, each in a process of its own, and prints a line
// each.
func tryMain(args []string) int {
	switch {
	case len(args) == 1 && args[0] == "victim":
		fmt.Println("ready")
		select {}
	case len(args) == 1 && args[0] == "ids":
		fmt.Println(syscall.Getuid(), syscall.Geteuid())
		return 0
	case len(args) == 1 && args[0] == "nothing":
		return 0
	case len(args) == 4 && args[0] == "caller":
		return callerMain(sandbox.Mode(args[1]), args[2], args[3])
	case len(args) == 3 && args[0] == "limited":
		return limitedMain(args[1], args[2])
	case len(args) == 2 && args[0] == "one":
		for _, t := range tries {
			if t.name == args[1] {
				runtime.LockOSThread()
				err := onlyInside(t)
				if err == nil {
					err = t.do()
				}
				if err != nil {
					fmt.Print(err)
					return 1
				}
				return 0
			}
		}
		return 2
	}
	if len(args) == 0 || args[0] != "all" {
		return 2
	}
	for _, name := range args[1:] {
		cmd := self("one", name)
		if fd, err := strconv.Atoi(os.Getenv("TRY_FD")); err == nil {
			syscall.CloseOnExec(fd) // fails if there is none
			syscall.Syscall(syscall.SYS_FCNTL, uintptr(fd), syscall.F_SETFD, 0)
		}
		out, err := cmd.CombinedOutput()
		if err == nil {
			fmt.Printf("%s: worked\n", name)
		} else {
			fmt.Printf("%s: failed: %v: %s\n", name, err, bytes.ReplaceAll(out, []byte("\n"), []byte(" ")))
		}
	}
	return 0
}

// callerMain runs an action that never ends, with children, one of them in a session of its own.
func callerMain(mode sandbox.Mode, dir, scratch string) int {
	tools := map[string]string{}
	for _, name := range []string{"sh", "sleep", "setsid"} {
		tools[name], _ = exec.LookPath(name)
	}
	_, err := sandbox.Run(context.Background(), sandbox.Spec{
		Mode: mode, Dir: dir, Scratch: scratch, Tools: tools, Output: os.Stdout,
		Args: []string{"sh", "-c", "setsid sleep 1000 & (sleep 1000 & sleep 1000) & sleep 0.1; echo started; sleep 1000"},
	})
	fmt.Fprintln(os.Stderr, err)
	return 1
}

func self(args ...string) *exec.Cmd {
	return &exec.Cmd{Path: "/proc/self/exe", Args: append([]string{"try"}, args...)}
}

func dial(network, addr string) error {
	c, err := net.Dial(network, addr)
	if err == nil {
		c.Close()
	}
	return err
}

func hasRoute() error { return dial("udp", "192.0.2.1:9") } // only looks for a route; nothing is sent

func attachIPC() error {
	id, err := strconv.Atoi(os.Getenv("TRY_SHM"))
	if err != nil {
		return err
	}
	b, err := unix.SysvShmAttach(id, 0, unix.SHM_RDONLY)
	if err == nil {
		err = unix.SysvShmDetach(b)
	}
	return err
}

func victim() int {
	pid, _ := strconv.Atoi(os.Getenv("TRY_VICTIM"))
	return pid
}

func seeVictim() error {
	all, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, path := range all {
		if text, _ := os.ReadFile(path); bytes.Contains(text, []byte("try\x00victim")) {
			return nil
		}
	}
	return errors.New("not among the processes")
}

func readVictim() error {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", victim()))
	if err == nil && !bytes.Contains(text, []byte("PASSWORD=")) {
		err = errors.New("not that process")
	}
	return err
}

func traceVictim() error {
	if err := unix.PtraceAttach(victim()); err != nil {
		return err
	}
	var ws unix.WaitStatus
	unix.Wait4(victim(), &ws, unix.WALL, nil)
	return unix.PtraceDetach(victim())
}

func readFile(path string) error { _, err := os.ReadFile(path); return err }
func readDir(path string) error  { _, err := os.ReadDir(path); return err }

func create(dir string) error {
	path := filepath.Join(dir, "written-by-a-try")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		return err
	}
	return os.Remove(path)
}

func openFor(path string, flags int) error {
	fd, err := unix.Open(path, flags|unix.O_CLOEXEC, 0)
	if err == nil {
		unix.Close(fd)
	}
	return err
}

func leaveByLink() error {
	link := os.Getenv("TRY_DIR") + "/out"
	os.Remove(link)
	if err := os.Symlink(os.Getenv("TRY_SECRET"), link); err != nil {
		return err
	}
	return readFile(link)
}

func readPasswd() error {
	text, err := os.ReadFile("/etc/passwd")
	if err == nil && !strings.Contains(string(text), "\ndaemon:") {
		err = errors.New("not the host's")
	}
	return err
}

func readInherited() error {
	fd, err := strconv.Atoi(os.Getenv("TRY_FD"))
	if err != nil {
		return err
	}
	b := make([]byte, 6)
	_, err = unix.Pread(fd, b, 0)
	if err == nil && string(b) != "secret" {
		err = errors.New("not that descriptor")
	}
	return err
}

func useKey() error {
	_, err := unix.KeyctlSearch(unix.KEY_SPEC_SESSION_KEYRING, "user", os.Getenv("TRY_KEY"), 0)
	return err
}

func makeNamespace() error {
	cmd := self("nothing")
	// Without a map of users, which would need a writable /proc: the namespace alone is what gives capabilities.
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWUSER | unix.CLONE_NEWNS}
	return cmd.Run()
}

func setuidProgram() error {
	out, err := exec.Command(os.Getenv("TRY_DIR")+"/setuid/try", "ids").Output()
	if err != nil {
		return err
	}
	if f := strings.Fields(string(out)); len(f) != 2 || f[0] == f[1] {
		return fmt.Errorf("still the same user: %q", out)
	}
	return nil
}

func haveCapability() error {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(line, ":")
		if strings.HasPrefix(name, "Cap") && strings.Trim(value, "0 \t\n") != "" {
			return nil
		}
	}
	return errors.New("all sets are empty")
}

func remount() error {
	err := unix.Mount("", os.Getenv("TRY_RO"), "", unix.MS_REMOUNT|unix.MS_BIND, "")
	attr := &unix.MountAttr{Attr_clr: unix.MOUNT_ATTR_RDONLY}
	if err2 := unix.MountSetattr(unix.AT_FDCWD, os.Getenv("TRY_RO"), 0, attr); err2 == nil {
		return nil
	}
	return err
}

func enterInit() error {
	fd, err := unix.Open("/proc/1/ns/uts", unix.O_RDONLY, 0)
	if err != nil {
		return err
	}
	return unix.Setns(fd, 0)
}

// endInit signals with all that a process can catch; the run goes on to its next try only if the init lives.
func endInit() error {
	for sig := unix.Signal(1); sig < 32; sig++ {
		if sig != unix.SIGCHLD {
			unix.Kill(1, sig)
		}
	}
	return unix.Kill(1, 0x7f) // no such signal
}

func makeDevice() error {
	path := os.Getenv("TRY_DIR") + "/device"
	defer os.Remove(path)
	return unix.Mknod(path, unix.S_IFCHR|0o600, int(unix.Mkdev(1, 3)))
}

// openByHandle is how a container with a capability too many reads any file of the disk it lies on.
func openByHandle() error {
	h, _, err := unix.NameToHandleAt(unix.AT_FDCWD, os.Getenv("TRY_DIR"), 0)
	if err != nil {
		return err
	}
	dir, err := unix.Open(os.Getenv("TRY_DIR"), unix.O_RDONLY, 0)
	if err != nil {
		return err
	}
	_, err = unix.OpenByHandleAt(dir, h, unix.O_RDONLY)
	return err
}

func raiseLimit() error {
	var r unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &r); err != nil {
		return err
	}
	r.Max++
	return unix.Setrlimit(unix.RLIMIT_NOFILE, &r)
}
