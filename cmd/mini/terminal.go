package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// onTerminal lends the person's terminal to a program: it makes a terminal for it, and passes keys, text and the window's
// size on. The program doesn't get the person's own, into which it could type commands that outlive it. The settings are
// restored on return, however that comes.
func (a *app) onTerminal(ctx context.Context, use func(ctx context.Context, terminal *os.File) error) error {
	ours, theirs, err := pty.Open()
	if err != nil {
		return err
	}
	defer ours.Close()
	defer theirs.Close()
	fd := int(a.stdin.Fd())
	resize := func() { _ = pty.InheritSize(a.stdin, ours) } // without one it is 0 by 0, and programs take 80 by 24
	resize()
	resized := make(chan os.Signal, 1)
	signal.Notify(resized, syscall.SIGWINCH)
	defer signal.Stop(resized)

	before, err := term.MakeRaw(fd)
	if err != nil {
		return err
	}
	defer term.Restore(fd, before)
	ctx, gone := context.WithCancelCause(ctx)
	defer gone(nil)
	keys, stopKeys, err := readKeys(fd)
	if err != nil {
		return err
	}
	defer stopKeys()
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-resized:
				resize()
			case k, more := <-keys:
				if !more {
					gone(errors.New("the terminal is gone"))
					return
				}
				if _, err := ours.Write(k); err != nil {
					return // nobody reads it any more
				}
			}
		}
	}()
	shown := make(chan struct{})
	go func() {
		defer close(shown)
		_, _ = io.Copy(a.screen(), ours) // it ends when nobody has the other end any more
	}()
	err = use(ctx, theirs)
	theirs.Close()
	<-shown
	if err != nil { // what was killed has not tidied up: back to the main screen, with a cursor and without colours
		_, _ = io.WriteString(a.screen(), "\x1b[?1049l\x1b[?25h\x1b[0m\r\n\x1b[J")
	}
	return err
}

// screen is where a program that has the terminal shows: the standard output, unless that goes elsewhere.
func (a *app) screen() io.Writer {
	if f, ok := a.stdout.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return f
	}
	if term.IsTerminal(int(a.stderr.Fd())) {
		return a.stderr
	}
	return a.stdin
}

// readKeys reads from a terminal until it is stopped or the terminal is gone, which closes the channel. What is typed after
// the stop stays for the shell.
func readKeys(fd int) (keys <-chan []byte, stop func(), err error) {
	wake, stopped, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	all, done := make(chan []byte), make(chan struct{})
	go func() {
		defer close(all)
		defer wake.Close()
		fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}, {Fd: int32(wake.Fd()), Events: unix.POLLIN}}
		buf := make([]byte, 1024)
		for {
			if _, err := unix.Poll(fds, -1); errors.Is(err, unix.EINTR) {
				continue
			} else if err != nil || fds[1].Revents != 0 {
				return
			}
			n, err := unix.Read(fd, buf)
			if errors.Is(err, unix.EINTR) || errors.Is(err, unix.EAGAIN) {
				continue
			}
			if err != nil || n <= 0 {
				return
			}
			select {
			case all <- append([]byte{}, buf[:n]...):
			case <-done:
				return
			}
		}
	}()
	return all, func() { close(done); stopped.Close() }, nil
}

// terminalEnv are settings of the terminal that a program in a sandbox is told. It sees the descriptions of terminals
// that the system has, and none that lies in somebody's home.
func (a *app) terminalEnv(more ...string) []string {
	name := a.env("TERM")
	if !describedTerminal(name) {
		name = "xterm"
	}
	env := []string{"TERM=" + name}
	for _, n := range more {
		if v := a.env(n); v != "" {
			env = append(env, n+"="+v)
		}
	}
	return env
}

func describedTerminal(name string) bool {
	if name == "" || filepath.Base(name) != name {
		return false
	}
	for _, dir := range []string{"/usr/share/terminfo", "/lib/terminfo", "/usr/lib/terminfo"} {
		if _, err := os.Stat(filepath.Join(dir, name[:1], name)); err == nil {
			return true
		}
	}
	return false
}
