package hosttools

import (
	"context"
	"fmt"
	"strings"
)

// Wanted is what a build wants of the versions of the tools that it calls.
type Wanted struct {
	Of       string   // "Linux 6.1.192"
	Tools    []string // as they are called: "i686-linux-gnu-gcc"
	Minimums []Minimum
}

// Old is a tool that is here in a version older than what a build needs.
type Old struct {
	Tool, Here string
	Of         string
	Minimum    Minimum
}

// String says it in a sentence: "gcc 4.9.4 is here, Linux 6.1.192 needs 5.1.0 (scripts/min-tool-version.sh)".
func (o Old) String() string {
	return fmt.Sprintf("%s %s is here, %s needs %s (%s)", printable(o.Tool), printable(o.Here), printable(o.Of), o.Minimum.Version, o.Minimum.Where)
}

// TooOld returns the tools that are too old for what is wanted, each once for each source. What doesn't tell its version counts as
// new enough, and so does what is not here, which Check says.
func (h Host) TooOld(ctx context.Context, wanted []Wanted) []Old {
	if h.Says == nil {
		return nil
	}
	said := map[string]string{}
	done := map[[2]string]bool{}
	var old []Old
	for _, w := range wanted {
		for _, tool := range w.Tools {
			m, ok := minimumFor(w.Minimums, kindOf(tool))
			if key := [2]string{w.Of, tool}; !ok || done[key] {
				continue
			} else {
				done[key] = true
			}
			if _, asked := said[tool]; !asked {
				said[tool] = h.Says(ctx, tool)
			}
			here := readVersion(m.Program, said[tool])
			if here != "" && compareVersions(here, m.Version) < 0 {
				old = append(old, Old{tool, here, w.Of, m})
			}
		}
	}
	return old
}

func minimumFor(all []Minimum, program string) (Minimum, bool) {
	for _, m := range all {
		if m.Program == program && program != "" {
			return m, true
		}
	}
	return Minimum{}, false
}

// ReportOld is the text for the user; "" when nothing is too old.
func ReportOld(old []Old) string {
	if len(old) == 0 {
		return ""
	}
	var b strings.Builder
	if len(old) == 1 {
		b.WriteString("one program of this machine is too old:\n")
	} else {
		fmt.Fprintf(&b, "%d programs of this machine are too old:\n", len(old))
	}
	for _, o := range old {
		fmt.Fprintf(&b, "  %s\n", o)
	}
	b.WriteString("install newer ones, put those before them on PATH, or build an older version of the source\n")
	return b.String()
}
