package build

import (
	"archive/tar"
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"mini/build/step"

	"golang.org/x/sys/unix"
)

// A lie about a file shows whether the file was read: it is believed only while the file looks as it was told.
func TestATreeOfToldDigestsIsReadWhereItChanged(t *testing.T) {
	dir := plant(t, map[string]string{"same": "one\n", "rewritten": "two\n", "replaced": "tri\n", "mode": "fou\n", "untold": "fiv\n"})
	truth, _ := treeOf(t, dir)
	var known written
	tell := func(name string) {
		path := filepath.Join(dir, name)
		var st unix.Stat_t
		if err := unix.Stat(path, &st); err != nil {
			t.Fatal(err)
		}
		known.add(path, [32]byte{}, st)
	}
	for _, name := range []string{"rewritten", "replaced", "mode"} {
		tell(name)
	}
	time.Sleep(20 * time.Millisecond) // the clock of file times ticks slower than this code runs
	was, err := os.Stat(filepath.Join(dir, "rewritten"))
	if err != nil {
		t.Fatal(err)
	}
	writeOver := func(name, content string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	writeOver("rewritten", "two\n")
	if err := os.Chtimes(filepath.Join(dir, "rewritten"), was.ModTime(), was.ModTime()); err != nil {
		t.Fatal(err)
	}
	writeOver("new", "tri\n")
	if err := os.Rename(filepath.Join(dir, "new"), filepath.Join(dir, "replaced")); err != nil {
		t.Fatal(err)
	}
	for _, mode := range []os.FileMode{0o600, 0o644} {
		if err := os.Chmod(filepath.Join(dir, "mode"), mode); err != nil {
			t.Fatal(err)
		}
	}
	if o, _, err := digestTree(context.Background(), dir, &known); err != nil || o != truth {
		t.Errorf("files that changed since are taken as told: %v, %v, %v", o, truth, err)
	}
	tell("same")
	if o, _, err := digestTree(context.Background(), dir, &known); err != nil || o == truth {
		t.Errorf("a file that looks as it was told is read all the same (%v)", err)
	}
}

// The digests that unpacking tells and those of reading the tree again are the same tree.
func TestAnUnpackedTreeIsWhatItsFilesSay(t *testing.T) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range []tar.Header{
		{Name: "top/", Typeflag: tar.TypeDir, Mode: 0o755}, {Name: "top/a", Mode: 0o644, Size: 2}, {Name: "top/sub/x", Mode: 0o755, Size: 2},
		{Name: "top/hard", Typeflag: tar.TypeLink, Linkname: "top/a"}, {Name: "top/soft", Typeflag: tar.TypeSymlink, Linkname: "a"},
	} {
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if h.Size > 0 {
			if _, err := w.Write([]byte("a\n")); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	e, _ := newEngine(t, t.TempDir())
	n := &Node{
		Name: "src", Title: "src", Pos: "t.star:1:1", Inputs: []Input{{Path: "a.tar", Data: b.Bytes()}},
		Steps: []string{step.Line("unpack", "--strip", "1", "a.tar", "src")}, Outputs: []string{"src"},
	}
	if !n.InProcess() {
		t.Fatal("unpacking is no step of mini's own any more")
	}
	path, object, err := e.CheckedPath(context.Background(), mustBuild(t, e, n)[n], &Artifact{Node: n, Output: "src"})
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := treeOf(t, path); again.Digest != object.Digest {
		t.Errorf("stored as %v, but it reads as %v", object.Digest, again.Digest)
	}
}
