package qemu

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Verdict names a way in which a guest fails.
type Verdict string

// The verdicts.
const (
	Panic             Verdict = "panic"               // the kernel gave up and said why
	HangBeforeConsole Verdict = "hang-before-console" // not one byte on the serial port
	Hang              Verdict = "hang"                // it spoke, then fell silent
	Reset             Verdict = "reset"               // the machine was reset and the kernel said nothing: a triple fault
	NoInit            Verdict = "no-init"             // the kernel found no program to start
	OOM               Verdict = "oom"                 // the guest's memory was too small
	Ended             Verdict = "ended"               // the guest shut down before the work was done
	Timeout           Verdict = "timeout"             // the limit on the whole run is over
	Emulator          Verdict = "qemu"                // QEMU itself failed
	RebootLoop        Verdict = "reboot-loop"         // it restarts again and again before it is up
	NoChannel         Verdict = "no-channel"          // its shell can't be reached apart from the console
)

// GuestError says how a guest failed.
type GuestError struct {
	Verdict Verdict
	Line    string // the line of the console (or of QEMU) that shows it; may be ""
	What    string // what happened
	Hint    string // what usually causes it, or what to do; may be ""

	// Places are where the kernel's fault was, and which functions were on the way there, innermost first. Nil where it
	// said nothing of that.
	Places []Place
}

// Error returns it all on one line.
func (e *GuestError) Error() string {
	s := e.What
	if e.Line != "" {
		s += ": " + e.Line
	}
	if e.Hint != "" {
		s += ": " + e.Hint
	}
	return s
}

// limit is the reason for which a wait was broken off.
type limit int

const (
	noLimit      limit = iota // it was not: the guest itself came to an end
	silenceLimit              // no output for too long
	totalLimit                // the whole took too long
)

// evidence is all that a verdict rests on.
type evidence struct {
	clues   clues
	partial string // the unfinished line of the console
	running bool   // QEMU is still there
	exit    error  // how it ended, if it is not
	stderr  []string
	hit     limit
	after   time.Duration // the limit that was hit
	booted  bool          // a prompt was seen
}

// judge says how the guest ended: by itself and cleanly ("restart",
// "poweroff", "halt"), or by an error.
func judge(e evidence) (string, *GuestError) {
	c := e.clues
	switch {
	case c.ended != "" && (!e.running || c.dead(e.partial)):
		return c.ended, nil
	case c.panicked != "" && (!e.running || c.final || e.hit == silenceLimit):
		return "", judgePanic(c)
	case !e.running:
		return "", judgeExit(e)
	case c.oom != "":
		return "", outOfMemory(c.oom)
	case c.fault != "" && e.hit == silenceLimit:
		return "", &GuestError{
			Verdict: Hang, Line: c.fault, Places: c.places(),
			What: "the guest fell silent after a fault in its kernel", Hint: faultHint,
		}
	case c.init != "" && !e.booted && e.hit == silenceLimit:
		return "", &GuestError{
			Verdict: Hang, Line: c.init, Hint: errnoHint(c.init),
			What: "the guest's kernel could not start /init, and what it started instead has fallen silent",
		}
	case e.hit == totalLimit:
		return "", &GuestError{
			Verdict: Timeout, Line: lastWords(e),
			What: fmt.Sprintf("the guest was not done after %s", seconds(e.after)),
			Hint: "allow more time, or look at the console log for what it waits for",
		}
	case len(e.stderr) > 0 && hasFatalNote(e.stderr):
		return "", emulatorError("QEMU stopped the guest", e.stderr)
	case !c.output:
		return "", &GuestError{
			Verdict: HangBeforeConsole,
			What:    fmt.Sprintf("the guest said nothing on its serial port for %s", seconds(e.after)),
			Hint:    "usual causes: a kernel without a serial console or without console=… for it on its command line, a kernel for another CPU, too little memory",
		}
	case c.console != "" && !e.booted:
		return "", &GuestError{
			Verdict: Hang, Line: c.console, What: "the kernel runs, but /init can't be heard",
			Hint: "the initramfs has no /dev/console (character device 5:1)",
		}
	case !e.booted:
		return "", &GuestError{
			Verdict: Hang, Line: lastWords(e),
			What: fmt.Sprintf("no shell prompt came, and the guest has been silent for %s", seconds(e.after)),
			Hint: "/init must start a shell on the serial console whose prompt ends in '# ', '$ ' or '> '",
		}
	}
	return "", &GuestError{
		Verdict: Hang, Line: lastWords(e),
		What: fmt.Sprintf("the guest has been silent for %s", seconds(e.after)),
		Hint: "raise the silence limit if it is only slow",
	}
}

// judgeExit is for a QEMU that ended although the guest announced nothing.
func judgeExit(e evidence) *GuestError {
	if e.exit != nil {
		return emulatorError("QEMU failed ("+exitText(e.exit)+")", e.stderr)
	}
	if e.clues.oom != "" {
		return outOfMemory(e.clues.oom)
	}
	where := "the guest's machine was reset without a word of its kernel"
	if !e.clues.output {
		where = "the guest's machine was reset before it said anything"
	}
	return &GuestError{
		Verdict: Reset, Line: lastWords(e), What: where,
		Hint: "usual causes: a fault that the CPU could not report (triple fault), a kernel for another CPU or board, a reboot by a kernel without CONFIG_PRINTK",
	}
}

func outOfMemory(line string) *GuestError {
	return &GuestError{
		Verdict: OOM, Line: line, What: "the guest ran out of memory",
		Hint: "give the machine more: an initramfs needs its unpacked size beside its packed one",
	}
}

// hasFatalNote finds notes after which QEMU keeps the machine, but stopped.
func hasFatalNote(stderr []string) bool {
	for _, line := range stderr {
		if strings.HasPrefix(line, "KVM internal error") || strings.HasPrefix(line, "error: kvm run failed") {
			return true
		}
	}
	return false
}

func emulatorError(what string, stderr []string) *GuestError {
	g := &GuestError{Verdict: Emulator, What: what}
	for _, line := range stderr {
		// The first complaint: the rest follows from it.
		if g.Line = line; !strings.Contains(line, "warning: ") {
			break
		}
	}
	g.Hint = emulatorHint(what + "\n" + strings.Join(stderr, "\n"))
	return g
}

// exitText says how a process ended.
func exitText(err error) string {
	if exit, ok := err.(interface{ Sys() any }); ok {
		if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
			return fmt.Sprintf("killed by signal %d, %s", int(status.Signal()), status.Signal())
		}
	}
	return err.Error()
}

// startError is the verdict for a QEMU that could not even be started.
func startError(program string, err error) *GuestError {
	g := &GuestError{Verdict: Emulator, What: "QEMU can't be started: " + err.Error()}
	if os.IsNotExist(err) {
		g.What = "QEMU can't be started: there is no " + program
		g.Hint = "install it; mini doctor names the package"
	}
	return g
}

// lastWords is what the console showed last.
func lastWords(e evidence) string {
	if p := strings.TrimSpace(e.partial); p != "" {
		return p
	}
	return e.clues.last
}

func seconds(d time.Duration) string {
	return strconv.FormatFloat(d.Seconds(), 'f', -1, 64) + " s"
}
