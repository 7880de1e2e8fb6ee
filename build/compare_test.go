package build

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Two stores, and a step whose result depends on a setting that is in no key.
func TestCompareFindsWhatASettingChanged(t *testing.T) {
	n := shellNode("n", strings.Join([]string{
		"mkdir -p out/deep",
		"echo same > out/a",
		"echo $WHAT > out/deep/text",
		"ln -s $WHAT out/link",
		"echo x > out/mode",
		"if [ $WHAT = two ]; then chmod +x out/mode; touch out/only2; mkdir out/kind; else touch out/kind out/only1; fi",
	}, "\n"), []string{"out"}, text("x", "y"))
	var stores [2]*Store
	var made [2]Object
	for i, what := range []string{"one", "two"} {
		e, run := newEngine(t, t.TempDir())
		run.Executor.(*Local).Extra = []string{"WHAT=" + what}
		stores[i], made[i] = e.Store, mustBuild(t, e, n)[n].Outputs["out"]
	}
	found, err := Compare(context.Background(), stores[0], made[0], stores[1], made[1])
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, m := range found {
		fmt.Fprintf(&b, "%s: %s\n", m.Path, m.What)
	}
	want := `deep/text: content
kind: kind
link: link target
mode: permission to execute
only1: only in the first
only2: only in the second
`
	if b.String() != want {
		t.Fatalf("got\n%swant\n%s", b.String(), want)
	}
	spot, err := FirstDifference(found[0].Files[0], found[0].Files[1])
	if err != nil || spot.Line != 1 || string(spot.Around[0]) != "one" || string(spot.Around[1]) != "two" {
		t.Errorf("%+v, %v", spot, err)
	}
	if same, err := Compare(context.Background(), stores[0], made[0], stores[0], made[0]); err != nil || len(same) != 0 {
		t.Errorf("a tree differs from itself: %v, %v", same, err)
	}
}

func TestFirstDifference(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct{ a, b, want string }{
		{"", "", "none"},
		{"same\n", "same\n", "none"},
		{"a\nb\nc\n", "a\nx\nc\n", `2 at 2: "b" "x"`},
		{"a\nb\n", "a\nb\nc\n", `3 at 4: "" "c"`},
		{"\x7fELF\x00\x01rest", "\x7fELF\x00\x02rest", `0 at 5: "\x01rest" "\x02rest"`},
		{"text", "te\x00t", `0 at 2: "xt" "\x00t"`}, // no text: bytes from the difference on
		{strings.Repeat("a", 1000) + "b", strings.Repeat("a", 1000) + "c",
			fmt.Sprintf("1 at 1000: %q %q", strings.Repeat("a", 400), strings.Repeat("a", 400))},
	} {
		var files [2]string
		for i, content := range []string{c.a, c.b} {
			files[i] = filepath.Join(dir, fmt.Sprint(i))
			if err := os.WriteFile(files[i], []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		spot, err := FirstDifference(files[0], files[1])
		if err != nil {
			t.Fatal(err)
		}
		got := "none"
		if spot != nil {
			got = fmt.Sprintf("%d at %d: %q %q", spot.Line, spot.Offset, spot.Around[0], spot.Around[1])
		}
		if got != c.want {
			t.Errorf("%q and %q: %s, want %s", c.a, c.b, got, c.want)
		}
	}
}

func TestSeedCopiesAndChecks(t *testing.T) {
	from, _ := newEngine(t, t.TempDir())
	to, _ := newEngine(t, t.TempDir())
	d := digestBytes([]byte("source"))
	if err := from.Store.PutBytes(context.Background(), d, []byte("source")); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := to.Store.Seed(context.Background(), from.Store, d); err != nil {
			t.Fatal(err)
		}
	}
	if b, err := to.Store.Bytes(context.Background(), d); err != nil || string(b) != "source" {
		t.Errorf("%q, %v", b, err)
	}
	bad := digestBytes([]byte("other!"))
	if err := os.MkdirAll(filepath.Dir(from.Store.BlobPath(bad)), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(from.Store.BlobPath(bad), []byte("damage"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := to.Store.Seed(context.Background(), from.Store, bad); err == nil {
		t.Error("a damaged source is copied as it is")
	}
}
