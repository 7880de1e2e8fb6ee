package failure

import (
	"fmt"
	"slices"
)

// A Report is what a Finder found.
type Report struct {
	// Lines are the first that say what is wrong, with those that belong to them; where nothing says so, the last of all.
	Lines []string
	// Last are the last lines, whatever they say.
	Last []string
	// More counts the errors that are not among Lines.
	More int

	said map[string]string // what records that look everywhere have seen, by their names
}

const (
	maxLines   = 10
	maxFurther = 2 // errors that are shown after the first
	// A shell that traces its commands prints an assignment after the command whose output was to be assigned.
	justBefore = 3 // lines
)

// Report says what was found in all that was written so far.
func (f *Finder) Report() Report {
	if len(f.line) > 0 { // the last line may have no end
		f.see(f.line)
		f.line = nil
	}
	r := Report{said: f.asked, Last: slices.Clone(f.last)}
	n := f.now
	errors, others := n.errors, n.more
	switch {
	case len(errors) > 0:
	case len(n.weak) > 0:
		errors = n.weak[:1]
	case len(n.make) > 0 && len(n.passed) > 0:
		errors = n.passed
	case len(n.make) > 0 && len(f.older) > 0: // make's word that something failed; what that was came before a traced command
		errors = f.older
	case len(n.make) > 0:
		errors = n.make[:1] // the others are its echoes
	case len(f.older) > 0 && f.count-f.older[len(f.older)-1].at <= justBefore:
		errors = f.older
	default:
		r.Lines = r.Last
		return r
	}
	r.Lines = append(append(append(r.Lines, errors[0].before...), errors[0].line), errors[0].after...)
	shown := map[string]bool{errors[0].line: true}
	further := 0
	for _, e := range errors[1:] {
		switch {
		case shown[e.line]:
			continue
		case further < maxFurther && len(r.Lines) < maxLines:
			r.Lines = append(r.Lines, e.line)
			further++
		default:
			others++
		}
		shown[e.line] = true
	}
	r.More = others
	return r
}

// Excerpt is the report's lines as people see them: none is longer than a screen is wide a few times, and the last says how
// many errors there are beyond.
func (r Report) Excerpt() []string {
	var lines []string
	for _, l := range r.Lines {
		lines = append(lines, shortened(l, maxShown))
	}
	switch {
	case r.More == 1:
		lines = append(lines, "… and one more error")
	case r.More > 1:
		lines = append(lines, fmt.Sprintf("… and %d more errors", r.More))
	}
	return lines
}

const maxShown = 300 // characters of a line

func shortened(line string, limit int) string {
	if runes := []rune(line); len(runes) > limit {
		return string(runes[:limit]) + "…"
	}
	return line
}
