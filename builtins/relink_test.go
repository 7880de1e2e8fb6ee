package builtins_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A kernel that lies where it was not compiled would be compiled again as a whole, so nothing is recorded there.
func TestNothingIsRecordedAwayFromWhereAKernelWasCompiled(t *testing.T) {
	steps := node(t, evaluate(t, `a = kernel("6.1", initramfs = rootfs({"/init": "a"}))`)["a"], "linux.record").Steps
	record := func(source string) (dir string, err error) {
		dir = t.TempDir()
		for _, d := range []string{"src", "build"} {
			if err := os.Mkdir(filepath.Join(dir, d), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		if source == "" {
			source = filepath.Join(dir, "src")
		}
		if err := os.Symlink(source, filepath.Join(dir, "build", "source")); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("sh", "-ec", strings.Join(steps, "\n"))
		cmd.Dir = dir
		return dir, cmd.Run()
	}
	dir, err := record("/elsewhere/src")
	if err != nil {
		t.Error(err)
	}
	for _, name := range []string{"calls", "changed", "commands", "sums", "trace"} {
		if info, err := os.Stat(filepath.Join(dir, "record", name)); err != nil || info.Size() != 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := record(""); err == nil {
		t.Error("at its own path make was not called: it would have found no makefile")
	}
}
