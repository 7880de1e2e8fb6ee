package patch

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// in makes a directory with files; their contents begin with x when they are executable.
func in(t *testing.T, files map[string]string) (string, *os.Root) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		at := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	return dir, root
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return "<none>"
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

const letter = "From 1234 Mon Sep 17 00:00:00 2001\nSubject: [PATCH] change what there is\n\nIt was not good:\n  -old\n---\n a.c | 2 +-\n\n"

func TestApply(t *testing.T) {
	const abc = "a\nb\nc\nd\ne\nf\ng\nh\n"
	for name, tt := range map[string]struct {
		files map[string]string
		patch string
		want  map[string]string
	}{
		"diff -u, one level left out": {
			map[string]string{"x/a": abc}, "--- old-1.0/x/a\t2020-01-01\n+++ new/x/a\n@@ -2,3 +2,3 @@\n b\n-c\n+C\n d\n",
			map[string]string{"x/a": "a\nb\nC\nd\ne\nf\ng\nh\n"}},
		"git's, with a letter before and a signature behind": {
			map[string]string{"a": abc}, letter + "diff --git a/a b/a\nindex 1..2 100644\n--- a/a\n+++ b/a\n@@ -1,3 +1,2 @@\n a\n-b\n c\n-- \n2.39.2\n\n",
			map[string]string{"a": "a\nc\nd\ne\nf\ng\nh\n"}},
		"hunks that grow and shrink": {
			map[string]string{"a": abc}, "--- a/a\n+++ b/a\n@@ -1,2 +1,4 @@\n a\n+1\n+2\n b\n@@ -7,2 +9,1 @@\n-g\n h\n",
			map[string]string{"a": "a\n1\n2\nb\nc\nd\ne\nf\nh\n"}},
		"lines away": {
			map[string]string{"a": "0\n0\n0\n" + abc}, "--- a/a\n+++ b/a\n@@ -2,3 +2,3 @@\n b\n-c\n+C\n d\n@@ -7,2 +7,3 @@\n g\n+G\n h\n",
			map[string]string{"a": "0\n0\n0\na\nb\nC\nd\ne\nf\ng\nG\nh\n"}},
		"without context": {
			map[string]string{"a": abc}, "--- a/a\n+++ b/a\n@@ -3,0 +4,1 @@\n+new\n@@ -5,2 +6,0 @@\n-e\n-f\n",
			map[string]string{"a": "a\nb\nc\nnew\nd\ng\nh\n"}},
		"a last line without newline": {
			map[string]string{"a": "a\nb"}, "--- a/a\n+++ b/a\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+B\n",
			map[string]string{"a": "a\nB\n"}},
		"made, removed, renamed, made executable": {
			map[string]string{"gone": "a\n", "old/name": "a\n", "run": "#!/bin/sh\n"},
			"diff --git a/gone b/gone\ndeleted file mode 100644\n--- a/gone\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n" +
				"diff --git a/n/new b/n/new\nnew file mode 100755\n--- /dev/null\n+++ b/n/new\n@@ -0,0 +1,2 @@\n+a\n+b\n" +
				"diff --git a/old/name b/new/name\nsimilarity index 100%\nrename from old/name\nrename to new/name\n" +
				"diff --git a/run b/run\nold mode 100644\nnew mode 100755\n",
			map[string]string{"gone": "<none>", "n/new": "a\nb\n", "old/name": "<none>", "new/name": "a\n"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir, root := in(t, tt.files)
			if err := Apply(root, []byte(tt.patch), func(string) {}); err != nil {
				t.Fatal(err)
			}
			for name, want := range tt.want {
				if got := read(t, dir, name); got != want {
					t.Errorf("%s: %q, want %q", name, got, want)
				}
			}
			for _, name := range []string{"n/new", "run"} {
				if info, err := os.Stat(filepath.Join(dir, name)); err == nil && info.Mode().Perm() != 0o755 {
					t.Errorf("%s has mode %v", name, info.Mode())
				}
			}
		})
	}
}

func TestWhatDoesNotApply(t *testing.T) {
	const change = "--- a/a\n+++ b/a\n@@ -1,2 +1,2 @@\n a\n-b\n+B\n@@ -5,2 +5,2 @@\n e\n-f\n+F\n"
	for name, tt := range map[string]struct{ file, patch, want string }{
		"another line":        {"a\nb\nc\nd\ne\nX\n", change, "hunk 2 of 2 of a does not apply: line 6 is \"X\", and the patch expects \"f\"\n    @@ -5,2 +5,2 @@"},
		"too short":           {"a\nb\nc\n", change, "hunk 2 of 2 of a does not apply: it expects a line 5, and the file has 3"},
		"applied already":     {"a\nB\nc\nd\ne\nf\n", change, "hunk 1 of 2 of a does not apply: what it makes is there already, in line 1"},
		"lines far away":      {"a\nb\n", "--- a/a\n+++ b/a\n@@ -9223372036854775806,2 +9223372036854775806,2 @@\n a\n-c\n+B\n", "hunk 1 of 1 of a does not apply"},
		"not there":           {"", "--- a/b\n+++ b/b\n@@ -1 +1 @@\n-a\n+b\n", "there is no b to patch"},
		"there already":       {"a\n", "--- /dev/null\n+++ b/a\n@@ -0,0 +1 @@\n+a\n", "a is to be made, and is there already"},
		"more to remove":      {"a\nb\n", "--- a/a\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n", "a is to be removed, and has more in it"},
		"binary":              {"a\n", "diff --git a/a b/a\nindex 1234567..2345678 100644\nBinary files a/a and b/a differ\n", "binary patches are not supported"},
		"nothing":             {"a\n", "Just words.\n", "there is no diff in it"},
		"cut off":             {"a\n", "--- a/a\n+++ b/a\n@@ -1,2 +1,2 @@\n a\n", "fragment"},
		"out of the tree":     {"a\n", "--- /dev/null\n+++ b/../../evil\n@@ -0,0 +1 @@\n+a\n", "escapes"},
		"out by git's header": {"a\n", "diff --git a/../../evil b/../../evil\nnew file mode 100644\n--- /dev/null\n+++ b/../../evil\n@@ -0,0 +1 @@\n+a\n", "escapes"},
	} {
		t.Run(name, func(t *testing.T) {
			dir, root := in(t, map[string]string{"a": tt.file})
			err := Apply(root, []byte(tt.patch), func(string) {})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want %s", err, tt.want)
			}
			if _, err := os.Lstat(filepath.Join(dir, "..", "evil")); err == nil {
				t.Error("it wrote outside")
			}
		})
	}
}

// What mends a source is passed over where the source has it, hunk by hunk, and is an error where something else stands.
func TestMend(t *testing.T) {
	const change = "--- a/a\n+++ b/a\n@@ -1,2 +1,2 @@\n a\n-b\n+B\n@@ -5,2 +5,2 @@\n e\n-f\n+F\n--- a/c\n+++ b/c\n@@ -1 +1 @@\n-c\n+C\n"
	for before, want := range map[string]string{
		"a\nb\nc\nd\ne\nf\n": "", "a\nB\nc\nd\ne\nf\n": "hunk 1 of a is there already, in line 1", "a\nB\nc\nd\ne\nF\n": "hunk 2 of a is there already, in line 5",
	} {
		dir, root := in(t, map[string]string{"a": before, "c": "c\n"})
		var said []string
		if err := Mend(root, []byte(change), func(s string) { said = append(said, s) }); err != nil {
			t.Errorf("%q: %v", before, err)
		}
		if got := read(t, dir, "a") + read(t, dir, "c"); got != "a\nB\nc\nd\ne\nF\nC\n" || !strings.Contains(strings.Join(said, "\n"), want) {
			t.Errorf("%q becomes %q, with %q", before, got, said)
		}
	}
	_, root := in(t, map[string]string{"a": "a\nX\nc\nd\ne\nf\n", "c": "c\n"})
	if err := Mend(root, []byte(change), func(string) {}); err == nil || !strings.Contains(err.Error(), `line 2 is "X"`) {
		t.Error(err)
	}
}

// A link in the tree must not lead out of it.
func TestLinksLeadNowhere(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "victim")
	if err := os.WriteFile(outside, []byte("a\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	dir, root := in(t, nil)
	if err := os.Symlink(outside, filepath.Join(dir, "a")); err != nil {
		t.Fatal(err)
	}
	if err := Apply(root, []byte("--- a/a\n+++ b/a\n@@ -1 +1 @@\n-a\n+b\n"), func(string) {}); err == nil {
		t.Error("it followed the link")
	}
	if text, _ := os.ReadFile(outside); string(text) != "a\n" {
		t.Errorf("the file outside is %q", text)
	}
}

// What make goes by does not depend on when a patch was applied.
func TestTimesStay(t *testing.T) {
	dir, root := in(t, map[string]string{"a": "a\n"})
	then := time.Unix(1e9, 5)
	if err := os.Chtimes(filepath.Join(dir, "a"), then, then); err != nil {
		t.Fatal(err)
	}
	patch := "--- a/a\n+++ b/a\n@@ -1 +1 @@\n-a\n+b\n--- /dev/null\n+++ b/n\n@@ -0,0 +1 @@\n+n\n"
	if err := Apply(root, []byte(patch), func(string) {}); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]time.Time{"a": then, "n": time.Unix(0, 0)} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || !info.ModTime().Equal(want) {
			t.Errorf("%s: %v %v", name, info.ModTime(), err)
		}
	}
}

// What diff(1) writes of two files leads from one to the other, also where the first has grown a few lines elsewhere.
func TestAgainstDiff(t *testing.T) {
	diff, err := exec.LookPath("diff")
	if err != nil {
		t.Skip("no diff here")
	}
	const seed, rounds = 1, 150
	t.Logf("seed %d, %d rounds", seed, rounds)
	r := rand.New(rand.NewSource(seed))
	for range rounds {
		var old, changed []string
		for i := range 5 + r.Intn(60) {
			line := fmt.Sprintf("%d\n", i*10+r.Intn(3))
			old = append(old, line)
			switch r.Intn(8) {
			case 0: // gone
			case 1:
				changed = append(changed, line, "new "+line)
			case 2:
				changed = append(changed, "other "+line)
			default:
				changed = append(changed, line)
			}
		}
		if r.Intn(3) == 0 {
			old[len(old)-1] = strings.TrimSuffix(old[len(old)-1], "\n")
		}
		dir, root := in(t, map[string]string{"x/a": strings.Join(old, ""), "x/b": strings.Join(changed, "")})
		cmd := exec.Command(diff, fmt.Sprintf("-U%d", r.Intn(4)), "x/a", "x/b")
		cmd.Dir = dir
		text, _ := cmd.Output() // it exits with 1 when they differ
		if len(text) == 0 {
			continue
		}
		text = []byte(strings.Replace(string(text), "+++ x/b", "+++ x/a", 1))
		if err := os.Rename(filepath.Join(dir, "x/a"), filepath.Join(dir, "a")); err != nil {
			t.Fatal(err)
		}
		if err := Apply(root, text, func(string) {}); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if got := read(t, dir, "a"); got != strings.Join(changed, "") {
			t.Fatalf("%q\nwant %q\n%s", got, changed, text)
		}
	}
}

// No patch makes it panic, hang or leave its directory.
func FuzzApply(f *testing.F) {
	f.Add([]byte("--- a/a\n+++ b/a\n@@ -1,2 +1,2 @@\n a\n-b\n+B\n"))
	f.Add([]byte("diff --git a/a b/n/c\nsimilarity index 100%\nrename from a\nrename to n/c\n"))
	f.Add([]byte("diff --git a/n b/n\nnew file mode 100755\n--- /dev/null\n+++ b/n\n@@ -0,0 +1 @@\n+a\n\\ No newline at end of file\n"))
	f.Add([]byte(letter + "diff --git a/a b/a\ndeleted file mode 100644\n--- a/a\n+++ /dev/null\n@@ -1,3 +0,0 @@\n-a\n-b\n-c\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		outer := t.TempDir()
		dir := filepath.Join(outer, "in")
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "a"), []byte("a\nb\nc\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		root, err := os.OpenRoot(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer root.Close()
		_ = Apply(root, text, func(string) {})
		if there, err := os.ReadDir(outer); err != nil || len(there) != 1 {
			t.Errorf("%v %v", there, err)
		}
	})
}
