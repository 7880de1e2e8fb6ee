package patch

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bluekeyes/go-gitdiff/gitdiff"
)

// edited is a file whose hunks are applied one after the other.
type edited struct {
	lines []string // with their newlines
	from  int      // the first line that no earlier hunk has reached
	moved int      // by how many lines the last hunk was away from where the patch says
}

// hunk applies one. It returns by how many lines it was away from where the patch says.
func (e *edited) hunk(h *gitdiff.TextFragment) (moved int, err error) {
	var before, after []string
	for _, l := range h.Lines {
		if l.Old() {
			before = append(before, l.Line)
		}
		if l.New() {
			after = append(after, l.Line)
		}
	}
	// The patch counts in the file as it was, from 1; a hunk without old lines stands behind the line it names.
	said := int(h.OldPosition) - 1
	if h.OldLines == 0 {
		said++
	}
	grown := int(h.NewPosition - h.OldPosition) // by earlier hunks
	if h.OldLines == 0 {
		grown--
	} else if h.NewLines == 0 {
		grown++
	}
	want := said + grown + e.moved
	at, ok := e.find(before, want)
	if !ok {
		return 0, e.misfit(before, after, want)
	}
	e.lines = slices.Replace(e.lines, at, at+len(before), after...)
	e.moved += at - want
	e.from = at + len(after)
	return at - said - grown, nil
}

// find looks for lines, from where they should be outward.
func (e *edited) find(lines []string, want int) (at int, ok bool) {
	last := len(e.lines) - len(lines)
	if len(lines) == 0 { // nothing to hold on to: there or nowhere
		return want, want >= e.from && want <= last
	}
	if last < e.from {
		return 0, false
	}
	want = min(max(want, e.from), last) // a patch may name any line; beyond these there is nothing to look at
	for d := 0; want+d <= last || want-d >= e.from; d++ {
		for _, at := range []int{want + d, want - d} {
			if at >= e.from && at <= last && slices.Equal(e.lines[at:at+len(lines)], lines) {
				return at, true
			}
		}
	}
	return 0, false
}

// thereError says that a file has a hunk's result, and not what it is made of.
type thereError struct{ line int }

func (e thereError) Error() string {
	return fmt.Sprintf("what it makes is there already, in line %d: is the patch a part of this source?", e.line)
}

// misfit says why a hunk does not fit where it should be.
func (e *edited) misfit(before, after []string, want int) error {
	there := *e
	there.from = 0
	if at, ok := there.find(after, want); ok && len(after) > 0 && !slices.Equal(before, after) {
		return thereError{at + 1}
	}
	for i, l := range before {
		switch n := want + i; {
		case n < 0 || n >= len(e.lines):
			return fmt.Errorf("it expects a line %d, and the file has %d", n+1, len(e.lines))
		case e.lines[n] != l:
			return fmt.Errorf("line %d is %s, and the patch expects %s", n+1, shown(e.lines[n]), shown(l))
		}
	}
	return fmt.Errorf("its lines are where an earlier hunk has been")
}

// shown is a line for a message.
func shown(line string) string {
	text, whole := strings.CutSuffix(line, "\n")
	if runes := []rune(text); len(runes) > 60 {
		text = string(runes[:60]) + "…"
	}
	s := fmt.Sprintf("%q", text)
	if !whole {
		s += " without a newline"
	}
	return s
}
