package kconf

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"
)

// Each archive of testdata is a small source with settings, and what a real conf made of them: "defaults" stands for
// olddefconfig, "no" for allnoconfig with the settings as KCONFIG_ALLCONFIG. With MINI_UPDATE and the sources in
// MINI_TEST_CACHE, TestRealGolden writes what is expected anew.
func TestGolden(t *testing.T) {
	for _, g := range goldens(t) {
		for style, name := range styleNames {
			for _, set := range g.sets {
				want, ok := g.want[name+" "+set]
				if !ok {
					continue
				}
				tree := g.parse(t, style)
				got := "defaults\n" + configText(tree.Evaluate(Input{Settings: g.settings(set)}).Config())
				if style != Old {
					got += "no\n" + configText(tree.Evaluate(Input{Settings: g.settings(set), New: NewNo}).Config())
				}
				if got != want {
					t.Errorf("%s, set %s, %s:\n%s", g.file, set, name, lineDiff(got, want))
				}
			}
		}
	}
}

var styleNames = map[Style]string{Choices: "choices", ChoiceSymbols: "choice-symbols", Old: "old"}

type golden struct {
	file    string
	archive *txtar.Archive
	files   fs.FS
	sets    []string
	text    map[string]string // settings
	want    map[string]string
}

func goldens(t *testing.T) []*golden {
	t.Helper()
	names, _ := filepath.Glob("testdata/*.txtar")
	var all []*golden
	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		g := &golden{file: name, archive: archive, text: make(map[string]string), want: make(map[string]string)}
		files := fstest.MapFS{}
		for _, f := range archive.Files {
			if set, ok := strings.CutPrefix(f.Name, "set "); ok {
				g.sets = append(g.sets, set)
				g.text[set] = string(f.Data)
			} else if strings.Contains(f.Name, " ") {
				g.want[f.Name] = string(f.Data)
			} else {
				files[f.Name] = &fstest.MapFile{Data: f.Data}
			}
		}
		g.files = files
		all = append(all, g)
	}
	if len(all) == 0 {
		t.Fatal("no testdata")
	}
	return all
}

func (g *golden) parse(t *testing.T, style Style) *Tree {
	t.Helper()
	root := "Kconfig"
	if style == Old {
		root = "Config.in"
	}
	tree, err := Parse(Options{Style: style, Root: root, Dirs: []fs.FS{g.files}, Shell: recorded})
	if err != nil {
		t.Fatalf("%s: %v", g.file, err)
	}
	return tree
}

// recorded is what a shell says to the few commands of testdata.
func recorded(command string) (string, error) {
	answers := map[string]string{
		`{ true; } >/dev/null 2>&1 && echo "y" || echo "n"`:  "y\n",
		`{ false; } >/dev/null 2>&1 && echo "y" || echo "n"`: "n\n",
		"echo 7":            "7\n",
		`printf 'a\nb\n\n'`: "a\nb\n\n",
	}
	out, ok := answers[command]
	if !ok {
		return "", fmt.Errorf("nobody recorded what this says")
	}
	return out, nil
}

func (g *golden) settings(set string) []Setting {
	var settings []Setting
	for line := range strings.Lines(g.text[set]) {
		if name, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "="); ok {
			settings = append(settings, Setting{name, value})
		}
	}
	return settings
}

func configText(config map[string]string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(config)) {
		fmt.Fprintf(&b, "  %s=%s\n", name, config[name])
	}
	return b.String()
}

func lineDiff(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	var out []string
	for _, line := range a {
		if !slices.Contains(b, line) {
			out = append(out, "got  "+line)
		}
	}
	for _, line := range b {
		if !slices.Contains(a, line) {
			out = append(out, "want "+line)
		}
	}
	return strings.Join(out, "\n")
}

// TestRealGolden asks the sources' own conf for what TestGolden expects.
func TestRealGolden(t *testing.T) {
	for _, dir := range sources(t, "MINI_REAL") {
		r := readSource(t, dir, "x86_64")
		for _, g := range goldens(t) {
			root := "Kconfig"
			if r.style == Old {
				root = "Config.in"
			}
			if _, err := fs.Stat(g.files, root); err != nil {
				continue
			}
			r.compareGolden(t, g, root)
		}
	}
}

func (r *realSource) compareGolden(t *testing.T, g *golden, root string) {
	small := &realSource{name: r.name, dir: t.TempDir(), build: r.build, style: r.style}
	if err := os.CopyFS(small.dir, g.files); err != nil {
		t.Fatal(err)
	}
	small.env = append(slices.Clone(r.env), "srctree="+small.dir)
	tree := g.parse(t, r.style)
	for _, set := range g.sets {
		config := writeConfig(tree, g.settings(set))
		var got string
		if r.style == Old {
			got = "defaults\n" + configText(small.conf(t, "-o", config))
		} else {
			list := filepath.Join(r.build, "all.list")
			if err := os.WriteFile(list, config, 0o644); err != nil {
				t.Fatal(err)
			}
			got = "defaults\n" + configText(small.conf(t, "--olddefconfig", config)) + "no\n" + configText(small.conf(t, "--allnoconfig", nil, "KCONFIG_ALLCONFIG="+list))
		}
		key := styleNames[r.style] + " " + set
		switch {
		case g.want[key] == got:
		case os.Getenv("MINI_UPDATE") != "":
			g.archive.Files = slices.DeleteFunc(g.archive.Files, func(f txtar.File) bool { return f.Name == key })
			g.archive.Files = append(g.archive.Files, txtar.File{Name: key, Data: []byte(got)})
			if err := os.WriteFile(g.file, txtar.Format(g.archive), 0o644); err != nil {
				t.Fatal(err)
			}
		default:
			t.Errorf("%s, set %s: %s's conf says\n%s", g.file, set, r.name, lineDiff(got, g.want[key]))
		}
	}
}
