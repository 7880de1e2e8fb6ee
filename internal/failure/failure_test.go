package failure

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "write what is found into testdata")

// Each file of testdata holds the output of a command that really failed, what of it is shown, and what is said of it on the
// host that the file describes. The outputs are whole; only paths were made shorter.
func TestRealFailures(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	told := map[string]bool{}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			a := txtar.Parse(text)
			section := func(name string) string {
				for _, f := range a.Files {
					if f.Name == name {
						return string(f.Data)
					}
				}
				return ""
			}
			f := &Finder{}
			fmt.Fprint(f, section("log"))
			r := f.Report()
			for _, line := range r.Lines {
				if c, ok := match(line); ok {
					told[c.name] = true
				}
			}
			for name := range r.said {
				told[name] = true
			}
			got := map[string]string{"lines": joined(r.Excerpt()), "advice": joined(r.Advice(parseHost(section("host"))))}
			if *update {
				for _, name := range []string{"lines", "advice"} {
					a.Files = slices.DeleteFunc(a.Files, func(f txtar.File) bool { return f.Name == name })
					a.Files = append(a.Files, txtar.File{Name: name, Data: []byte(got[name])})
				}
				if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			for name, text := range got {
				if want := section(name); text != want {
					t.Errorf("%s: got\n%s\nwant\n%s", name, text, want)
				}
			}
		})
	}
	for _, c := range records {
		if !told[c.name] {
			t.Errorf("no real failure shows the record %q", c.name)
		}
	}
}

func joined(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	return strings.Join(lines, "\n") + "\n"
}

// parseHost reads lines of a word and what it means: "tools make gcc", "headers libelf.h", "has perl", "install bc=apt install bc",
// "cause PATTERN=what it means".
func parseHost(text string) Host {
	var h Host
	var has []string
	install := map[string]string{}
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		word, rest, _ := strings.Cut(line, " ")
		switch word {
		case "tools":
			h.Tools = strings.Fields(rest)
		case "headers":
			h.Headers = strings.Fields(rest)
		case "has":
			has = strings.Fields(rest)
		case "install":
			need, command, _ := strings.Cut(rest, "=")
			install[need] = command
		case "cause":
			shows, says, _ := strings.Cut(rest, "=")
			h.Causes = append(h.Causes, Cause{shows, says})
		}
	}
	h.Has = func(program string) bool { return slices.Contains(has, program) }
	h.Install = func(need string) string { return install[need] }
	return h
}
