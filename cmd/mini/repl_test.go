package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestReplAtTerminal types at a real pseudo-terminal: names are completed, earlier lines come back, and what stands on
// several lines is asked for.
func TestReplAtTerminal(t *testing.T) {
	script := filepath.Join(t.TempDir(), "main.star")
	if err := os.WriteFile(script, []byte("greeting = \"hello\"\nlinux = kernel(\"6.1\")\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	master, terminal := openTerminal(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "repl", script)
	cmd.Args[0] = "mini"
	cmd.Stdin, cmd.Stdout, cmd.Stderr = terminal, terminal, terminal
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	terminal.Close()
	var mu sync.Mutex
	shown := ""
	go func() {
		buf := make([]byte, 4096)
		for {
			n, err := master.Read(buf)
			mu.Lock()
			shown += string(buf[:n])
			mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	for _, step := range []struct{ keys, want string }{
		{"", ">>> "},
		{"gree\t\r", "\"hello\"\r\n"},
		{"linux.\t", "config  image  version"},
		{"ver\t\r", "\"6.1\"\r\n"},
		{"def f(x):\r", "... "},
		{"\treturn x * 2\r", "... "},
		{"\r", ">>> "},
		{"f(21)\r", "42\r\n"},
		{"print(\"one\")\r", "one\r\n"},
		{"\x1b[A\x1b[A\r", "42\r\n"}, // the line before the last
		{"nope\r", "undefined: nope\r\n    nope\r\n    ^\r\n"},
	} {
		if _, err := master.WriteString(step.keys); err != nil {
			t.Fatal(err)
		}
		deadline := time.Now().Add(20 * time.Second)
		for {
			mu.Lock()
			_, rest, found := strings.Cut(shown, step.want)
			if found {
				shown = rest
			}
			seen := shown
			mu.Unlock()
			if found {
				break
			}
			if time.Now().After(deadline) {
				_ = cmd.Process.Kill()
				t.Fatalf("after %q there is no %q in %q", step.keys, step.want, seen)
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
	if _, err := master.WriteString("\x04"); err != nil { // Ctrl-D
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

// openTerminal returns the two ends of a new pseudo-terminal.
func openTerminal(t *testing.T) (master, terminal *os.File) {
	t.Helper()
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Skip("this machine gives no pseudo-terminal: ", err)
	}
	master = os.NewFile(uintptr(fd), "ptmx")
	t.Cleanup(func() { master.Close() })
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	terminal, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("/dev/pts isn't mounted for this process: ", err)
	}
	return master, terminal
}
