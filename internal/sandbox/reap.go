package sandbox

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// reapUntil waits for children, the action's orphans among them, until pid has ended.
func reapUntil(pid int) (unix.WaitStatus, error) {
	for {
		var status unix.WaitStatus
		got, err := unix.Wait4(-1, &status, 0, nil)
		switch {
		case err == unix.EINTR:
		case err != nil:
			return 0, fmt.Errorf("waiting for the command: %w", err)
		case got == pid:
			return status, nil
		}
	}
}

// killNamespace ends all other processes of the PID namespace. Outputs must not change while they are read.
func killNamespace() error {
	if err := mustBeAlone(); err != nil {
		return err // kill(-1) would reach the whole host
	}
	if err := unix.Kill(-1, unix.SIGKILL); err != nil && err != unix.ESRCH {
		return os.NewSyscallError("kill", err)
	}
	for {
		if _, err := unix.Wait4(-1, nil, 0, nil); err == unix.ECHILD {
			return nil
		} else if err != nil && err != unix.EINTR {
			return os.NewSyscallError("wait4", err)
		}
	}
}

// killDescendants ends all children of this process and theirs. Every orphan becomes our child, so none hides for good;
// but one may be born between the look and the kill. Hence stop them all before killing any, and look again until there
// are none. Who may not be signalled (it became another user) is left alone, and after killRounds so is the rest.
func killDescendants() error {
	self := os.Getpid()
	for range killRounds {
		left := 0
		pids := descendants(self)
		for _, sig := range []unix.Signal{unix.SIGSTOP, unix.SIGKILL} {
			left = 0
			for _, pid := range pids {
				if unix.Kill(pid, sig) == nil {
					left++
				}
			}
		}
		reapDead()
		if left == 0 {
			return nil
		}
		time.Sleep(time.Millisecond) // to die takes the kernel a moment
	}
	return nil
}

// killRounds are a few seconds: for what sleeps in the kernel and dies when a disk has answered.
const killRounds = 5000

// reapDead takes the exit status of all children that are dead already. Another goroutine may be in reapUntil; which of
// the two gets a child does not matter, as nobody asks for the status any more.
func reapDead() {
	for {
		pid, err := unix.Wait4(-1, nil, unix.WNOHANG, nil)
		if err != unix.EINTR && (err != nil || pid <= 0) {
			return
		}
	}
}

// descendants returns the processes below pid, parents before their children. Zombies are among them: a process whose
// first thread ended looks like one and runs on.
func descendants(pid int) []int {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	children := map[int][]int{}
	for _, e := range entries {
		id, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if parent := parentOf(id); parent > 0 {
			children[parent] = append(children[parent], id)
		}
	}
	list := children[pid]
	for i := 0; i < len(list); i++ {
		list = append(list, children[list[i]]...)
	}
	return list
}

// parentOf reads the fourth field of /proc/PID/stat (proc_pid_stat(5)), 0 if there is none. The second is the program's
// name in brackets, which may itself contain brackets and spaces.
func parentOf(pid int) int {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0
	}
	f := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	if len(f) < 2 {
		return 0
	}
	parent, _ := strconv.Atoi(f[1])
	return parent
}

func signalName(n int) string {
	if name := unix.SignalName(unix.Signal(n)); name != "" {
		return name
	}
	return fmt.Sprintf("signal %d", n)
}
