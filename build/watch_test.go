package build

import (
	"strings"
	"testing"
)

// A step's name and make's progress are read however the output is cut, and of a line without an end not all is kept.
func TestWatching(t *testing.T) {
	var seen []string
	w := newWatcher(Job{Emit: func(e Event) { seen = append(seen, string(e.Kind)+" "+e.Text) }}, past{})
	for _, part := range []string{"+ ma", "ke all\n  CC      a.o\n", strings.Repeat("x", 3*maxWatched), strings.Repeat("y", 100) + "\n+ next\n", "+ unfinished"} {
		if n, err := w.Write([]byte(part)); n != len(part) || err != nil {
			t.Error(n, err)
		}
		if len(w.line) > maxWatched {
			t.Errorf("%d bytes are kept", len(w.line))
		}
	}
	if got := strings.Join(seen, ", "); got != "step make all, progress , step next" || w.step != "next" || w.lines != 1 {
		t.Errorf("%q, %q, %d", got, w.step, w.lines)
	}
}
