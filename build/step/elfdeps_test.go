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
// input is in the key. What was looked for first and not found is told as well, by the directory where that is not there either.
func TestElfdepsTellsWhatItCopied(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"libz.so.1", "libother.so.1"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	passed := map[string]bool{}
	for _, p := range []string{"libother.so.1", "libz.so.1.2", "no/way/libz.so.1", "no/way/liby.so.1", "."} {
		passed[filepath.Join(dir, p)] = true
	}
	f := finder{deps: []string{"/dep"}, asked: map[string][]string{"/host/libz.so.1.2": {"/host/libz.so.1"}}, passed: passed}
	libs := []elf.Library{{Path: "/libz.so.1", HostPath: "/host/libz.so.1.2"}, {Path: "/liby.so", HostPath: "/dep/liby.so"}}
	to := filepath.Join(dir, "copied")
	if err := f.tell(dir, libs, to); err != nil {
		t.Fatal(err)
	}
	z, other := sha256.Sum256([]byte("libz.so.1")), sha256.Sum256([]byte("libother.so.1"))
	want := fmt.Sprintf("%x  /host/libz.so.1.2\n%[1]x  /host/libz.so.1\n%[2]x  %[3]s/libother.so.1\nabsent  %[3]s/libz.so.1.2\nabsent  %[3]s/no\n",
		z, other, dir)
	if got, _ := os.ReadFile(to); string(got) != want {
		t.Errorf("it tells\n%s, not\n%s", got, want)
	}
}
