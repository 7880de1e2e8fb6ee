package archive

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Were the tree's bookkeeping ever wrong, a sink still must not write into a file
// that exists, nor through a link.
func TestSinkNeverOverwrites(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, "tree")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	s, err := newSink(context.Background(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	precious := filepath.Join(root, "precious")
	if err := os.WriteFile(precious, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(precious, filepath.Join(dir, "hard")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("../precious", filepath.Join(dir, "soft")); err != nil {
		t.Fatal(err)
	}
	large := strings.Repeat("x", smallFile+1) // written at once, so that the error is file's own
	for _, name := range []string{"hard", "soft"} {
		if err := s.file(header{name, 0o644, when}, int64(len(large)), strings.NewReader(large)); !errors.Is(err, fs.ErrExist) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := s.finish(); err != nil {
		t.Error(err)
	}
	if err := s.close(); err != nil {
		t.Error(err)
	}
	if b, err := os.ReadFile(precious); err != nil || string(b) != "mine" {
		t.Errorf("now it is %d bytes, %v", len(b), err)
	}
}
