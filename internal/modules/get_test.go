package modules

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/module"
)

// graph makes modules of lines such as "a v1.0.0: b v1.2.0, c v1.0.0"; all lie below example.org.
func graph(t *testing.T, lines string) map[string]map[string]published {
	t.Helper()
	has := map[string]map[string]published{}
	for line := range strings.Lines(lines) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		what, needs, _ := strings.Cut(line, ":")
		name, version, _ := strings.Cut(what, " ")
		lock := ""
		for _, n := range strings.Split(needs, ",") {
			if words := strings.Fields(n); len(words) >= 2 {
				r := Requirement{Path: "example.org/" + words[0], Version: words[1], Sum: sumOf(nil), Indirect: len(words) > 2}
				lock += r.Format() + " check=12345678\n"
			}
		}
		path := "example.org/" + name
		if has[path] == nil {
			has[path] = map[string]published{}
		}
		has[path][version] = published{"x.star": "# " + what, LockName: lock}
	}
	return has
}

// TestGet shows what becomes of a lock: requirements are written as in graph, with the word indirect.
func TestGet(t *testing.T) {
	const modules = `
		a v1.0.0: c v1.1.0
		a v1.1.0: c v1.2.0, d v1.0.0
		a v1.2.0:
		b v1.0.0: c v1.3.0
		b v1.1.0: c v1.2.0
		c v1.0.0:
		c v1.1.0:
		c v1.2.0:
		c v1.3.0: e v1.0.0
		c v1.4.0:
		d v1.0.0:
		e v1.0.0:
		m v1.0.0: old v1.0.0
		n v1.0.0: old v2.0.0+incompatible
		n v1.1.0: old/v2 v2.0.0
		old v1.0.0:
		old v2.0.0+incompatible:
		old/v2 v2.0.0:
		ring1 v1.0.0: ring2 v1.0.0
		ring2 v1.0.0: ring1 v1.1.0
		ring1 v1.1.0: ring2 v1.0.0
		gone v1.0.0: nowhere v1.0.0
		pre v1.0.0:
		pre v1.1.0-rc.1:
		bad v1.0.0:
	`
	s := newServer(t, graph(t, modules))
	s.has["example.org/bad"]["v1.0.0"][LockName] = "\nmodule name=example.org/a version=v1\n"
	c := newCache(t, Config{Proxy: s.URL})
	for _, tt := range []struct{ have, wishes, want, changes string }{
		{"", "a@v1.0.0", "a v1.0.0, c v1.1.0 indirect", "a +v1.0.0, c +v1.1.0 by a@v1.0.0"},
		// The highest that anybody requires, and not the newest there is.
		{"", "a@v1.0.0 b@v1.1.0", "a v1.0.0, b v1.1.0, c v1.2.0 indirect", ""},
		{"a v1.0.0, c v1.1.0 indirect", "b@v1.0.0", "a v1.0.0, b v1.0.0, c v1.3.0 indirect, e v1.0.0 indirect", "b +v1.0.0, c v1.1.0>v1.3.0 by b@v1.0.0, e +v1.0.0 by c@v1.3.0"},
		// What is raised may need less.
		{"a v1.1.0, c v1.2.0 indirect, d v1.0.0 indirect", "a", "a v1.2.0", "a v1.1.0>v1.2.0, c v1.2.0-, d v1.0.0-"},
		{"a v1.1.0, c v1.2.0 indirect, d v1.0.0 indirect", "a@v1.0.0", "a v1.0.0, c v1.2.0 indirect", "a v1.1.0>v1.0.0, d v1.0.0-"},
		// An indirect one that was raised by hand stays so, and one that is asked for becomes direct.
		{"a v1.0.0, c v1.4.0 indirect", "", "a v1.0.0, c v1.4.0 indirect", ""},
		{"a v1.0.0, c v1.1.0 indirect", "c@v1.1.0", "a v1.0.0, c v1.1.0", "c v1.1.0>v1.1.0"},
		{"a v1.0.0, c v1.4.0", "c@none", "a v1.0.0, c v1.1.0 indirect", "c v1.4.0>v1.1.0 by a@v1.0.0"},
		{"a v1.0.0, c v1.1.0 indirect", "a@none", "", "a v1.0.0-, c v1.1.0-"},
		// Two branches were merged: each had c as it needed it.
		{"a v1.0.0, b v1.0.0, c v1.1.0 indirect", "", "a v1.0.0, b v1.0.0, c v1.3.0 indirect, e v1.0.0 indirect", ""},
		{"", "ring1@v1.0.0", "!example.org/ring1@v1.0.0 can't be had: example.org/ring2@v1.0.0 requires example.org/ring1 v1.1.0", ""},
		{"", "ring1@v1.1.0", "ring1 v1.1.0, ring2 v1.0.0 indirect", ""},
		{"", "a@v1.0.0 c@v1.0.0", "!example.org/c@v1.0.0 can't be had: example.org/a@v1.0.0 requires example.org/c v1.1.0", ""},
		{"", "m@v1.0.0 n@v1.0.0", "!two majors of example.org/old are required:\n    v1.0.0 by example.org/m@v1.0.0\n    v2.0.0+incompatible by example.org/n@v1.0.0", ""},
		{"", "m@v1.0.0 n@v1.1.0", "m v1.0.0, n v1.1.0, old v1.0.0 indirect, old/v2 v2.0.0 indirect", ""},
		{"", "gone@v1.0.0", "!example.org/nowhere@v1.0.0 could not be brought", ""},
		{"", "gone@v1.0.0", "!(required by example.org/gone@v1.0.0)", ""},
		{"", "bad@v1.0.0", "!example.org/bad@v1.0.0//mini.lock:2: sum is missing", ""},
		{"", "a@v1.7.0", "!it has: v1.0.0, v1.1.0, v1.2.0", ""},
		{"", "a a@v1.0.0", "!asked for twice", ""},
		{"a v1.0.0", "d@none", "!mini.lock doesn't require example.org/d", ""},
		{"pre v1.1.0-rc.1", "pre", "pre v1.1.0-rc.1", ""},
		{"pre v1.0.0", "pre", "pre v1.0.0", ""},
	} {
		var wishes []Wish
		for _, w := range strings.Fields(tt.wishes) {
			wish, err := ParseWish("example.org/" + w)
			if err != nil {
				t.Fatal(err)
			}
			wishes = append(wishes, wish)
		}
		now, changes, err := c.Get(context.Background(), lockOf(t, c, tt.have), wishes)
		if want, wrong := strings.CutPrefix(tt.want, "!"); wrong {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %s: %v", tt.have, tt.wishes, err)
			}
			continue
		}
		if got := lockText(now); err != nil || got != tt.want {
			t.Errorf("%s: %s: %s, %v", tt.have, tt.wishes, got, err)
		}
		if got := changesText(changes); tt.changes != "" && got != tt.changes {
			t.Errorf("%s: %s: changes %s", tt.have, tt.wishes, got)
		}
		// Once more changes nothing: it is what the lock says now.
		same, more, err := c.Get(context.Background(), now, nil)
		if err != nil || len(more) > 0 || !slices.Equal(same, now) {
			t.Errorf("%s: %s: once more: %s, %v", tt.have, tt.wishes, lockText(same), err)
		}
	}
}

func lockOf(t *testing.T, c *Cache, text string) []Requirement {
	t.Helper()
	var rs []Requirement
	for _, n := range strings.Split(text, ",") {
		words := strings.Fields(n)
		if len(words) < 2 {
			continue
		}
		v := module.Version{Path: "example.org/" + words[0], Version: words[1]}
		tree, err := c.Tree(context.Background(), v, "")
		if err != nil {
			t.Fatal(err)
		}
		rs = append(rs, Requirement{Path: v.Path, Version: v.Version, Sum: tree.Sum, Indirect: len(words) > 2})
	}
	return rs
}

func lockText(rs []Requirement) string {
	var parts []string
	for _, r := range rs {
		part := strings.TrimPrefix(r.String(), "example.org/")
		if r.Indirect {
			part += " indirect"
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
}

func changesText(changes []Change) string {
	var parts []string
	for _, c := range changes {
		part := strings.TrimPrefix(c.Path, "example.org/") + " "
		switch {
		case c.From == "":
			part += "+" + c.To
		case c.To == "":
			part += c.From + "-"
		default:
			part += c.From + ">" + c.To
		}
		if c.By != "" {
			part += " by " + strings.TrimPrefix(c.By, "example.org/")
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
}

// A proxy that invents modules without end is stopped.
func TestEndlessRequirements(t *testing.T) {
	n := 0
	_, err := choose([]need{{module.Version{Path: "example.org/a", Version: "v1.0.0"}, "mini.lock"}}, func(need) ([]need, error) {
		n++
		return []need{{module.Version{Path: fmt.Sprintf("example.org/a%d", n), Version: "v1.0.0"}, "it"}}, nil
	})
	if err == nil || n > maxModules+1 {
		t.Errorf("%d, %v", n, err)
	}
}

func TestRequirementLines(t *testing.T) {
	r := Requirement{Path: netPath, Version: "v1.0.0", Sum: sumOf(nil), Indirect: true}
	if got, err := ParseRequirement(r.Format(), 0); err != nil || got != r {
		t.Errorf("%+v, %v", got, err)
	}
	good := r.Format()
	for _, tt := range []struct{ line, want string }{
		{strings.Replace(good, "name=", "nam=", 1), "unknown field"},
		{strings.Replace(good, " version=v1.0.0", "", 1), "version is missing"},
		{strings.Replace(good, " sum=", " version=", 1), "version is there twice"},
		{strings.Replace(good, "v1.0.0", "v1.0", 1), "is not a version"},
		{strings.Replace(good, "v1.0.0", "v2.0.0", 1), "can't be a version of example.org/Acme/net"},
		{strings.Replace(good, "v1.0.0", "v1.0.0/../..", 1), "is not a version"},
		{strings.Replace(good, "example.org", "..", 1), "is not the path of a module"},
		{strings.Replace(good, "example.org", "-example.org", 1), "is not the path of a module"},
		{strings.Replace(good, "h1:", "h2:", 1), "is not a checksum"},
		{strings.Replace(good, "indirect=yes", "indirect=no", 1), "neither"},
		{good + " word", "is not key=value"},
		{"source name=x", "is no module's line"},
	} {
		if _, err := ParseRequirement(tt.line, 1); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", tt.line, err)
		}
	}
}
