package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"github.com/spf13/pflag"
	"golang.org/x/sys/unix"
)

// surroundings are what a process can't change of itself once it runs, or should not: mini verify starts mini in other
// ones, through a process in between that takes them on.
type surroundings struct {
	Dir      string   // working directory
	Env      []string // the whole environment
	UID, GID int      // 0 leaves the user as it is
	Umask    int      // 0 leaves it
	Nice     int
	OneCPU   bool
	// FixedAddresses switches the kernel's address space layout randomization off.
	FixedAddresses bool
	Hostname       string
	// Disorderfs is the program that shows the directory Disorder, at its own place, in random orders.
	Disorderfs, Disorder string

	Args []string // of mini
}

// command is mini once more, in these surroundings. It and all below it end with this process.
func (s *surroundings) command(ctx context.Context) (*exec.Cmd, error) {
	text, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	return again(ctx, "surroundings", string(text)), nil
}

// again runs this program, even if its file has been replaced since, or lies where another user can't reach it.
func again(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "/proc/self/exe", args...)
	cmd.Args[0] = "mini"
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	return cmd
}

// surroundingsCommand is the process in between.
func (a *app) surroundingsCommand(*pflag.FlagSet) func(context.Context, []string) error {
	return func(ctx context.Context, args []string) error {
		var s surroundings
		if len(args) != 1 {
			return usagef("surroundings: want one argument")
		}
		if err := json.Unmarshal([]byte(args[0]), &s); err != nil {
			return usagef("surroundings: %v", err)
		}
		// Namespaces, priorities, processors and personalities belong to a thread, and a child has those of the thread
		// that starts it. What dies with its parent dies with that thread, too: so nothing here leaves it.
		runtime.LockOSThread()
		if err := s.takeOn(ctx); err != nil {
			return fmt.Errorf("mini: %w", err)
		}
		cmd := again(ctx, s.Args...)
		cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = s.Dir, s.Env, a.stdout, a.stderr
		if s.UID != 0 {
			cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(s.UID), Gid: uint32(s.GID)}
		}
		err := cmd.Run()
		if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && exit.ExitCode() > 0 {
			return exitStatus(exit.ExitCode())
		}
		return err
	}
}

func (s *surroundings) takeOn(ctx context.Context) error {
	if s.Hostname != "" {
		if err := unix.Unshare(unix.CLONE_NEWUTS); err != nil {
			return fmt.Errorf("a host name of its own: %w", err)
		}
		if err := unix.Sethostname([]byte(s.Hostname)); err != nil {
			return fmt.Errorf("host name %s: %w", s.Hostname, err)
		}
	}
	if s.Disorderfs != "" {
		if err := s.disorder(ctx); err != nil {
			return fmt.Errorf("disorderfs: %w", err)
		}
	}
	if s.Umask != 0 {
		unix.Umask(s.Umask)
	}
	if s.OneCPU {
		if err := onFirstCPU(); err != nil {
			return fmt.Errorf("one processor: %w", err)
		}
	}
	if s.Nice != 0 {
		if err := unix.Setpriority(unix.PRIO_PROCESS, 0, s.Nice); err != nil {
			return fmt.Errorf("priority %d: %w", s.Nice, err)
		}
	}
	if s.FixedAddresses {
		const addrNoRandomize = 0x0040000 // personality(2)
		if _, _, errno := unix.Syscall(unix.SYS_PERSONALITY, addrNoRandomize, 0, 0); errno != 0 {
			return fmt.Errorf("fixed addresses: %w", errno)
		}
	}
	return nil
}

// onFirstCPU stays on the first processor that this thread may use.
func onFirstCPU() error {
	var may, one unix.CPUSet
	if err := unix.SchedGetaffinity(0, &may); err != nil {
		return err
	}
	for cpu := 0; ; cpu++ {
		if may.IsSet(cpu) {
			one.Set(cpu)
			return unix.SchedSetaffinity(0, &one)
		}
	}
}

// disorder mounts a shuffled view of a directory over it, in a mount namespace of this thread's own, so that it is gone
// with it.
func (s *surroundings) disorder(ctx context.Context) error {
	if err := unix.Unshare(unix.CLONE_NEWNS); err != nil {
		return err
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return err
	}
	// disorderfs opens what it shows by its path: mounted over that path it would wait for itself for ever.
	behind := s.Disorder + "-behind"
	if err := os.Mkdir(behind, 0o755); err != nil {
		return err
	}
	if err := unix.Mount(s.Disorder, behind, "", unix.MS_BIND, ""); err != nil {
		return err
	}
	before, err := device(s.Disorder)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, s.Disorderfs, "-f", "-q", "--multi-user=yes", "--shuffle-dirents=yes", "-o", "nonempty", behind, s.Disorder)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		if now, err := device(s.Disorder); err == nil && now != before {
			return nil
		}
		select {
		case err := <-ended:
			return fmt.Errorf("it ended at once: %w", err)
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func device(path string) (uint64, error) {
	var st unix.Stat_t
	err := unix.Stat(filepath.Clean(path), &st)
	return uint64(st.Dev), err
}
