package outline_test

import (
	"flag"
	"os"
	"testing"

	"mini/lang"
	"mini/lang/outline"
)

var update = flag.Bool("update", false, "rewrite testdata/net.txt and testdata/net.md")

// TestPages reads a script with everything in it that a page shows, and much that it doesn't.
func TestPages(t *testing.T) {
	src, err := os.ReadFile("testdata/net.star")
	if err != nil {
		t.Fatal(err)
	}
	f, err := lang.Parse("net.star", src)
	if err != nil {
		t.Fatal(err)
	}
	o := outline.Of(f)
	for name, got := range map[string]string{"testdata/net.txt": o.Text(), "testdata/net.md": o.Markdown()} {
		if *update {
			if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s: got:\n%s", name, got)
		}
	}
}
