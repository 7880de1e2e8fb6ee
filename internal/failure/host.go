package failure

import (
	"regexp"
	"slices"
)

// Host is what a remedy may have to know of the machine, and of the step that failed. A nil function knows nothing.
type Host struct {
	// Tools are the programs that the step names; it sees no others.
	Tools []string
	// Headers are those of the machine's libraries that the step asks for, such as "libelf.h" or "openssl/opensslv.h".
	Headers []string
	// Causes are known of this step alone: they are looked at before those that any step may have.
	Causes []Cause
	// Has reports whether the machine has a program.
	Has func(program string) bool
	// Install is the command that installs what is needed: a program by its name, "header:libelf.h" or "lib:crypt". It is
	// "" where no package is known.
	Install func(need string) string
}

// Cause is what a line means that its pattern, a regular expression, fits.
type Cause struct{ Shows, Says string }

// own is what the step's own causes say of a line.
func (h Host) own(line string) string {
	for _, c := range h.Causes {
		if fits, err := regexp.MatchString(c.Shows, line); fits && err == nil {
			return c.Says
		}
	}
	return ""
}

func (h Host) has(program string) bool { return h.Has != nil && h.Has(program) }

func (h Host) install(need string) string {
	if h.Install == nil {
		return ""
	}
	return h.Install(need)
}

// byInstalling says how to get what is needed onto the machine.
func (h Host) byInstalling(need string) string {
	if command := h.install(need); command != "" {
		return command
	}
	return "install it (mini knows no package that brings it)"
}

func (h Host) names(tool string) bool { return slices.Contains(h.Tools, tool) }
