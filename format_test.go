package mini_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mini/lang/format"
)

// TestScriptsAreLaidOut holds every script that mini ships, and the one that its README shows, to `mini fmt`.
func TestScriptsAreLaidOut(t *testing.T) {
	n := 0
	for _, dir := range []string{"examples", "stdlib"} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".star") {
				return err
			}
			src, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			n++
			laidOut(t, path, string(src))
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	if n == 0 {
		t.Error("no script was found")
	}
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(readme), "```python\n")
	script, _, found := strings.Cut(rest, "```")
	if !found {
		t.Fatal("README.md shows no script")
	}
	laidOut(t, "README.md", script)
}

func laidOut(t *testing.T, name, src string) {
	t.Helper()
	out, err := format.Source(name, []byte(src))
	if err != nil {
		t.Error(err)
	} else if string(out) != src {
		t.Errorf("%s is not laid out as `mini fmt` does it, but:\n%s", name, out)
	}
}
