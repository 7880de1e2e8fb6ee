package toolchain

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

func whole(dirs ...string) []tree {
	var trees []tree
	for _, d := range dirs {
		trees = append(trees, tree{path: d})
	}
	return trees
}

func listed(t *testing.T, dirs ...string) string {
	t.Helper()
	found, err := listTrees(context.Background(), whole(dirs...))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range found.files {
		names = append(names, f.name())
	}
	return strings.Join(names, " ")
}

func TestListTrees(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []string{"a/z.h", "a/sub/b.h", "a/sub/deep/c.h", "a/d.h", "b/e.h", "out/f.h"} {
		write(t, filepath.Join(dir, f), f)
	}
	a, b := dir+"/a", dir+"/b"
	const inA = "0/d.h 0/z.h 0/sub/b.h 0/sub/deep/c.h"
	for _, c := range []struct {
		dirs []string
		want string
	}{
		{[]string{a}, inA},
		{[]string{a, b}, inA + " 1/e.h"},
		{[]string{a, dir + "/none", b}, inA + " 2/e.h"},
		{[]string{a, a}, inA},                             // the same twice
		{[]string{a + "/sub", a}, inA},                    // one inside of the other
		{[]string{a, a + "/sub/deep", b}, inA + " 1/e.h"}, // likewise
		{[]string{dir + "/a", dir + "/ab"}, inA},          // a prefix is not a parent
		{[]string{dir + "/none"}, ""}, {nil, ""},
	} {
		if got := listed(t, c.dirs...); got != c.want {
			t.Errorf("%q:\ngot  %s\nwant %s", c.dirs, got, c.want)
		}
	}

	// Links: to a directory outside, to one inside, around in a circle, to nowhere, to a file; and a named pipe.
	for name, target := range map[string]string{"far": "../out", "near": "sub", "round": "..", "gone": "nothing", "file": "../b/e.h"} {
		if err := os.Symlink(target, filepath.Join(a, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(a+"/pipe", 0o600); err != nil {
		t.Fatal(err)
	}
	want := "0/d.h 0/far 0/file 0/gone 0/near 0/pipe 0/round 0/z.h 0/sub/b.h 0/sub/deep/c.h 1/f.h"
	if got := listed(t, a); !strings.HasPrefix(got, want) {
		t.Errorf("got  %s\nwant %s …", got, want)
	}
}

func TestTrees(t *testing.T) {
	dir := t.TempDir()
	a := filepath.Join(dir, "a")
	write(t, a+"/x.h", "1")
	write(t, a+"/sub/y.h", "2")
	write(t, dir+"/out/far.h", "3")
	for name, target := range map[string]string{"link.h": "x.h", "far": "../out", "gone": "nothing"} {
		if err := os.Symlink(target, filepath.Join(a, name)); err != nil {
			t.Fatal(err)
		}
	}
	c := later("")
	sum := func() string {
		t.Helper()
		s, _, err := c.trees(context.Background(), whole(a))
		if err != nil {
			t.Fatal(err)
		}
		if fresh, _, err := later("").trees(context.Background(), whole(a)); err != nil || fresh != s {
			t.Errorf("the cache says %s, the files %s (%v)", s, fresh, err)
		}
		return s
	}
	seen := []string{sum()}
	if again := sum(); again != seen[0] {
		t.Error("the same files, another digest")
	}
	for _, change := range []func(){
		func() { write(t, a+"/x.h", "8") },
		func() { write(t, a+"/sub/y.h", "9") },
		func() { write(t, dir+"/out/far.h", "7") },
		func() { write(t, a+"/sub/new.h", "") },
		func() { os.Rename(a+"/sub/new.h", a+"/sub/moved.h") },
		func() { os.Remove(a + "/gone") },
	} {
		change()
		s := sum()
		if slices.Contains(seen, s) {
			t.Errorf("change %d does not show", len(seen))
		}
		seen = append(seen, s)
	}
	key := a + "\x00"
	e, ok := c.kept.Trees[key]
	if !ok {
		t.Fatal("not kept")
	}
	e.SHA256 = "cached"
	c.kept.Trees[key] = e
	if s, _, err := c.trees(context.Background(), whole(a)); s != "cached" || err != nil {
		t.Error("the files were read again", err)
	}
}

func TestTreesUnreadable(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root can read everything")
	}
	dir := t.TempDir()
	write(t, dir+"/x.h", "1")
	write(t, dir+"/sub/y.h", "1")
	if err := os.Chmod(dir+"/x.h", 0); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir+"/sub", 0); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(dir+"/sub", 0o755)
	if _, _, err := later("").trees(context.Background(), whole(dir)); err != nil {
		t.Error(err)
	}
}

func TestTreesCancelled(t *testing.T) {
	dir := t.TempDir()
	write(t, dir+"/x.h", "1")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := later("").trees(ctx, whole(dir)); err == nil {
		t.Error("no error")
	}
}
