package builtins

import (
	"regexp"
	"slices"
	"strings"

	"mini/build"
)

// Linux is what a node tells that configures one, for who looks at the machine before it is run.
type Linux struct {
	Version string // a version, a series or "newest"; "" if nobody says
	Arch    string // as its directory below arch/ is called
	Source  *build.Artifact
	Tools   []string // those whose versions matter: a kernel for another machine is not compiled by this one's own compiler
}

var (
	kernelArch  = regexp.MustCompile(`\bARCH=(\w+)`)
	kernelCross = regexp.MustCompile(`\bCROSS_COMPILE=(\S+)`)
)

// LinuxOf reads a node that kernel() made. Only the first of a kernel's steps is one; the others have the same tools.
func LinuxOf(n *build.Node) (Linux, bool) {
	if n.Name != "linux.configure" || len(n.Inputs) == 0 {
		return Linux{}, false
	}
	l := Linux{Source: n.Inputs[0].From}
	if words := strings.Fields(n.Title); len(words) > 1 && (words[1] == "newest" || words[1][0] >= '0' && words[1][0] <= '9') {
		l.Version = words[1]
	}
	steps := strings.Join(n.Steps, "\n")
	if m := kernelArch.FindStringSubmatch(steps); m != nil {
		l.Arch = m[1]
	}
	l.Tools = n.Tools
	if m := kernelCross.FindStringSubmatch(steps); m != nil {
		l.Tools = slices.DeleteFunc(slices.Clone(n.Tools), func(tool string) bool { return slices.Contains(n.Tools, m[1]+tool) })
	}
	if l.Arch == "i386" || l.Arch == "x86_64" {
		l.Arch = "x86" // the kernel's Makefile has SRCARCH so
	}
	return l, l.Source != nil
}
