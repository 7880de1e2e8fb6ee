package sandbox

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// act starts the action, waits for it, ends what it left running, and says how it went.
func (o *order) act(w *world) (report, error) {
	if err := setLimits(); err != nil {
		return report{}, err
	}
	pid, err := o.start(w)
	if err != nil {
		return report{}, err
	}
	status, err := reapUntil(pid)
	if err != nil {
		return report{}, err
	}
	if o.Contained {
		err = killNamespace()
	} else {
		err = killDescendants()
	}
	if err != nil {
		return report{}, err
	}
	end := report{ExitCode: status.ExitStatus()}
	if status.Signaled() {
		end.Signal = int(status.Signal())
		end.ExitCode = 128 + end.Signal
	}
	var ru unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_CHILDREN, &ru); err != nil {
		return report{}, os.NewSyscallError("getrusage", err)
	}
	end.UserTime, end.SysTime = time.Duration(ru.Utime.Nano()), time.Duration(ru.Stime.Nano())
	end.MaxRSS = ru.Maxrss << 10 // in KiB, getrusage(2)
	return end, nil
}

// start starts the action. Privileges, Landlock domains and session keyrings belong to a thread, and a child has those
// of the thread that forks it. So one thread gives everything up and forks; the others keep what the init still
// needs. The thread is never unlocked and never ends: nobody else may run on it, and the kernel takes the end of a
// forking thread for the end of the parent (PR_SET_PDEATHSIG in prctl(2)).
func (o *order) start(w *world) (pid int, err error) {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return 0, err
	}
	defer null.Close()
	path, err := o.command(w)
	if err != nil {
		return 0, err
	}
	attr := &syscall.ProcAttr{
		Dir:   w.dir,
		Env:   append([]string{"PATH=" + w.tools}, w.env...),
		Files: []uintptr{null.Fd(), outputFD, outputFD},
		Sys:   &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL},
	}
	if o.Terminal {
		// Only of a controlling terminal do Ctrl-C and a changed size get to the action.
		tty := uintptr(filesFD + o.Files)
		attr.Files = []uintptr{tty, tty, tty}
		attr.Sys.Setctty, attr.Sys.Ctty = true, 0
	}
	if o.Streams {
		first := uintptr(filesFD + o.Files)
		attr.Files = []uintptr{first, first + 1, first + 2}
	}
	for i := range o.Files {
		attr.Files = append(attr.Files, uintptr(filesFD+i))
	}
	if o.Contained {
		// Nothing of the init may be read through /proc by its children.
		if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
			return 0, os.NewSyscallError("prctl", err)
		}
	}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		err := w.giveUp()
		if err == nil {
			if pid, err = syscall.ForkExec(path, o.Args, attr); err != nil {
				err = fmt.Errorf("%s cannot be run: %w", o.Args[0], err)
			}
		}
		started <- err
		select {}
	}()
	return pid, <-started
}

// command is the path of the program: a tool, or a path as the action itself would read it.
func (o *order) command(w *world) (string, error) {
	if !strings.Contains(o.Args[0], "/") {
		return filepath.Join(w.tools, o.Args[0]), nil
	}
	path := o.Args[0]
	if !filepath.IsAbs(path) {
		path = filepath.Join(w.dir, path)
	}
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("%s cannot be run: %w", o.Args[0], err)
	}
	return o.Args[0], nil
}

// setLimits gives every action the same limits, whatever shell mini was started from. They are the init's too.
func setLimits() error {
	unix.Umask(0o022)
	for _, l := range []struct {
		resource int
		soft     uint64
	}{
		{unix.RLIMIT_CORE, 0},
		{unix.RLIMIT_STACK, 8 << 20}, // bytes
		{unix.RLIMIT_NOFILE, 4096},   // some programs close every number up to the limit
	} {
		var r unix.Rlimit
		if err := unix.Getrlimit(l.resource, &r); err != nil {
			return os.NewSyscallError("getrlimit", err)
		}
		r.Cur = min(l.soft, r.Max)
		if err := unix.Setrlimit(l.resource, &r); err != nil {
			return os.NewSyscallError("setrlimit", err)
		}
	}
	return nil
}
