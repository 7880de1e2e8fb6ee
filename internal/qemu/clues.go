package qemu

import (
	"regexp"
	"strings"
)

// clues are the lines by which a kernel tells of its end, as they were seen on
// the console. A line proves nothing by itself: any program can print it. It
// counts when nothing but silence follows, or when QEMU ends.
type clues struct {
	output bool   // anything at all
	lines  int    // finished lines that were not empty
	last   string // the last line that is not empty

	panicked string // first line of a panic
	final    bool   // the last line is the one with which a panic or a shutdown stops
	ended    string // "restart", "poweroff", "halt": the guest's own end
	endLine  string
	after    int // lines since endLine

	oom     string // the kernel was out of memory
	short   string // it could not have the memory that it wanted; that is an end only with a panic
	fault   string // first line of an oops
	init    string // why /init could not be started
	unpack  string // why the initramfs could not be unpacked
	console string // /init has no console
	trouble string // the first of oom and fault that was seen, also when the guest lived on

	trace trace // of the fault or the panic
}

// Texts of kernel/panic.c, kernel/reboot.c, init/main.c, init/do_mounts.c,
// mm/oom_kill.c. Before Linux 3.11 the texts of reboot.c had no "reboot: ".
// A shell's prompt can stand before them on the line: the kernel doesn't ask where the cursor is.
var (
	stamp     = `^(?:.*[#$>] )?(?:<\d+>)?(?:\[ *\d+\.\d+\](?:\[ *[TC]\d+\])? )?`
	endingRE  = regexp.MustCompile(stamp + `(?:reboot: )?(Restarting system|Power down|System halted|Power off not available: System halted instead)\b`)
	rebootRE  = regexp.MustCompile(stamp + `reboot: machine restart`)
	oomRE     = regexp.MustCompile(stamp + `(?:.* invoked oom-killer: |Out of memory: |Out of memory and no killable|.*initramfs unpacking failed: write error|Initramfs unpacking failed: write error)`)
	shortRE   = regexp.MustCompile(stamp + `(?:Mem-Info:|.*: page allocation failure: )`)
	unpackRE  = regexp.MustCompile(stamp + `(?i:rootfs image is not initramfs|initramfs unpacking failed)`)
	faultRE   = regexp.MustCompile(stamp + `(?:[a-z][a-z -]*: [0-9a-f]{4} \[#\d+\]|BUG: |Oops: |Oops\[|general protection fault|kernel BUG at |Unable to handle kernel |Internal error: )`)
	initRE    = regexp.MustCompile(stamp + `(?:Failed to execute /|Starting init: .* exists but couldn't execute|Requested init .* failed)`)
	consoleRE = regexp.MustCompile(stamp + `Warning: unable to open an initial console`)
	panicEnd  = regexp.MustCompile(`end Kernel panic - not syncing|Rebooting in \d+ seconds`)
)

const panicText = "Kernel panic - not syncing"

// line takes note of one finished line of the console.
func (c *clues) line(line string) {
	if strings.TrimSpace(line) == "" {
		return
	}
	c.last, c.final = line, false
	c.lines++
	first := func(clue *string) {
		if *clue == "" {
			*clue = line
		}
	}
	if c.fault != "" || c.panicked != "" {
		c.trace.line(line)
	}
	switch {
	case panicEnd.MatchString(line) && c.panicked != "":
		c.final = true
	case strings.Contains(line, panicText):
		first(&c.panicked)
	case endingRE.MatchString(line):
		c.ended, c.endLine, c.after, c.final = endingOf(line), line, 0, true
		return
	case rebootRE.MatchString(line):
		c.final = c.ended != ""
		return
	case oomRE.MatchString(line):
		first(&c.oom)
		first(&c.trouble)
	case shortRE.MatchString(line):
		first(&c.short)
	case unpackRE.MatchString(line):
		first(&c.unpack)
	case faultRE.MatchString(line):
		first(&c.fault)
		first(&c.trouble)
	case initRE.MatchString(line):
		c.init = line
	case consoleRE.MatchString(line):
		first(&c.console)
	}
	// Much text after the line of an end, and it was no end.
	if c.ended != "" {
		if c.after++; c.after > 5 {
			c.ended, c.endLine = "", ""
		}
	}
}

func endingOf(line string) string {
	switch {
	case strings.Contains(line, "Restarting system"):
		return "restart"
	case strings.Contains(line, "Power down"):
		return "poweroff"
	}
	return "halt"
}

// alive forgets what looked like the end: the guest has answered since.
func (c *clues) alive() {
	c.panicked, c.fault, c.final, c.ended, c.endLine = "", "", false, "", ""
	c.short, c.trace = "", trace{}
}

// dead reports whether the guest has, by its last words, stopped for ever. It
// holds only if nothing follows them on the current line.
func (c *clues) dead(partial string) bool {
	return c.final && strings.TrimSpace(partial) == ""
}
