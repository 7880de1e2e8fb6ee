package step

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const relinkArgs = "--input initramfs.cpio --goal arch/x86/boot/bzImage --goal vmlinux --goal System.map --plain 'make -C src bzImage' record relink.mk reversed.mk plain.mk"

// relinked runs the step on a kernel's own record and returns the first lines of what it wrote.
func relinked(t *testing.T, change func(record string)) []string {
	t.Helper()
	dir := t.TempDir()
	record := filepath.Join(dir, "record")
	if err := os.CopyFS(record, os.DirFS("../../internal/kbuild/testdata/6.1")); err != nil {
		t.Fatal(err)
	}
	change(record)
	if err := stepIn(t, dir, "mini step relink "+relinkArgs); err != nil {
		t.Fatal(err)
	}
	var first []string
	for _, name := range []string{"relink.mk", "reversed.mk", "plain.mk"} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		line, _, _ := strings.Cut(string(b), "\n")
		first = append(first, line)
	}
	return first
}

func TestRelinkWritesMakefiles(t *testing.T) {
	got := relinked(t, func(string) {})
	for i, want := range []string{"# 19 commands of the kernel's own build", "# 19 commands", "# note: plain make does it: what fewer commands made was not"} {
		if !strings.HasPrefix(got[i], want) {
			t.Errorf("%q, want %q", got[i], want)
		}
	}
}

// A kernel that can't be relinked by fewer commands is none that can't be built.
func TestRelinkLeavesToMakeWhatItDoesNotUnderstand(t *testing.T) {
	got := relinked(t, func(record string) {
		if err := os.Truncate(filepath.Join(record, "trace"), 0); err != nil {
			t.Fatal(err)
		}
	})
	for _, line := range got {
		if !strings.HasPrefix(line, "# note: plain make does it: ") || !strings.HasSuffix(line, "nothing it is made from did") {
			t.Errorf("%q", line)
		}
	}
}

func TestRelinkNeedsARecord(t *testing.T) {
	if err := stepIn(t, t.TempDir(), "mini step relink "+relinkArgs); err == nil || !strings.Contains(err.Error(), "record/calls") {
		t.Errorf("%v", err)
	}
}
