package lang_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mini/lang"
)

// A script is called what the user called it, wherever its root is; so is what lies beside it, and what lies above has the
// way up in its name.
func TestNamesBelowARoot(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{
		"top.star":                "fail(\"top\")\n",
		"systems/lib/beside.star": "fail(\"beside\")\n",
		"systems/own.star":        "fail(\"own\")\n",
		"systems/loads.star":      "load(\"lib/beside.star\", \"x\")\n",
		"systems/above.star":      "load(\"//top.star\", \"x\")\n",
	} {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ dir, script, want string }{
		{"systems", "own.star", "own.star:1:1: "},
		{"systems", "./own.star", "./own.star:1:1: "},
		{"systems", "loads.star", "lib/beside.star:1:1: "},
		{"systems", "above.star", "../top.star:1:1: "},
		{".", "systems/own.star", "systems/own.star:1:1: "},
		{".", "systems/loads.star", "systems/lib/beside.star:1:1: "},
		{".", "systems/above.star", "top.star:1:1: "},
	} {
		t.Chdir(filepath.Join(root, c.dir))
		text, err := os.ReadFile(c.script)
		if err != nil {
			t.Fatal(err)
		}
		_, err = lang.Run(context.Background(), c.script, text, lang.Options{Root: root})
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s in %s: %v", c.script, c.dir, err)
		}
	}
}
