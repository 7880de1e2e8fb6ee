package quirks

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/mod/semver"
)

// A Quirk is one record.
type Quirk struct {
	Name    string
	Program string // "busybox" or "linux"
	// From is the first version of the source that has it, and Before the first one that no longer does; "" is no bound.
	From, Before string
	// Breaks are the machines on which it shows, any of them.
	Breaks []Condition
	// Everywhere says that it is mended on all machines, so that a script makes the same wherever it is run.
	Everywhere bool
	// What mends it: settings of the source's configuration that a script has not made itself, or words for the command
	// line of make. With Menu those are for its menu alone.
	Config []Setting
	Make   []string
	Menu   bool

	Why   string // a sentence
	See   string // where it was reported
	Tried string // the compiler, C library, headers and versions that it was tried on; "" if it was not
}

// A Setting is a symbol with y or n.
type Setting struct{ Symbol, Value string }

// Is tells which fact of a machine a Condition is about.
type Is string

// What conditions can be about.
const (
	OwnCompiler Is = "gcc"            // the machine's own, which compiles what a build needs for itself
	Headers     Is = "kernel headers" // of the programs that are built
)

// A Condition is true of some machines.
type Condition struct {
	Is      Is
	AtLeast string // a version
}

// String names the machines: "kernel headers 6.8 or newer".
func (c Condition) String() string {
	return fmt.Sprintf("%s %s or newer", c.Is, c.AtLeast)
}

// A Host is what is known of a machine; a field is "" where nobody knows.
type Host struct {
	OwnCompiler string // version of the compiler for the machine itself
	Headers     string // version of Linux whose headers are there
}

func (c Condition) holds(h Host) bool {
	switch c.Is {
	case OwnCompiler:
		return atLeast(h.OwnCompiler, c.AtLeast)
	case Headers:
		return atLeast(h.Headers, c.AtLeast)
	}
	return false
}

// atLeast compares versions; one that isn't known is less than any.
func atLeast(v, least string) bool { return semver.Compare("v"+v, "v"+least) >= 0 }

// BreaksOn reports whether the quirk shows on a machine.
func (q Quirk) BreaksOn(h Host) bool {
	return slices.ContainsFunc(q.Breaks, func(c Condition) bool { return c.holds(h) })
}

// AppliesTo reports whether a quirk is mended for a source of a version on a machine. A version that isn't known yet, such
// as the newest, has only those of all versions and all machines. The machine is asked about only if it matters.
func (q Quirk) AppliesTo(program, version string, host func() Host) bool {
	if q.Program != program {
		return false
	}
	if !semver.IsValid("v" + version) {
		return q.Everywhere && q.From == "" && q.Before == ""
	}
	if !atLeast(version, orZero(q.From)) || q.Before != "" && atLeast(version, q.Before) {
		return false
	}
	return q.Everywhere || q.BreaksOn(host())
}

func orZero(v string) string {
	if v == "" {
		return "0"
	}
	return v
}

// Versions names the versions of the source: "busybox 1.29 to before 1.39".
func (q Quirk) Versions() string {
	switch {
	case q.From == "" && q.Before == "":
		return q.Program
	case q.From == "":
		return fmt.Sprintf("%s before %s", q.Program, q.Before)
	case q.Before == "":
		return fmt.Sprintf("%s from %s", q.Program, q.From)
	}
	return fmt.Sprintf("%s from %s to before %s", q.Program, q.From, q.Before)
}

// Hosts names the machines on which the quirk shows.
func (q Quirk) Hosts() string {
	var list []string
	for _, c := range q.Breaks {
		list = append(list, c.String())
	}
	return strings.Join(list, ", or ")
}

// Remedy says what mends it: "TC=n" or "HOSTCC=…".
func (q Quirk) Remedy() string {
	var list []string
	for _, s := range q.Config {
		list = append(list, s.Symbol+"="+s.Value)
	}
	return strings.Join(append(list, q.Make...), ", ")
}

// For are the quirks that a program has, in the table's order.
func For(program string) []Quirk {
	return slices.DeleteFunc(slices.Clone(Table), func(q Quirk) bool { return q.Program != program })
}
