package step

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"mini/internal/elf"

	"golang.org/x/sys/unix"
)

// What the user's umask is must not get into an image: rootfs takes a directory's mode as it is.
func TestLibrariesAreLaidOutTheSameUnderAnyUmask(t *testing.T) {
	lib := filepath.Join(t.TempDir(), "libx.so.1.2")
	if err := os.WriteFile(lib, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "libs")
	old := unix.Umask(0o077)
	err := layOut(Env{Log: io.Discard}, dir, []elf.Library{{
		Path: "/usr/lib/libx.so.1.2", HostPath: lib, Links: []elf.Link{{Path: "/lib/libx.so.1", Target: "../usr/lib/libx.so.1.2"}},
	}})
	unix.Umask(old)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{"", "lib", "usr", "usr/lib", "usr/lib/libx.so.1.2"} {
		info, err := os.Stat(filepath.Join(dir, p))
		if err != nil || info.Mode().Perm() != 0o755 {
			t.Errorf("%s: %v, %v", p, info.Mode(), err)
		}
	}
}
