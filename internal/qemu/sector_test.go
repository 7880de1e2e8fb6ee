package qemu

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// sector assembles a boot sector that first says text on the serial port, then
// goes on with code, and returns a machine that boots it with the real QEMU.
func sector(t *testing.T, text, code string) Machine {
	t.Helper()
	program := ""
	for _, name := range []string{"qemu-system-i386", "qemu-system-x86_64"} {
		if path, err := exec.LookPath(name); err == nil {
			program = path
			break
		}
	}
	if program == "" {
		t.Skip("neither qemu-system-i386 nor qemu-system-x86_64 is installed")
	}
	for _, tool := range []string{"as", "objcopy"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s (binutils) is not installed", tool)
		}
	}
	dir, err := os.MkdirTemp("", "sector") // no subtest's name in it: QEMU splits at commas
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	source := `
	.code16
	.globl _start
_start:	cli
	xor %ax, %ax
	mov %ax, %ds
	mov %ax, %ss
	mov $0x7c00, %sp
	call base
base:	pop %si
	add $(text - base), %si
	call say
` + code + `
stop:	hlt
	jmp stop
# say prints the string at %si.
say:	mov $0x3fd, %dx
	in %dx, %al
	test $0x20, %al
	jz say
	mov $0x3f8, %dx
	lodsb
	test %al, %al
	jz said
	out %al, %dx
	jmp say
said:	ret
text:	.asciz "` + strings.NewReplacer("\n", `\r\n`, `"`, `\"`).Replace(text) + `"
	.org 510
	.word 0xaa55
`
	asm, object, image := filepath.Join(dir, "a.s"), filepath.Join(dir, "a.o"), filepath.Join(dir, "a.img")
	writeFile(t, asm, source, 0o644)
	for _, argv := range [][]string{
		{"as", "--32", "-o", object, asm},
		{"objcopy", "-O", "binary", "-j", ".text", object, image},
	} {
		if out, err := exec.Command(argv[0], argv[1:]...).CombinedOutput(); err != nil {
			if strings.Contains(string(out), "--32") {
				t.Skip("this assembler is not for x86")
			}
			t.Fatalf("%v: %v\n%s", argv, err, out)
		}
	}
	if err := os.Truncate(image, 1440<<10); err != nil {
		t.Fatal(err)
	}
	return Machine{
		Program: program, Type: "pc", Accel: "tcg", Memory: 16,
		// The pid file tells which QEMU must be gone afterwards.
		Args: []string{"-drive", "if=floppy,format=raw,file=" + image, "-pidfile", filepath.Join(dir, "pid")},
	}
}

const (
	reset = "	mov $0xfe, %al\n	out %al, $0x64\n" // by the keyboard controller
	crash = "	lidt nothing\n	int3\nnothing:	.word 0, 0, 0\n"
	again = "	mov $0x7c00, %si\n	jmp _start\n"
	// read waits for one byte from the serial port.
	read = "wait:	mov $0x3fd, %dx\n	in %dx, %al\n	test $1, %al\n	jz wait\n	mov $0x3f8, %dx\n	in %dx, %al\n"
)

// TestVerdictsOfRealMachines boots guests that die in the ways there are, and
// looks that each gets its verdict and that no QEMU is left. All run at once:
// most of them do nothing.
func TestVerdictsOfRealMachines(t *testing.T) {
	t.Parallel()
	panicked := "[    1.0] Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000100\n"
	end := "[    1.0] ---[ end Kernel panic - not syncing: Attempted to kill init! ]---\n"
	endless := Limits{Boot: 60 * time.Second, Total: 60 * time.Second} // it must end for another reason
	brief := Limits{Boot: 3 * time.Second, Total: 60 * time.Second}
	total := Limits{Boot: 60 * time.Second, Total: 3 * time.Second}
	const command, feed = true, false
	tests := []struct {
		name, text, code string
		mode             bool
		limits           Limits
		verdict          Verdict
		ended            string
	}{
		{"panic that stops", panicked + end, "", command, endless, Panic, ""},
		{"panic that stops, fed", panicked + end, "", feed, endless, Panic, ""},
		{"panic that resets", panicked, reset, command, endless, Panic, ""},
		{"silence", "", "", command, brief, HangBeforeConsole, ""},
		{"silence after words", "Loading\n", "", feed, brief, Hang, ""},
		{"triple fault", "Loading\n", crash, command, endless, Reset, ""},
		{"triple fault, fed", "Loading\n", crash, feed, endless, Reset, ""},
		{"restart before a prompt", "reboot: Restarting system\n", reset, command, endless, Ended, "restart"},
		{"restart before a prompt, fed", "reboot: Restarting system\n", reset, feed, endless, Ended, "restart"},
		{"halt before a prompt", "reboot: System halted\n", "", feed, endless, Ended, "halt"},
		{"prompt then triple fault", "# ", read + crash, command, endless, Reset, ""},
		{"prompt then triple fault, fed", "# ", read + crash, feed, endless, Reset, ""},
		{"prompt with nobody behind", "# ", "", command, brief, Hang, ""},
		{"prompt with nobody behind, fed", "# ", "", feed, total, Timeout, ""},
		{"flood", "y\n", again, command, total, Timeout, ""},
	}
	together(len(tests), func(i int) {
		test := tests[i]
		t.Run(test.name, func(t *testing.T) {
			m := sector(t, test.text, test.code)
			said := strings.ReplaceAll(test.text, "\n", "\r\n")
			patiently(func(scale time.Duration, last bool) bool {
				var log bytes.Buffer
				streams := IO{Stdin: strings.NewReader("x\n"), Console: &log}
				var got Outcome
				var err error
				if test.mode == command {
					got, err = Command(t.Context(), m, []string{"true"}, streams, test.limits.times(scale))
				} else {
					got, err = Feed(t.Context(), m, streams, test.limits.times(scale))
				}
				gone(t, m)
				if !strings.HasPrefix(log.String(), said) && !last {
					return false
				}
				var failure *GuestError
				if !errors.As(err, &failure) || failure.Verdict != test.verdict || got.Ended != test.ended {
					t.Errorf("%v, ended %q, want %s, %q\n%.300s", err, got.Ended, test.verdict, test.ended, log.String())
				}
				if !strings.HasPrefix(log.String(), said) {
					t.Errorf("the console log is %.300q", log.String())
				}
				return true
			})
		})
	})
}

// gone fails if the QEMU of m still runs.
func gone(t *testing.T, m Machine) {
	t.Helper()
	pid, err := os.ReadFile(m.Args[len(m.Args)-1])
	if err != nil {
		return // QEMU removes the file when it ends in order
	}
	if state := running(strings.TrimSpace(string(pid))); state != "" {
		t.Errorf("QEMU is left behind: %s", state)
	}
}

func TestQEMUItselfFails(t *testing.T) {
	m := sector(t, "", "")
	m.Type = "no-such-board"
	_, err := Feed(t.Context(), m, IO{}, Limits{})
	var failure *GuestError
	if !errors.As(err, &failure) || failure.Verdict != Emulator || !strings.Contains(err.Error(), "machine type") {
		t.Errorf("a wrong board: %v", err)
	}
	m.Program = filepath.Join(t.TempDir(), "qemu-system-none")
	_, err = Command(t.Context(), m, []string{"true"}, IO{}, Limits{})
	if !errors.As(err, &failure) || failure.Verdict != Emulator || !strings.Contains(err.Error(), "there is no "+m.Program) {
		t.Errorf("no program: %v", err)
	}
}

func TestCancelEndsQEMU(t *testing.T) {
	m := sector(t, "Loading\n", "")
	ctx, cancel := context.WithCancel(t.Context())
	_, err := Feed(ctx, m, IO{Console: writerFunc(func(p []byte) (int, error) {
		cancel()
		return len(p), nil
	})}, Limits{})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	gone(t, m)
}

type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// TestProbe runs the guest of KVMWorks under software emulation, where it must
// be heard.
func TestProbe(t *testing.T) {
	m := sector(t, "", "")
	if !probe(t.Context(), m.Program, "tcg") {
		t.Error("the probe's guest gave no sign under emulation")
	}
	if probe(t.Context(), m.Program, "no-such-accelerator") {
		t.Error("a QEMU that fails counts as a guest")
	}
	if KVMWorks(t.Context(), "/usr/bin/qemu-system-riscv64") {
		t.Error("there is no guest for riscv64, so the answer is no")
	}
}
