package toolchain

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

func TestFile(t *testing.T) {
	dir := t.TempDir()
	p := filepath.Join(dir, "f")
	write(t, p, "one")
	c := later("")
	check := func(text string) {
		t.Helper()
		if got, err := c.File(p); err != nil || got != sumOf(text) {
			t.Errorf("%s, %v; want that of %q", got, err, text)
		}
	}
	check("one")
	check("one")
	if len(c.kept.Files) != 1 {
		t.Error("not kept")
	}

	// The same size, inode and modification time: only the change time tells.
	info, err := os.Stat(p)
	if err != nil {
		t.Fatal(err)
	}
	write(t, p, "two")
	if err := os.Chtimes(p, info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	check("two")

	// The cache is what answers: a wrong entry shows.
	e := c.kept.Files[p]
	e.SHA256 = "cached"
	c.kept.Files[p] = e
	if got, _ := c.File(p); got != "cached" {
		t.Error("the file was read again")
	}
}

// A file that changed less than racyAge ago may change again without a trace.
func TestFileRacy(t *testing.T) {
	p := filepath.Join(t.TempDir(), "f")
	write(t, p, "one")
	s, err := regular(p)
	if err != nil {
		t.Fatal(err)
	}
	for age, keep := range map[time.Duration]bool{-time.Hour: false, 0: false, racyAge - 1: false, racyAge: true, time.Hour: true} {
		c := LoadDigests("")
		c.now = func() time.Time { return time.Unix(0, s.CTime).Add(age) }
		if _, err := c.File(p); err != nil {
			t.Fatal(err)
		}
		if got := len(c.kept.Files) == 1; got != keep {
			t.Errorf("age %v: kept is %v", age, got)
		}
	}
}

// A file with a modification time in the future must not be hashed anew for ever.
func TestFileFromTheFuture(t *testing.T) {
	p := filepath.Join(t.TempDir(), "f")
	write(t, p, "one")
	future := time.Now().Add(10000 * time.Hour)
	if err := os.Chtimes(p, future, future); err != nil {
		t.Fatal(err)
	}
	c := later("")
	if _, err := c.File(p); err != nil || len(c.kept.Files) != 1 {
		t.Error("not kept", err)
	}
}

func TestFileFails(t *testing.T) {
	dir := t.TempDir()
	c := later("")
	if _, err := c.File(dir + "/none"); !os.IsNotExist(err) || !strings.Contains(err.Error(), dir+"/none") {
		t.Error(err)
	}
	if err := syscall.Mkfifo(dir+"/fifo", 0o600); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{dir, dir + "/fifo"} {
		if _, err := c.File(p); err == nil || err.Error() != p+" is not a regular file" {
			t.Error(err)
		}
	}
}

func TestTool(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir+"/mawk", "awk")
	for _, l := range [][2]string{{"mawk", "alt"}, {"alt", "awk"}} {
		if err := os.Symlink(l[0], filepath.Join(dir, l[1])); err != nil {
			t.Fatal(err)
		}
	}
	got, err := later("").Tool(dir + "/awk")
	if want := (Component{"awk", dir + "/mawk", sumOf("awk")}); err != nil || got != want {
		t.Errorf("%v, %v; want %v", got, err, want)
	}
	if _, err := later("").Tool(dir + "/none"); !os.IsNotExist(err) {
		t.Error(err)
	}
}

func TestSave(t *testing.T) {
	dir := t.TempDir()
	p, file := filepath.Join(dir, "f"), filepath.Join(dir, "a/b/digests")
	write(t, p, "one")
	c := later(file)
	if err := c.Save(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		t.Error("nothing was learned, and a file is there", err)
	}
	if _, err := c.File(p); err != nil {
		t.Fatal(err)
	}
	if err := c.Save(); err != nil {
		t.Fatal(err)
	}
	names, err := os.ReadDir(filepath.Dir(file))
	if err != nil || len(names) != 1 {
		t.Errorf("%v, %v", names, err)
	}
	again := LoadDigests(file)
	if len(again.kept.Files) != 1 || again.kept.Files[p] != c.kept.Files[p] {
		t.Errorf("%v", again.kept)
	}

	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for i := range whole {
		bad := append([]byte{}, whole...)
		bad[i] ^= 1
		for what, b := range map[string][]byte{"flipped": bad, "cut": whole[:i]} {
			if err := os.WriteFile(file, b, 0o644); err != nil {
				t.Fatal(err)
			}
			if c := LoadDigests(file); len(c.kept.Files) != 0 {
				t.Fatalf("%s at %d is believed", what, i)
			}
		}
	}
	// A damaged file is replaced.
	c = later(file)
	if _, err := c.File(p); err != nil {
		t.Fatal(err)
	}
	if err := c.Save(); err != nil || len(LoadDigests(file).kept.Files) != 1 {
		t.Error(err)
	}
}

func TestSaveFails(t *testing.T) {
	dir := t.TempDir()
	write(t, dir+"/f", "one")
	if err := os.MkdirAll(dir+"/digests/in-the-way", 0o755); err != nil {
		t.Fatal(err)
	}
	c := later(dir + "/digests")
	if _, err := c.File(dir + "/f"); err != nil {
		t.Fatal(err)
	}
	if err := c.Save(); err == nil || !strings.HasPrefix(err.Error(), "can't keep the digests of tools: ") {
		t.Error(err)
	}
	if left, _ := filepath.Glob(dir + "/.digests-*"); left != nil {
		t.Errorf("left behind: %q", left)
	}
}

func TestForget(t *testing.T) {
	table, used := map[string]int{}, map[string]bool{}
	for i := range 10 {
		table[fmt.Sprint(i)] = i
		used[fmt.Sprint(i)] = i%2 == 0
	}
	if forget(table, used, 10); len(table) != 10 {
		t.Error("forgot with room left")
	}
	if forget(table, used, 9); len(table) != 5 {
		t.Errorf("%v", table)
	}
}

func TestDigestsConcurrently(t *testing.T) {
	top := fake(t)
	tc := probe(t, top)
	c := later(filepath.Join(t.TempDir(), "digests"))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if _, err := tc.Identity(context.Background(), c); err != nil {
				t.Error(err)
			}
			if err := c.Save(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}
