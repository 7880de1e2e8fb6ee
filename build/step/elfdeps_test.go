package step

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"mini/internal/elf"
)

// An upgrade may leave a library where it was and lead the link to another, so the link is written down as well. What comes out of an
// input is in the key.
func TestElfdepsTellsWhatItCopied(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "libz.so.1"), []byte("z"), 0o644); err != nil {
		t.Fatal(err)
	}
	f := finder{deps: []string{"/dep"}, asked: map[string][]string{"/host/libz.so.1.2": {"/host/libz.so.1"}}}
	libs := []elf.Library{{Path: "/libz.so.1", HostPath: "/host/libz.so.1.2"}, {Path: "/liby.so", HostPath: "/dep/liby.so"}}
	to := filepath.Join(dir, "copied")
	if err := f.tell(dir, libs, to); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte("z"))
	want := fmt.Sprintf("%x  /host/libz.so.1.2\n%x  /host/libz.so.1\n", sum, sum)
	if got, _ := os.ReadFile(to); string(got) != want {
		t.Errorf("it tells\n%s, not\n%s", got, want)
	}
}
