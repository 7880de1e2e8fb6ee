package quirks

import (
	"errors"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"mini/internal/patch"

	"golang.org/x/mod/semver"
)

func TestAppliesTo(t *testing.T) {
	old, young, unknown := Host{OwnCompiler: "12.2.0", Headers: "6.1.174"}, Host{OwnCompiler: "14.2.0", Headers: "6.12.117"}, Host{}
	for _, c := range []struct {
		program, version string
		host             Host
		want             string
	}{
		{"busybox", "1.35.0", old, "tc-cbq"}, // everywhere
		{"busybox", "1.35.0", unknown, "tc-cbq"},
		{"busybox", "1.35.0", young, "tc-cbq menu-implicit-int"},
		{"busybox", "1.37", young, "tc-cbq menu-implicit-int"},
		{"busybox", "1.37.0", Host{OwnCompiler: "13.3.0", Headers: "6.8.0"}, "tc-cbq"},
		{"busybox", "1.38.0", young, "tc-cbq"},
		{"busybox", "1.30.1", unknown, "tc-cbq stime hwclock"},
		{"busybox", "1.24.2", unknown, "tc-cbq stime hwclock inetd-rpc"},
		{"busybox", "1.20.2", unknown, "tc-cbq stime hwclock inetd-rpc resource-h"},
		{"busybox", "1.32.1", unknown, "tc-cbq hwclock"},
		{"busybox", "1.32", unknown, "tc-cbq hwclock"},
		{"busybox", "", young, "tc-cbq"}, // not known yet
		{"busybox", "newest", young, "tc-cbq"},
		{"linux", "6.1.192", young, ""},
		{"linux", "5.10.13", young, "objtool-realloc"},
		{"linux", "5.10.13", Host{OwnCompiler: "11.3.0", Compiler: "15.2.0"}, "c23-bool"},
		{"linux", "5.10.262", Host{OwnCompiler: "16.2.0", Compiler: "16.2.0"}, ""},
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

// A release of an older series can have what mends a quirk, and those before it and of other series have not.
func TestMendedInAnOlderSeries(t *testing.T) {
	q := Quirk{Name: "q", Program: "linux", From: "5.4", Before: "5.17", Mended: []string{"5.10.103", "5.15.26"}, Everywhere: true}
	for version, want := range map[string]bool{
		"5.3.18": false, "5.4": true, "5.4.300": true, "5.10": true, "5.10.13": true, "5.10.102": true, "5.10.103": false, "5.10.262": false,
		"5.11.5": true, "5.15.25": true, "5.15.26": false, "5.16.9": true, "5.17": false, "6.1": false,
	} {
		if got := q.AppliesTo("linux", version, nil); got != want {
			t.Errorf("%s: %v, want %v", version, got, want)
		}
	}
	if got, want := q.Versions(), "linux from 5.4 to before 5.17 (but for those of 5.10 from 5.10.103, 5.15 from 5.15.26)"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestBreaksOn(t *testing.T) {
	for libc, want := range map[string]bool{"": false, "2.30": false, "2.31": true, "2.36": true} {
		if got := named(t, "stime").BreaksOn(Host{Libc: libc}); got != want {
			t.Errorf("glibc %q: %v, want %v", libc, got, want)
		}
	}

	tc := named(t, "tc-cbq")
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
		case len(q.Config)+len(q.Make) == 0 && !q.Patch:
			t.Errorf("%s mends nothing", q.Name)
		case q.Menu && len(q.Make) == 0:
			t.Errorf("%s has no words for the menu", q.Name)
		case !strings.HasPrefix(q.See, "https://"):
			t.Errorf("%s has no reference", q.Name)
		}
		if _, err := regexp.Compile(q.Shows); err != nil {
			t.Errorf("%s: %v", q.Name, err)
		}
		for _, v := range append([]string{orZero(q.From), orZero(q.Before)}, q.Mended...) {
			if !semver.IsValid("v" + v) {
				t.Errorf("%s: %q is no version", q.Name, v)
			}
		}
		for _, v := range q.Mended {
			if !atLeast(v, orZero(q.From)) || atLeast(v, q.Before) {
				t.Errorf("%s: %s is not among its versions", q.Name, v)
			}
		}
		for _, c := range q.Breaks {
			if !atLeast(c.AtLeast, "0") {
				t.Errorf("%s: %q is no version", q.Name, c.AtLeast)
			}
		}
	}
}

// TestPatches holds that each patch belongs to a record, says why it is there, and changes what it says, once.
func TestPatches(t *testing.T) {
	files, err := patches.ReadDir("patches")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if name, ok := strings.CutSuffix(f.Name(), ".patch"); !ok || !named(t, name).Patch {
			t.Errorf("nothing applies %s", f.Name())
		}
	}
	for _, q := range Table {
		if !q.Patch {
			if q.PatchText() != nil {
				t.Errorf("%s has a patch that nobody applies", q.Name)
			}
			continue
		}
		t.Run(q.Name, func(t *testing.T) {
			text := string(q.PatchText())
			if strings.HasPrefix(text, "---") || !strings.Contains(q.Remedy(), "a patch of ") {
				t.Errorf("it says nothing: %s\n%s", q.Remedy(), text)
			}
			dir, err := os.OpenRoot(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			defer dir.Close()
			before, after := sides(text)
			for name, lines := range before {
				if err := errors.Join(dir.MkdirAll(path.Dir(name), 0o755), dir.WriteFile(name, []byte(lines), 0o644)); err != nil {
					t.Fatal(err)
				}
			}
			for range 2 { // the second time it is there already
				if err := patch.Mend(dir, []byte(text), func(string) {}); err != nil {
					t.Fatal(err)
				}
				for name, want := range after {
					if got, err := dir.ReadFile(name); err != nil || string(got) != want || want == before[name] {
						t.Errorf("%s: %v\n%s\nwant\n%s", name, err, got, want)
					}
				}
			}
		})
	}
}

// sides are the files that a patch knows, as far as it knows them, before and after it.
func sides(text string) (before, after map[string]string) {
	before, after = map[string]string{}, map[string]string{}
	name := ""
	for line := range strings.Lines(text) {
		switch {
		case strings.HasPrefix(line, "+++ b/"):
			name = strings.TrimSpace(line[6:])
		case strings.HasPrefix(line, "--- a/"):
			name = ""
		case name != "" && line[0] == '-':
			before[name] += line[1:]
		case name != "" && line[0] == '+':
			after[name] += line[1:]
		case name != "" && line[0] == ' ':
			before[name], after[name] = before[name]+line[1:], after[name]+line[1:]
		}
	}
	return before, after
}

func named(t *testing.T, name string) Quirk {
	t.Helper()
	i := slices.IndexFunc(Table, func(q Quirk) bool { return q.Name == name })
	if i < 0 {
		t.Fatalf("there is no quirk %q", name)
	}
	return Table[i]
}
