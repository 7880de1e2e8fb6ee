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
	// Mended are the first releases of older series that have what mends it: 5.10.103 stands for all of 5.10 from there on.
	Mended []string
	// Breaks are the machines on which it shows, any of them.
	Breaks []Condition
	// Everywhere says that it is mended on all machines, so that a script makes the same wherever it is run.
	Everywhere bool
	// What mends it: settings of the source's configuration that a script has not made itself, words for the command line
	// of make, with Menu for that of its menu alone, or a change of the source: the file of the quirk's name in patches/.
	Config []Setting
	Make   []string
	Menu   bool
	Patch  bool

	// Shows matches a line that a build prints which fails of it; "" if none does, as the build goes well.
	Shows string

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
	Compiler    Is = "a target's gcc" // that of what is built
	Headers     Is = "kernel headers" // the same
	Libc        Is = "glibc"          // the same
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
	Compiler    string // and of that for the target
	Headers     string // version of Linux whose headers are there
	Libc        string // version of glibc
}

func (c Condition) holds(h Host) bool {
	switch c.Is {
	case OwnCompiler:
		return atLeast(h.OwnCompiler, c.AtLeast)
	case Compiler:
		return atLeast(h.Compiler, c.AtLeast)
	case Headers:
		return atLeast(h.Headers, c.AtLeast)
	case Libc:
		return atLeast(h.Libc, c.AtLeast)
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
	if !atLeast(version, orZero(q.From)) || q.Before != "" && atLeast(version, q.Before) || q.mendedIn(version) {
		return false
	}
	return q.Everywhere || q.BreaksOn(host())
}

// mendedIn reports whether a version is of an older series, and has what mends the quirk all the same.
func (q Quirk) mendedIn(version string) bool {
	return slices.ContainsFunc(q.Mended, func(first string) bool {
		return semver.MajorMinor("v"+first) == semver.MajorMinor("v"+version) && atLeast(version, first)
	})
}

func orZero(v string) string {
	if v == "" {
		return "0"
	}
	return v
}

// Versions names the versions of the source: "linux from 5.4 to before 5.17 (but for those of 5.10 from 5.10.103)".
func (q Quirk) Versions() string {
	s := q.Program
	switch {
	case q.From != "" && q.Before != "":
		s += fmt.Sprintf(" from %s to before %s", q.From, q.Before)
	case q.From != "":
		s += " from " + q.From
	case q.Before != "":
		s += " before " + q.Before
	}
	var but []string
	for _, first := range q.Mended {
		but = append(but, fmt.Sprintf("%s from %s", strings.TrimPrefix(semver.MajorMinor("v"+first), "v"), first))
	}
	if len(but) > 0 {
		s += " (but for those of " + strings.Join(but, ", ") + ")"
	}
	return s
}

// Hosts names the machines on which the quirk shows.
func (q Quirk) Hosts() string {
	var list []string
	for _, c := range q.Breaks {
		list = append(list, c.String())
	}
	return strings.Join(list, ", or ")
}

// Remedy says what mends it: "TC=n", "HOSTCC=…" or "a patch of coreutils/date.c".
func (q Quirk) Remedy() string {
	var list []string
	for _, s := range q.Config {
		list = append(list, s.Symbol+"="+s.Value)
	}
	list = append(list, q.Make...)
	if q.Patch {
		list = append(list, "a patch of "+strings.Join(q.patched(), " and "))
	}
	return strings.Join(list, ", ")
}

// For are the quirks that a program has, in the table's order.
func For(program string) []Quirk {
	return slices.DeleteFunc(slices.Clone(Table), func(q Quirk) bool { return q.Program != program })
}
