package preflight

import (
	"cmp"
	"slices"
)

// Edition is raised whenever a rule says something else than before: what a build has looked at is looked at again then.
const Edition = 8

// Severity says how sure a finding is, and how bad.
type Severity string

// The severities.
const (
	Error   Severity = "error"   // the machine doesn't come up, or nobody hears it
	Warning Severity = "warning" // it comes up, and something doesn't work
)

// Part says which of a script's calls a finding is about.
type Part string

// The parts.
const (
	InRoot    Part = "root"    // what the root filesystem is put together from
	InKernel  Part = "kernel"  // the kernel's configuration
	InMachine Part = "machine" // the machine, its command line and devices
)

// Finding is something that goes wrong at boot.
type Finding struct {
	Rule     string   `json:"rule"` // its name in the table of rules
	Severity Severity `json:"severity"`
	Part     Part     `json:"part"`
	Path     string   `json:"path,omitempty"` // the file of the root filesystem that it is about
	Line     int      `json:"line,omitempty"` // of that file
	What     string   `json:"what"`           // what is wrong
	Boot     string   `json:"boot"`           // what would happen at boot
	Fix      string   `json:"fix"`            // what to write instead
}

// A rule looks for one kind of mistake.
type rule struct {
	name  string
	check func(*Boot) []Finding
}

// rules are all, in the order of a boot.
func rules() []rule {
	return []rule{
		{"image", checkImage},
		{"memory", checkMemory},
		{"console", checkConsole},
		{"unpack", checkUnpack},
		{"archive", checkArchive},
		{"init", checkInit},
		{"programs", checkPrograms},
		{"root", checkRootDevice},
		{"devices", checkDevices},
		{"mounts", checkMounts},
		{"commands", checkCommands},
	}
}

// Check finds what would go wrong: errors first, each kind in the order of a boot.
func Check(b *Boot) []Finding {
	var all []Finding
	for _, r := range rules() {
		for _, f := range r.check(b) {
			f.Rule = r.name
			if f.Part == InKernel && b.Kernel.Head != nil { // nobody can ask for a symbol of it
				f.Fix = "take an image that was configured so, or let mini make one: kernel(…, config = …)"
			}
			all = append(all, f)
		}
	}
	slices.SortStableFunc(all, func(a, b Finding) int { return cmp.Compare(a.Severity, b.Severity) })
	return all
}

// Failed reports whether one of the findings is an error.
func Failed(all []Finding) bool {
	return slices.ContainsFunc(all, func(f Finding) bool { return f.Severity == Error })
}

// Text is a finding in a few lines, the first of which says what is wrong.
func (f Finding) Text() string {
	text := f.What
	if f.Boot != "" {
		text += "\n  at boot: " + f.Boot
	}
	if f.Fix != "" {
		text += "\n  " + f.Fix
	}
	return text
}
