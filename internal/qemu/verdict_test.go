package qemu

import (
	"errors"
	"os/exec"
	"strings"
	"testing"
	"time"
)

func TestJudge(t *testing.T) {
	const endOfPanic = "---[ end Kernel panic - not syncing: x ]---\n"
	failed := errors.New("exit status 1")
	tests := []struct {
		name    string
		console string
		e       evidence
		ended   string
		verdict Verdict
		text    string // in the message
	}{
		{name: "restart", console: "[    1.0] reboot: Restarting system\n[    1.1] reboot: machine restart\n", ended: "restart"},
		{name: "restart behind a prompt", console: "guest:~ # [    1.0] reboot: Restarting system\n", ended: "restart"},
		{name: "power off", console: "[    1.000000] reboot: Power down\n", ended: "poweroff"},
		{name: "old kernel", console: "Restarting system.\n", ended: "restart"},
		{name: "halt, QEMU goes on", console: "[    1.000000][    T1] reboot: System halted\n", e: evidence{running: true}, ended: "halt"},
		{name: "halt for want of power off", console: "[    1.000000] reboot: Power off not available: System halted instead\n", e: evidence{running: true}, ended: "halt"},
		{name: "a program says halted, then goes on", console: "reboot: System halted\nmore\n", e: evidence{running: true, hit: silenceLimit, booted: true}, verdict: Hang},
		{name: "text of a log is no end", console: "kern.log: reboot: Restarting system\n", verdict: Reset},
		{name: "reset", console: "[    1.0] fine so far\n", verdict: Reset, text: "fine so far"},
		{name: "reset at once", verdict: Reset, text: "before it said anything"},
		{name: "panic and exit", console: "Kernel panic - not syncing: Fatal exception\n", verdict: Panic, text: "Fatal exception"},
		{name: "panic and silence", console: "[  1.0] Kernel panic - not syncing: Foo\ntrace\n" + endOfPanic, e: evidence{running: true}, verdict: Panic, text: "Foo"},
		{name: "panic behind text without newline", console: "last words[  1.0] Kernel panic - not syncing: Foo\n" + endOfPanic, e: evidence{running: true}, verdict: Panic},
		{name: "a fault in the kernel", console: "[    1.0] BUG: kernel NULL pointer dereference, address: 0\n[ 1.1] Kernel panic - not syncing: Fatal exception\n", verdict: Panic, text: "BUG: kernel NULL pointer"},
		{name: "an instruction that isn't one", console: "[    1.0] invalid opcode: 0000 [#1] NOPTI\n[ 1.1] Kernel panic - not syncing: Fatal exception\n", verdict: Panic, text: "after a fault in itself: [    1.0] invalid opcode"},
		{name: "init ended", console: "Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000300\n", verdict: Panic, text: "ended with status 3"},
		{name: "init lacks a command", console: "Kernel panic - not syncing: Attempted to kill init! exitcode=0x00007f00\n", verdict: Panic, text: "is missing"},
		{name: "init crashed", console: "Kernel panic - not syncing: Attempted to kill init! exitcode=0x0000000b\n", verdict: Panic, text: "signal 11"},
		{name: "init is for another CPU", console: "Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000004\n", verdict: Panic, text: "newer CPU"},
		{name: "no init", console: "Kernel panic - not syncing: No working init found.  Try passing init= option to kernel.\n", verdict: NoInit, text: "/init"},
		{name: "init without its loader", console: "[    1.0] Failed to execute /init (error -2)\n[  1.0] Kernel panic - not syncing: No working init found.\n", verdict: NoInit, text: "loader"},
		{name: "init for another CPU", console: "[    1.0] Failed to execute /init (error -8)\n[  1.0] Kernel panic - not syncing: No working init found.\n", verdict: NoInit, text: "another CPU"},
		{name: "a shell in place of init", console: "[    1.0] Failed to execute /init (error -2)\n[    3.0] Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000000\n", verdict: NoInit, text: "(error -2): the file, the interpreter"},
		{name: "init= is wrong", console: "Kernel panic - not syncing: Requested init /x failed (error -13).\n", verdict: NoInit, text: "not executable"},
		{name: "no root", console: "Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)\n", verdict: NoInit},
		{name: "out of memory", console: "Kernel panic - not syncing: System is deadlocked on memory\n", verdict: OOM},
		{name: "initramfs too big", console: "[    1.0] Initramfs unpacking failed: write error\nKernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)\n", verdict: OOM, text: "unpacking failed"},
		{name: "out of memory, then silence", console: "[    1.0] Out of memory: Killed process 3 (sh)\n", e: evidence{running: true, hit: silenceLimit}, verdict: OOM},
		{name: "init aborts", console: "Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000006\n", verdict: Panic, text: "ended itself"},
		{name: "init can't be executed", console: "Kernel panic - not syncing: Attempted to kill init! exitcode=0x00007e00\n", verdict: Panic, text: "status 126"},
		{name: "init ended for want of memory", console: "Out of memory: Killed process 1 (init)\nKernel panic - not syncing: Attempted to kill init! exitcode=0x00000009\n", verdict: OOM, text: "Killed process 1"},
		{name: "init met a fault of the kernel", console: "BUG: kernel NULL pointer dereference, address: 0\nKernel panic - not syncing: Attempted to kill init! exitcode=0x00000009\n", verdict: Panic, text: "by a fault of the kernel: BUG"},
		{name: "no disk", console: "Kernel panic - not syncing: VFS: Unable to mount root fs on \"/dev/sda1\" or unknown-block(0,0)\n", verdict: NoInit, text: "names no disk"},
		{name: "no filesystem", console: "Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(254,0)\n", verdict: NoInit, text: "CONFIG_EXT4_FS"},
		{name: "no unpacker", console: "[    1.0] Initramfs unpacking failed: compression method zstd not configured\nKernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)\n", verdict: NoInit, text: "zstd not configured: the archive is damaged, or packed in a way"},
		{name: "no unpacker for the built-in one", console: "Kernel panic - not syncing: compression method xz not configured\n", verdict: NoInit, text: "CONFIG_RD_"},
		{name: "no memory to unpack", console: "[    0.3] Mem-Info:\n[    0.3] active_anon:0 inactive_anon:0\n[    0.3] Kernel panic - not syncing: L*\xefL\n", verdict: OOM, text: "Mem-Info"},
		{name: "memory was short and it went on", console: "[    0.3] sh: page allocation failure: order:4\n[    0.3] Mem-Info:\n/ # ", e: evidence{running: true, hit: silenceLimit, booted: true}, verdict: Hang},
		{name: "nobody left to kill", console: "Kernel panic - not syncing: Out of memory and no killable processes...\n", verdict: OOM},
		{name: "the stack", console: "Kernel panic - not syncing: stack-protector: Kernel stack is corrupted in: foo_probe+0x12/0x40\n", verdict: Panic, text: "beyond its own part of the stack"},
		{name: "timer", console: "Kernel panic - not syncing: IO-APIC + timer doesn't work!  Boot with apic=debug\n", verdict: Panic, text: "no_timer_check"},
		{name: "a fault, then silence", console: "[    1.0] BUG: unable to handle page fault for address: f\n[    1.0] more\n", e: evidence{running: true, hit: silenceLimit}, verdict: Hang, text: "after a fault in its kernel: [    1.0] BUG"},
		{name: "another program for init, then silence", console: "[    1.0] Failed to execute /init (error -8)\n[    1.0] Run /bin/sh as init process\n", e: evidence{running: true, hit: silenceLimit}, verdict: Hang, text: "another CPU"},
		{name: "a port that is taken", e: evidence{exit: failed, stderr: []string{"-netdev user,id=net0: Could not set up host forwarding rule 'tcp:127.0.0.1:22-:22'"}}, verdict: Emulator, text: "another program has that port"},
		{name: "a file that is missing", e: evidence{exit: failed, stderr: []string{"-drive file=a: Could not open 'a': No such file or directory"}}, verdict: Emulator, text: "relative path"},
		{name: "a disk in use", e: evidence{exit: failed, stderr: []string{"-drive file=a: Failed to get \"write\" lock"}}, verdict: Emulator, text: "another machine"},
		{name: "nothing at all", e: evidence{running: true, hit: silenceLimit, after: 60 * time.Second}, verdict: HangBeforeConsole, text: "60 s"},
		{name: "no prompt", console: "login: ", e: evidence{running: true, hit: silenceLimit}, verdict: Hang, text: "login:"},
		{name: "no console for init", console: "[    1.0] Warning: unable to open an initial console.\n[ 1.1] random: crng init done\n", e: evidence{running: true, hit: silenceLimit}, verdict: Hang, text: "/dev/console"},
		{name: "later silence", console: "/ # ", e: evidence{running: true, hit: silenceLimit, booted: true}, verdict: Hang},
		{name: "too long", console: "tick\n", e: evidence{running: true, hit: totalLimit, after: 90 * time.Second}, verdict: Timeout, text: "90 s: tick"},
		{name: "a word of panic, then life", console: "$ grep Kernel panic - not syncing log\nmore\n", e: evidence{running: true, hit: totalLimit}, verdict: Timeout},
		{name: "QEMU fails", e: evidence{exit: failed, stderr: []string{"-foo: warning: deprecated", "unsupported machine type: foo", "Use -machine help"}}, verdict: Emulator, text: "unsupported machine type"},
		{name: "no KVM", e: evidence{exit: failed, stderr: []string{"Could not access KVM kernel module"}}, verdict: Emulator, text: "tcg"},
		{name: "KVM stops the guest", e: evidence{running: true, hit: silenceLimit, stderr: []string{"KVM internal error. Suberror: 1"}}, verdict: Emulator, text: "tcg"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := test.e
			s := screen{newline: e.clues.line}
			s.write([]byte(strings.ReplaceAll(test.console, "\n", "\r\n")))
			e.clues.output, e.partial = test.console != "", s.partial()
			ended, failure := judge(e)
			if failure == nil {
				failure = &GuestError{}
			}
			if ended != test.ended || failure.Verdict != test.verdict {
				t.Errorf("ended %q, verdict %q (%v), want %q, %q", ended, failure.Verdict, failure, test.ended, test.verdict)
			}
			if !strings.Contains(failure.Error(), test.text) {
				t.Errorf("%q does not say %q", failure, test.text)
			}
			if strings.Contains(failure.Error(), "\n") {
				t.Errorf("%q has more than one line", failure)
			}
		})
	}
}

func TestDead(t *testing.T) {
	tests := []struct {
		console string
		want    bool
	}{
		{"[  1.0] Kernel panic - not syncing: x\n", false}, // the trace is still to come
		{"[  1.0] Kernel panic - not syncing: x\n[ 1.0] ---[ end Kernel panic - not syncing: x ]---\n", true},
		{"[  1.0] Kernel panic - not syncing: x\n[ 1.0] Rebooting in 5 seconds..\n", true},
		{"Kernel panic - not syncing: x\n---[ end Kernel panic - not syncing: x ]---\n/ # ", false}, // somebody looked at a log
		{"Kernel panic - not syncing: x\n---[ end Kernel panic - not syncing: x ]---\nmore\n", false},
		{"reboot: Power down\n", true},
		{"reboot: Power down\nsh: still here\n", false},
	}
	for _, test := range tests {
		var c clues
		s := screen{newline: c.line}
		s.write([]byte(test.console))
		if got := c.dead(s.partial()); got != test.want {
			t.Errorf("%q: dead %v, want %v", test.console, got, test.want)
		}
	}
}

func TestAliveForgetsThePanic(t *testing.T) {
	var c clues
	c.line("Kernel panic - not syncing: x")
	c.line("reboot: Power down")
	c.alive()
	if _, failure := judge(evidence{clues: c}); failure == nil || failure.Verdict != Reset {
		t.Errorf("verdict %v, want a reset", failure)
	}
}

func TestExitText(t *testing.T) {
	err := exec.Command("sh", "-c", "kill -9 $$").Run()
	if got := exitText(err); got != "killed by signal 9, killed" {
		t.Errorf("got %q", got)
	}
}

func TestTail(t *testing.T) {
	var s tail
	for range 1000 {
		s.Write([]byte("qemu-system-i386: -foo: invalid option\n"))
	}
	s.Write([]byte("qemu-system-i386: terminating on signal 15 from pid 1\n"))
	lines := s.lines()
	if len(s.kept) > tailSize || lines[len(lines)-1] != "-foo: invalid option" {
		t.Errorf("%d bytes kept, last line %q", len(s.kept), lines[len(lines)-1])
	}
}
