package kbuild

import (
	"bytes"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A command that was told a size counts for itself in the makefile, whatever the file's size is then.
func TestAWrittenSizeIsCountedAnew(t *testing.T) {
	if _, err := exec.LookPath("make"); err != nil {
		t.Skip("there is no make")
	}
	r := &Record{Input: "in", Goals: []string{"out"}}
	rules := []Rule{{Target: "out", Needs: []string{"in"}, Command: `{ cat in more | tr a-z A-Z; printf \\003\\000\\000\\000; } > out`}}
	for _, size := range []int{0, 1, 92, 255, 256, 65537, 0x01020304} {
		dir := t.TempDir()
		in := bytes.Repeat([]byte("a"), size)
		write(t, filepath.Join(dir, "relink.mk"), r.Makefile(rules, false))
		write(t, filepath.Join(dir, "in"), string(in))
		write(t, filepath.Join(dir, "more"), "b")
		if out, err := exec.Command("make", "-r", "-C", dir, "-f", "relink.mk").CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		got, err := os.ReadFile(filepath.Join(dir, "out"))
		want := binary.LittleEndian.AppendUint32(append(bytes.ToUpper(in), 'B'), uint32(size+1))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%d bytes: %v, the file ends with % x, want % x", size, err, got[max(0, len(got)-4):], want[len(want)-4:])
		}
	}
}

// Four octal bytes that follow no packed file are no size.
func TestOtherBytesStay(t *testing.T) {
	for _, command := range []string{
		`printf \\001\\002\\003\\004 > x`,
		`cat a > b; printf \\001\\002\\003\\004 >> b`,
		`{ cat a | gzip; printf \\001\\002; } > x`,
	} {
		if got := measured(command); got != command {
			t.Errorf("%s became %s", command, got)
		}
	}
}

// packedBy is the record of a kernel whose image another program packs, through a script of the kernel's as xz.
func packedBy(t *testing.T, command string) *Record {
	r := real(t, "6.1")
	const gz, packed = "arch/x86/boot/compressed/vmlinux.bin.gz", "arch/x86/boot/compressed/vmlinux.bin.xz"
	r.Commands[packed] = "{ cat arch/x86/boot/compressed/vmlinux.bin | " + command + `; printf \\020\\105\\254\\000; } > ` + packed
	delete(r.Commands, gz)
	r.Needs[packed] = r.Needs[gz]
	delete(r.Needs, gz)
	for i, f := range r.Changed {
		r.Changed[i] = strings.ReplaceAll(f, gz, packed)
	}
	for target := range r.Needs {
		for i, f := range r.Needs[target] {
			r.Needs[target][i] = strings.ReplaceAll(f, gz, packed)
		}
	}
	return r
}

// A script that packs is not one that links: what it reads stands in the command.
func TestAPackerMayBeAScript(t *testing.T) {
	rules, err := packedBy(t, "sh /build/src/scripts/xz_wrap.sh").Rules()
	if err != nil {
		t.Fatal(err)
	}
	want := strings.ReplaceAll(rules61, "vmlinux.bin.gz", "vmlinux.bin.xz")
	if got := edges(rules); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	text := packedBy(t, "sh /build/src/scripts/xz_wrap.sh").Makefile(rules, false)
	if want := "xz_wrap.sh; $(call size,arch/x86/boot/compressed/vmlinux.bin); } >"; !strings.Contains(text, want) {
		t.Errorf("no %q in\n%s", want, text)
	}
}
