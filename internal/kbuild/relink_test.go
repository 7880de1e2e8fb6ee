package kbuild

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// real is what a run of make on a kernel of that version left, without what nobody looks at.
func real(t testing.TB, version string) *Record {
	t.Helper()
	read := func(name string) string {
		b, err := os.ReadFile(filepath.Join("testdata", version, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	return &Record{
		Input: "initramfs.cpio", Goals: []string{"arch/x86/boot/bzImage", "vmlinux", "System.map"},
		Commands: ParseCommands(read("commands")), Needs: ParseTrace(read("trace")),
		Changed: strings.Fields(read("changed")), Calls: ParseCalls(read("calls")),
	}
}

// edges writes rules as "target: needs" without the directories.
func edges(rules []Rule) string {
	var b strings.Builder
	for _, r := range rules {
		b.WriteString(filepath.Base(r.Target) + ":")
		for _, n := range r.Needs {
			b.WriteString(" " + filepath.Base(n))
		}
		b.WriteString("\n")
	}
	return b.String()
}

// What takes make seconds to find is this. vmlinux.o is linked for modpost alone, and modules.builtin is no part of an image.
// Linux 7.2 strips what the script linked, and lets that wait for vmlinux.o. With KALLSYMS the script for vmlinux links three times, which is its own affair.
func TestRulesOfRealKernels(t *testing.T) {
	for version, want := range map[string]string{"6.1": rules61, "6.1-kallsyms": rules61, "7.2": rules72} {
		rules, err := real(t, version).Rules()
		if err != nil {
			t.Fatal(err)
		}
		if got := edges(rules); got != want {
			t.Errorf("%s: got\n%swant\n%s", version, got, want)
		}
	}
}

const rules61 = `initramfs_inc_data: initramfs.cpio
initramfs_data.o: initramfs_inc_data
built-in.a: initramfs_data.o
built-in.a: built-in.a
vmlinux.a: built-in.a
vmlinux: vmlinux.a
voffset.h: vmlinux
misc.o: voffset.h
vmlinux.bin: vmlinux
vmlinux.bin.gz: vmlinux.bin
piggy.S: vmlinux.bin.gz
piggy.o: piggy.S
vmlinux: misc.o piggy.o
zoffset.h: vmlinux
header.o: zoffset.h
setup.elf: header.o
setup.bin: setup.elf
vmlinux.bin: vmlinux
bzImage: setup.bin vmlinux.bin
`

const rules72 = `initramfs_inc_data: initramfs.cpio
initramfs_data.o: initramfs_inc_data
built-in.a: initramfs_data.o
built-in.a: built-in.a
built-in-fixup.a: built-in.a
vmlinux.a: built-in-fixup.a
vmlinux.o: vmlinux.a
vmlinux.unstripped: vmlinux.a
vmlinux: vmlinux.o vmlinux.unstripped
voffset.h: vmlinux
misc.o: voffset.h
vmlinux.bin: vmlinux
vmlinux.bin.gz: vmlinux.bin
piggy.S: vmlinux.bin.gz
piggy.o: piggy.S
vmlinux: misc.o piggy.o
zoffset.h: vmlinux
header.o: zoffset.h
setup.elf: header.o
setup.bin: setup.elf
vmlinux.bin: vmlinux
bzImage: setup.bin vmlinux.bin
`

func TestARecordThatTellsTooLittle(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*Record)
		want   string
	}{
		{"the image is the same", func(r *Record) { r.Changed = []string{"vmlinux"} }, "arch/x86/boot/bzImage came out the same with another initramfs.cpio"},
		{"nothing was recorded", func(r *Record) { r.Changed = nil }, "not at the path where it was compiled"},
		{"no trace", func(r *Record) { r.Needs = nil }, "came out different, and nothing it is made from did"},
		{"no command", func(r *Record) { delete(r.Commands, "vmlinux") }, "no command is known to make"},
		{"a circle", func(r *Record) { r.Needs["vmlinux.a"] = []string{"arch/x86/boot/bzImage"} }, "is made from itself"},
	} {
		r := real(t, "6.1")
		test.change(r)
		if _, err := r.Rules(); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", test.name, err, test.want)
		}
	}
}

// The linker's words are better than what make waits for: vmlinux.o is not among them.
func TestWithoutTheLinkersWordsMakesOwnEdgesServe(t *testing.T) {
	r := real(t, "6.1")
	r.Calls = nil
	rules, err := r.Rules()
	if err != nil {
		t.Fatal(err)
	}
	if got := edges(rules); !strings.Contains(got, "\nvmlinux.o: vmlinux.a\nvmlinux: vmlinux.o\n") {
		t.Errorf("got\n%s", got)
	}
}

// make reads the makefile as the commands were meant, and takes every edge from it.
func TestMakeReadsTheMakefile(t *testing.T) {
	if _, err := exec.LookPath("make"); err != nil {
		t.Skip("there is no make")
	}
	r := real(t, "6.1")
	rules, err := r.Rules()
	if err != nil {
		t.Fatal(err)
	}
	for _, reversed := range []bool{false, true} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "relink.mk"), r.Makefile(rules, reversed))
		write(t, filepath.Join(dir, "initramfs.cpio"), "")
		out, err := exec.Command("make", "-r", "-n", "-C", dir, "-f", "relink.mk").CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		text := string(out)
		if n := strings.Count(text, "\nset -e; "); n != len(rules) {
			t.Errorf("reversed %v: %d commands, want %d", reversed, n, len(rules))
		}
		for _, want := range []string{
			`ar mPiT $(ar t vmlinux.a | sed -n 1p) vmlinux.a`,
			`\(_text\|__start_rodata\|__bss_start\|_end\)$/#define VO_\2 _AC(0x\1,UL)/p'`,
			"if cmp -s arch/x86/boot/voffset.h arch/x86/boot/voffset.h.was; then mv",
		} {
			if !strings.Contains(text, want) {
				t.Errorf("reversed %v: no %s in\n%s", reversed, want, text)
			}
		}
	}
}

// Only what the kernel's makefiles export goes into the makefile, and a script's make must find nothing to do.
func TestTheMakefilesEnvironment(t *testing.T) {
	r := real(t, "6.1")
	text := r.Makefile(nil, false)
	for _, want := range []string{
		"\nexport KBUILD_LDS := arch/x86/kernel/vmlinux.lds\n", "\nexport KBUILD_VMLINUX_LIBS := lib/lib.a arch/x86/lib/lib.a\n",
		"\nexport MAKE := true\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	for _, not := range []string{"PATH :=", "VPATH :=", "MAKE := make"} {
		if strings.Contains(text, "export "+not) {
			t.Errorf("%q is in\n%s", not, text)
		}
	}
}

// A header that comes out the same stops what would be compiled for it.
func TestAHeaderThatStaysStopsTheRest(t *testing.T) {
	if _, err := exec.LookPath("make"); err != nil {
		t.Skip("there is no make")
	}
	r := &Record{Input: "in", Goals: []string{"x.o"}}
	rules := []Rule{
		{Target: "x.h", Needs: []string{"in"}, Command: "cut -c1 in > x.h"},
		{Target: "x.o", Needs: []string{"x.h"}, Command: "echo compiled >> log; cp x.h x.o"},
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "relink.mk"), r.Makefile(rules, false))
	write(t, filepath.Join(dir, "x.h"), "a\n")
	write(t, filepath.Join(dir, "x.o"), "a\n")
	compiled := func(in string) bool {
		write(t, filepath.Join(dir, "in"), in)
		os.Remove(filepath.Join(dir, "log"))
		if out, err := exec.Command("make", "-r", "-C", dir, "-f", "relink.mk").CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		_, err := os.Stat(filepath.Join(dir, "log"))
		return err == nil
	}
	if compiled("after\n") {
		t.Error("the header is the same, and yet something was compiled for it")
	}
	if !compiled("before\n") {
		t.Error("the header differs, and nothing was compiled for it")
	}
}

// misc.o is compiled for the addresses of vmlinux. header.o is too late for that: it needs those of what misc.o is linked into.
func TestWhatIsCompiledForAddressesAlone(t *testing.T) {
	rules, err := real(t, "6.1").Rules()
	if err != nil {
		t.Fatal(err)
	}
	headers, objects := compiled(rules)
	if got := strings.Join(headers, " ") + ": " + strings.Join(objects, " "); got != "arch/x86/boot/voffset.h: arch/x86/boot/compressed/misc.o" {
		t.Errorf("got %s", got)
	}
}

// Both makefiles make the archive of it, with nothing in it where there is nothing to compile.
func TestCompiledIsAnArchive(t *testing.T) {
	if _, err := exec.LookPath("make"); err != nil {
		t.Skip("there is no make")
	}
	r := &Record{Input: "in", Goals: []string{"x.o"}}
	rules := []Rule{
		{Target: "x.h", Needs: []string{"in"}, Command: "cp in x.h"},
		{Target: "x.o", Needs: []string{"x.h"}, Command: "cp x.h x.o"},
	}
	for name, test := range map[string]struct{ makefile, want string }{
		"relink": {r.Makefile(rules, false), "x.h\nx.o\n"},
		"plain":  {Plain("false", "a test asks for it"), ""},
	} {
		dir := t.TempDir()
		build := filepath.Join(dir, "build")
		if err := os.Mkdir(build, 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(build, "x.h"), "old\n")
		write(t, filepath.Join(build, "in"), "new\n")
		write(t, filepath.Join(dir, "x.mk"), test.makefile)
		if out, err := exec.Command("make", "-r", "-C", build, "-f", "../x.mk", "compiled").CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
		got, err := exec.Command("tar", "-tf", filepath.Join(dir, "compiled.tar")).Output()
		if err != nil || string(got) != test.want {
			t.Errorf("%s: %q %v, want %q", name, got, err, test.want)
		}
	}
}

func TestPlainMakeSaysWhy(t *testing.T) {
	dir := t.TempDir()
	text := Plain(`echo "in $PWD"`, "no command is known to make x")
	if !strings.HasPrefix(text, "# note: plain make does it: no command is known to make x\n") {
		t.Errorf("got %s", text)
	}
	if _, err := exec.LookPath("make"); err != nil {
		t.Skip("there is no make")
	}
	if err := os.Mkdir(filepath.Join(dir, "build"), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "plain.mk"), text)
	out, err := exec.Command("make", "-s", "-C", filepath.Join(dir, "build"), "-f", "../plain.mk").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "in "+dir) {
		t.Errorf("%v\n%s", err, out)
	}
}

// Whatever a record says, rules come after what they need, or there are none.
func FuzzRules(f *testing.F) {
	f.Add("cmd_a := cat in > a\ncmd_b := x.sh\n", "m:1: update target 'a' due to: in\n: update target 'b' due to: a", "a b c", "# ld -o b a c\nexport A='b'\n")
	f.Add("cmd_a := x\n", ": update target 'a' due to: a b", "a", "")
	f.Fuzz(func(t *testing.T, commands, trace, changed, calls string) {
		r := &Record{
			Input: "in", Goals: []string{"a", "b"}, Commands: ParseCommands(commands), Needs: ParseTrace(trace),
			Changed: strings.Fields(changed), Calls: ParseCalls(calls),
		}
		rules, err := r.Rules()
		if err != nil {
			return
		}
		made := map[string]bool{"in": true}
		for _, rule := range rules {
			if len(rule.Needs) == 0 {
				t.Errorf("%s needs nothing", rule.Target)
			}
			for _, n := range rule.Needs {
				if !made[n] {
					t.Errorf("%s needs %s before it is made", rule.Target, n)
				}
			}
			made[rule.Target] = true
		}
		r.Makefile(rules, true)
	})
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
