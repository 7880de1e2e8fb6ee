package qemu

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestKilledParentLeavesNoQEMU kills, with SIGKILL, a process that runs a
// guest. The process is this test binary, started once more.
func TestKilledParentLeavesNoQEMU(t *testing.T) {
	const key = "QEMU_TEST_PROGRAM"
	if program := os.Getenv(key); program != "" {
		_, _ = Feed(context.Background(), Machine{Program: program}, IO{Stdout: os.Stdout}, Limits{})
		return
	}
	program := filepath.Join(t.TempDir(), "qemu-system-fake")
	writeProgram(t, program, "echo pid $$; exec sleep 1000")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	parent := exec.Command(self, "-test.run=^TestKilledParentLeavesNoQEMU$")
	parent.Env = append(os.Environ(), key+"="+program)
	stdout, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	pid, ok := strings.CutPrefix(strings.TrimSpace(line), "pid ")
	if err != nil || !ok {
		t.Fatalf("the guest said %q, %v", line, err)
	}
	if running(pid) == "" {
		t.Fatal("the guest does not run")
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait()
	for range 200 {
		if running(pid) == "" {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("the guest goes on: %s", running(pid))
}

// running returns the state of a process, or "" if it is gone or a zombie.
func running(pid string) string {
	stat, err := os.ReadFile(filepath.Join("/proc", pid, "stat"))
	if err != nil || strings.Contains(string(stat), ") Z ") {
		return ""
	}
	return string(stat)
}

func TestStopIsHeard(t *testing.T) {
	t.Parallel()
	p, err := start([]string{"sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1; done"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.output.Read(make([]byte, 10)); err != nil {
		t.Fatal(err)
	}
	p.stop()
	p.stop() // twice is once
	select {
	case <-p.done:
	default:
		t.Error("a program that ignores SIGTERM goes on")
	}
}

// TestGuestThatDoesNotRead types more than any pipe holds.
func TestGuestThatDoesNotRead(t *testing.T) {
	t.Parallel()
	m := fakeGuest(t, "printf '# '; sleep 1; yes | head -c 1000000; echo reboot: Power down")
	got, err := Feed(t.Context(), m, IO{Stdin: strings.NewReader(strings.Repeat("x", 1<<20))}, generous)
	if err != nil || got.Ended != "poweroff" {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestHeldStderrIsNoFailure has a child keep QEMU's standard error open, as a busy machine does: QEMU itself ended well.
func TestHeldStderrIsNoFailure(t *testing.T) {
	t.Parallel()
	p, err := start([]string{"sh", "-c", "sleep 30 </dev/null >/dev/null & echo $!"})
	if err != nil {
		t.Fatal(err)
	}
	pid := make([]byte, 10)
	n, err := p.output.Read(pid)
	if err != nil {
		t.Fatal(err)
	}
	<-p.done
	if running(strings.TrimSpace(string(pid[:n]))) == "" {
		t.Fatal("the child did not outlive it")
	}
	if err := syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL); err != nil { // the child
		t.Error(err)
	}
	if p.err != nil {
		t.Errorf("a QEMU that ended with 0: %v", p.err)
	}
	p.stop()
}
