package modules

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Only what is required directly can be loaded, by the script and by each module, and at least in the version that it
// requires.
func TestWhoMayLoadWhat(t *testing.T) {
	const modules = `
		user v1.0.0: direct v1.0.0, indirect v1.0.0 indirect, newer v1.1.0, other v2.0.0+incompatible
		user v1.1.0: direct v1.0.0
		direct v1.0.0:
		indirect v1.0.0:
		newer v1.0.0:
		other v1.0.0:
		far v1.0.0:
	`
	s := newServer(t, graph(t, modules))
	c := newCache(t, Config{Proxy: s.URL})
	work := t.TempDir()
	lock := Requirement{Path: "example.org/far", Version: "v1.0.0", Sum: sumOf(nil)}.Format()
	if err := os.WriteFile(filepath.Join(work, LockName), []byte(lock+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ lock, from, path, want string }{
		{"direct v1.0.0", "", "direct", ""},
		{"direct v1.0.0 indirect", "", "direct", "example.org/direct is in mini.lock only because other modules require it\nrequire it yourself: mini get example.org/direct@v1.0.0"},
		{"direct v1.0.0", "", "direkt", "mini.lock doesn't require a module example.org/direkt\ndid you mean \"example.org/direct\"?\nto have it: mini get example.org/direkt@latest"},
		{"direct v1.0.0", "", "overridden", ""},
		{"user v1.0.0, direct v1.0.0 indirect", "user", "direct", ""},
		{"user v1.0.0, indirect v1.0.0", "user", "indirect", "example.org/user@v1.0.0 may not load example.org/indirect: its own mini.lock doesn't require it"},
		{"user v1.0.0, far v1.0.0", "user", "far", "example.org/user@v1.0.0 may not load example.org/far"},
		{"user v1.0.0", "user", "direct", "example.org/user@v1.0.0 requires example.org/direct v1.0.0, which mini.lock doesn't have\nsettle the versions anew: mini get"},
		{"user v1.0.0, newer v1.0.0 indirect", "user", "newer", "example.org/user@v1.0.0 requires example.org/newer v1.1.0, and mini.lock has v1.0.0"},
		{"user v1.0.0, other v1.0.0 indirect", "user", "other", "example.org/user@v1.0.0 requires example.org/other v2.0.0+incompatible, and mini.lock has v1.0.0"},
		// A directory that stands in for a module says what it requires, as it is now.
		{"far v1.0.0 indirect", "overridden", "far", ""},
		{"", "overridden", "far", "../work requires example.org/far v1.0.0, which mini.lock doesn't have\nrequire it: mini get example.org/far@v1.0.0"},
		{"direct v1.0.0", "overridden", "direct", "../work may not load example.org/direct"},
		{"", "", "..", "is not the path of a module"},
	} {
		set := &Set{Cache: c, Lock: "mini.lock", Required: lockOf(t, c, tt.lock), Get: "mini get",
			Overrides: map[string]Override{"example.org/overridden": {Dir: work, Shown: "../work/"}}}
		from := tt.from
		if from != "" {
			from = "example.org/" + from
		}
		found, err := set.Find(context.Background(), from, "example.org/"+tt.path)
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: %s loads %s: %v", tt.lock, tt.from, tt.path, err)
		}
		if told := (*Error)(nil); err != nil && (!errors.As(err, &told) || told.Hint == "") {
			t.Errorf("%s: %s loads %s: it says nothing of what to do: %v", tt.lock, tt.from, tt.path, err)
		}
		if err == nil && (found.Check == nil) != (tt.path == "overridden") {
			t.Errorf("%s: checked or not", tt.path)
		}
	}
}

// A module's file is read from the module alone.
func TestReadStaysInTheModule(t *testing.T) {
	dir := t.TempDir()
	if err := errors.Join(
		os.Mkdir(filepath.Join(dir, "module"), 0o755), os.WriteFile(filepath.Join(dir, "secret"), []byte("x"), 0o644),
		os.Symlink("../secret", filepath.Join(dir, "module", "link")), os.WriteFile(filepath.Join(dir, "module", "a"), []byte("a"), 0o644),
	); err != nil {
		t.Fatal(err)
	}
	f := &Found{Dir: filepath.Join(dir, "module")}
	if text, err := f.Read("a"); err != nil || string(text) != "a" {
		t.Errorf("%s, %v", text, err)
	}
	for _, name := range []string{"../secret", "link", filepath.Join(dir, "secret")} {
		if text, err := f.Read(name); err == nil {
			t.Errorf("%s: %s", name, text)
		}
	}
}
