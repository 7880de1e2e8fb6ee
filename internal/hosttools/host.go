package hosttools

import (
	"context"
	"strings"
)

// A Need is one thing that a build takes from the machine.
type Need struct {
	Name string // a program, "header:libelf.h" or "lib:crypt"
	Why  string // what takes it, e.g. "linux 6.1: compile"
}

// Missing is a need that the machine doesn't meet.
type Missing struct {
	Need
	Package string // the packages of this machine's manager, separated by blanks; "" if none is known
}

// Host is how the machine is asked. A nil HasHeader or HasLib means that nobody can tell: such needs count as met,
// since a false alarm would stop a build that works.
type Host struct {
	OSRelease map[string]string                              // as ParseOSRelease returns it
	LookPath  func(program string) (string, error)           // as exec.LookPath
	HasHeader func(ctx context.Context, header string) bool  // asks the C compiler's preprocessor
	HasLib    func(ctx context.Context, library string) bool // asks the linker
	// Says is what a program says of its version (--version); "" if it doesn't. nil means that nobody can ask.
	Says func(ctx context.Context, program string) string
}

// Check returns the needs that are not met, in the order in which they were first named. A thing that several builds
// need is one entry, whose Why lists them.
func (h Host) Check(ctx context.Context, needs []Need) []Missing {
	manager, known := h.Manager()
	var missing []Missing
	for _, name := range namesOf(needs) {
		if h.has(ctx, name) {
			continue
		}
		m := Missing{Need: Need{Name: name, Why: whyOf(needs, name)}}
		if known {
			m.Package, _ = manager.Package(name)
		}
		missing = append(missing, m)
	}
	return missing
}

func (h Host) has(ctx context.Context, name string) bool {
	if header, ok := strings.CutPrefix(name, "header:"); ok {
		return h.HasHeader == nil || h.HasHeader(ctx, header)
	}
	if library, ok := strings.CutPrefix(name, "lib:"); ok {
		return h.HasLib == nil || h.HasLib(ctx, library)
	}
	return h.finds(name)
}

func (h Host) finds(program string) bool {
	if h.LookPath == nil {
		return false
	}
	_, err := h.LookPath(program)
	return err == nil
}

// namesOf lists each name once, so that each is looked up once: a graph of thousands of nodes needs some hundred programs.
func namesOf(needs []Need) []string {
	var names []string
	seen := map[string]bool{}
	for _, n := range needs {
		if !seen[n.Name] {
			seen[n.Name] = true
			names = append(names, n.Name)
		}
	}
	return names
}

// whyOf is all that a thing is needed for, each once.
func whyOf(needs []Need, name string) string {
	var all []string
	seen := map[string]bool{}
	for _, n := range needs {
		if n.Name == name && n.Why != "" && !seen[n.Why] {
			seen[n.Why] = true
			all = append(all, n.Why)
		}
	}
	return strings.Join(all, ", ")
}
