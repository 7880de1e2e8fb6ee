package quirks

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestAppliesTo(t *testing.T) {
	old, young, unknown := Host{"12.2.0", "6.1.174"}, Host{"14.2.0", "6.12.117"}, Host{}
	for _, c := range []struct {
		program, version string
		host             Host
		want             string
	}{
		{"busybox", "1.35.0", old, "tc-cbq"}, // everywhere
		{"busybox", "1.35.0", unknown, "tc-cbq"},
		{"busybox", "1.35.0", young, "tc-cbq menu-implicit-int"},
		{"busybox", "1.37", young, "tc-cbq menu-implicit-int"},
		{"busybox", "1.37.0", Host{"13.3.0", "6.8.0"}, "tc-cbq"},
		{"busybox", "1.38.0", young, "tc-cbq"},
		{"busybox", "", young, "tc-cbq"}, // not known yet
		{"busybox", "newest", young, "tc-cbq"},
		{"linux", "6.1.192", young, ""},
	} {
		var names []string
		for _, q := range Table {
			if q.AppliesTo(c.program, c.version, func() Host { return c.host }) {
				names = append(names, q.Name)
			}
		}
		if got := strings.Join(names, " "); got != c.want {
			t.Errorf("%s %s on %+v: %q, want %q", c.program, c.version, c.host, got, c.want)
		}
	}
}

func TestBreaksOn(t *testing.T) {
	tc := Table[slices.IndexFunc(Table, func(q Quirk) bool { return q.Name == "tc-cbq" })]
	for headers, want := range map[string]bool{"": false, "6.1.174": false, "6.7.12": false, "6.8.0": true, "6.12.117": true, "7.2.13": true} {
		if got := tc.BreaksOn(Host{Headers: headers}); got != want {
			t.Errorf("headers %q: %v, want %v", headers, got, want)
		}
	}
}

// TestTable holds what every record has to say.
func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for _, q := range Table {
		if !regexp.MustCompile(`^[a-z][a-z0-9-]*$`).MatchString(q.Name) || seen[q.Name] {
			t.Errorf("%q is no name of its own", q.Name)
		}
		seen[q.Name] = true
		switch {
		case q.Program != "busybox" && q.Program != "linux":
			t.Errorf("%s is of %q", q.Name, q.Program)
		case len(q.Breaks) == 0 || q.Why == "" || q.Tried == "":
			t.Errorf("%s doesn't say where it breaks, why, and where that was tried", q.Name)
		case len(q.Config)+len(q.Make) == 0:
			t.Errorf("%s mends nothing", q.Name)
		case len(q.Make) > 0 && !q.Menu:
			t.Errorf("%s has words for make that nobody passes on", q.Name)
		case !strings.HasPrefix(q.See, "https://"):
			t.Errorf("%s has no reference", q.Name)
		}
		for _, c := range q.Breaks {
			if !atLeast(c.AtLeast, "0") {
				t.Errorf("%s: %q is no version", q.Name, c.AtLeast)
			}
		}
	}
}
