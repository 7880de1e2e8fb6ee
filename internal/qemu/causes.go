package qemu

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"syscall"
)

// cause is what a kernel's reason for a panic mostly comes of. The records are tried in their order.
type cause struct {
	reason  *regexp.Regexp // behind "Kernel panic - not syncing: "
	verdict Verdict
	what    string // "": that it panicked
	hint    string
}

const (
	noProgram = "the guest's kernel found no program to start"
	faultHint = "a fault in the kernel is mostly a driver's, or of code for another machine or CPU: the console log has the registers and the call trace"
)

// Texts of init/main.c, init/do_mounts.c, init/initramfs.c, mm/oom_kill.c, mm/memblock.c, kernel/panic.c, kernel/exit.c,
// kernel/hung_task.c, kernel/watchdog.c, kernel/rcu/tree_stall.h, drivers/tty/sysrq.c, arch/x86/kernel/apic/io_apic.c and
// arch/*/kernel/traps.c.
var causes = []cause{
	{regexp.MustCompile(`(?i)out of memory|deadlocked on memory|panic_on_oom`), OOM, "", ""},
	// What panic_show_mem of the built-in initramfs says; 6.1 prints the reason from memory that it has freed.
	{regexp.MustCompile(`^write error|(?i:can't allocate|failed to allocate|cannot allocate|unable to allocate)`), OOM, "", ""},
	{regexp.MustCompile(`(?i)compression method \S+ not configured|invalid magic at start of compressed archive|decompressor failed|junk within compressed archive|broken padding|XZ-compressed data is corrupt`),
		NoInit, "the guest's kernel can't unpack its initramfs", "the kernel lacks the unpacker of this format (CONFIG_RD_GZIP, CONFIG_RD_ZSTD and so on), or the archive is damaged"},
	{regexp.MustCompile(`Unable to mount root fs via NFS`),
		NoInit, noProgram, "it looked for a root filesystem on the network: the server can't be reached, or the initramfs holds no executable /init"},
	{regexp.MustCompile(`Unable to mount root fs on .*unknown-block\(0,0\)`),
		NoInit, noProgram, "there is no initramfs with an executable /init, and root= names no disk that the kernel has a driver for; the initramfs is missing, or the kernel lacks CONFIG_BLK_DEV_INITRD or the archive's unpacker (CONFIG_RD_…)"},
	{regexp.MustCompile(`Unable to mount root fs`),
		NoInit, noProgram, "the kernel has the disk that root= names, but can't read what is on it: the driver of its filesystem is missing or a module (CONFIG_EXT4_FS=y and its like), or there is none on it"},
	{regexp.MustCompile(`No working init found|Requested init|No init found`),
		NoInit, noProgram, "the initramfs must hold an executable /init, whose interpreter and libraries it holds too"},
	{regexp.MustCompile(`stack-protector|corrupted stack end`), Panic, "", "a function of the kernel wrote beyond its own part of the stack: a driver's mistake, or code built by a compiler that the source doesn't fit"},
	{regexp.MustCompile(`IO-APIC \+ timer doesn't work`), Panic, "", `the emulated timer came too late, as on a host that is very busy: try again, or boot with cmdline = "no_timer_check"`},
	{regexp.MustCompile(`hung_task|softlockup|Hard LOCKUP|RCU Stall`), Panic, "", "a task or a processor of the guest did nothing for too long: a deadlock, or a host so busy that the guest got no time"},
	{regexp.MustCompile(`sysrq triggered crash`), Panic, "", "somebody wrote c to /proc/sysrq-trigger"},
	{regexp.MustCompile(`panic_on_warn`), Panic, "", "the warning is above that line in the console's log; panic_on_warn on the command line makes a panic of it"},
	{regexp.MustCompile(`Attempted to kill the idle task|Fatal exception|Fatal machine check|Asynchronous SError|Oops`), Panic, "", faultHint},
}

var initExit = regexp.MustCompile(`Attempted to kill init! exitcode=0x([0-9a-fA-F]+)`)

// judgePanic decodes a panic.
func judgePanic(c clues) *GuestError {
	_, reason, _ := strings.Cut(c.panicked, panicText)
	reason = strings.TrimLeft(reason, ": ")
	if g := judgeInit(c, reason); g != nil {
		return g
	}
	g := &GuestError{Verdict: Panic, Line: c.panicked, What: "the guest's kernel panicked"}
	for _, known := range causes {
		if !known.reason.MatchString(reason) {
			continue
		}
		g.Verdict, g.Hint = known.verdict, known.hint
		if known.what != "" {
			g.What = known.what
		}
		break
	}
	switch {
	case g.Verdict == OOM || c.oom != "":
		g = outOfMemory(c.panicked)
		if c.oom != "" {
			g.Line = c.oom
		}
	case c.fault == "" && c.short != "" && g.Verdict == Panic:
		g = outOfMemory(c.short + " … " + reason)
	case g.Verdict == NoInit:
		for _, earlier := range []string{c.unpack, c.init} {
			if earlier != "" {
				g.Line = earlier
			}
		}
		if c.unpack != "" && c.init == "" {
			g.Hint = unpackHint
		}
		if cause := errnoHint(g.Line); cause != "" {
			g.Hint = cause
		}
	case c.fault != "":
		g.What, g.Line, g.Places = "the guest's kernel panicked after a fault in itself", c.fault, c.places()
		if g.Hint == "" {
			g.Hint = faultHint
		}
	default:
		g.Places = c.places()
	}
	return g
}

const unpackHint = "the archive is damaged, or packed in a way for which the kernel has no unpacker (CONFIG_RD_GZIP, CONFIG_RD_ZSTD and so on)"

// judgeInit is for the panic that follows the end of process 1; nil for others.
func judgeInit(c clues, reason string) *GuestError {
	m := initExit.FindStringSubmatch(reason)
	switch {
	case m == nil:
		return nil
	case c.oom != "":
		return outOfMemory(c.oom)
	case c.init != "":
		// A kernel that can't start /init starts /bin/sh, if there is one. It
		// all looks well until that shell ends.
		return &GuestError{
			Verdict: NoInit, Line: c.init, Hint: errnoHint(c.init),
			What: "the guest's kernel could not start /init, and what it started instead has ended",
		}
	case c.fault != "":
		return &GuestError{
			Verdict: Panic, Line: c.fault, Places: c.places(), Hint: faultHint,
			What: "the guest's /init was ended by a fault of the kernel",
		}
	}
	g := &GuestError{Verdict: Panic, Line: c.panicked, What: "the guest's /init ended, and a Linux can't be without it"}
	if code, err := strconv.ParseUint(m[1], 16, 32); err == nil {
		g.What, g.Hint = initEnd(int(code))
	}
	return g
}

// initEnd explains the wait status that the kernel prints when process 1 ends.
func initEnd(status int) (what, hint string) {
	if sig := syscall.Signal(status & 0x7f); sig != 0 {
		switch sig {
		case syscall.SIGILL:
			hint = "its code is for a newer CPU than the machine's: see the cpu setting"
		case syscall.SIGSEGV, syscall.SIGBUS:
			hint = "it crashed: a mistake in it, a library of another version than it was linked with, or too small a stack"
		case syscall.SIGABRT:
			hint = "it ended itself after a mistake that it noticed; what it said is above in the console's log"
		case syscall.SIGFPE:
			hint = "it divided by zero"
		case syscall.SIGSYS:
			hint = "it made a system call that this kernel was configured without"
		case syscall.SIGKILL:
			hint = "the kernel ends programs so that it can't start or has no memory for"
		default:
			hint = "the log above that line says what happened before"
		}
		return fmt.Sprintf("the guest's /init was killed by signal %d (%s)", int(sig), sig), hint
	}
	code := status >> 8 & 0xff
	what = fmt.Sprintf("the guest's /init ended with status %d, and a Linux can't be without it", code)
	switch code {
	case 126:
		return what, "126 is a shell's word for a command that is there but can't be run: it is not executable, or for another CPU"
	case 127:
		return what, "127 is a shell's word for a command that it did not find, and a loader's for a library: something that /init needs is missing in the image"
	}
	return what, "let it end with poweroff -f, or start its shell without exec"
}

var errnoRE = regexp.MustCompile(`\(error -?(\d+)\)`)

// errnoHint explains the error number with which the kernel says that it can't
// start a program.
func errnoHint(line string) string {
	m := errnoRE.FindStringSubmatch(line)
	if m == nil {
		return ""
	}
	n, _ := strconv.Atoi(m[1])
	switch syscall.Errno(n) {
	case syscall.ENOENT:
		return "the file, the interpreter on its #! line or the loader it is linked to is not in the image"
	case syscall.EACCES:
		return "the file or its interpreter is not executable"
	case syscall.ENOEXEC:
		return "it is a program for another CPU, a script without a #! line, or the kernel lacks CONFIG_BINFMT_ELF or CONFIG_BINFMT_SCRIPT"
	case syscall.ENOMEM:
		return "the machine has too little memory for it"
	case syscall.ELOOP:
		return "its interpreters lead in a circle: a script can't be the interpreter of itself"
	case syscall.Errno(80): // ELIBBAD of Linux
		return "the loader that it is linked to is for another CPU"
	}
	return ""
}

// emulatorHints are what QEMU's complaints mostly come of.
var emulatorHints = []struct {
	complaint *regexp.Regexp
	hint      string
}{
	{regexp.MustCompile(`(?i)kvm`), "KVM does not work here: use software emulation (accel tcg)"},
	{regexp.MustCompile(`(?i)set up guest memory|cannot allocate memory`), "the host has less memory than the machine asks for"},
	{regexp.MustCompile(`killed`), "somebody ended it, or the host ran out of memory"},
	{regexp.MustCompile(`Could not set up host forwarding rule`), "another program has that port of this machine"},
	{regexp.MustCompile(`Failed to get .* lock|Is another process using the image`), "another machine that runs has this disk"},
	{regexp.MustCompile(`No such file or directory`), "a relative path in args counts from the folder in which mini was started"},
	{regexp.MustCompile(`unsupported machine type|unable to find CPU model|invalid option|Invalid parameter|is not a valid device|Device .* not found|requires an argument|nvalid accelerator`), "machine, cpu and args of qemu(…) go to QEMU as they are: see what this one offers with -machine help, -cpu help, -device help"},
	{regexp.MustCompile(`(?i)invalid kernel header|could not load kernel|linux kernel too old|error loading uncompressed kernel`), "the file is no kernel image that this machine can start"},
}

func emulatorHint(said string) string {
	for _, h := range emulatorHints {
		if h.complaint.MatchString(said) {
			return h.hint
		}
	}
	return ""
}
