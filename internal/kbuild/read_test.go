package kbuild

import (
	"reflect"
	"testing"
)

func TestCommandsOfEveryKindOfLine(t *testing.T) {
	got := ParseCommands(`cmd_usr/initramfs_inc_data := cat initramfs.cpio > usr/initramfs_inc_data
savedcmd_arch/x86/boot/compressed/../voffset.h := nm vmlinux | sed -n -e 's/_end$$/$(pound)define VO/p' > arch/x86/boot/compressed/../voffset.h

source_vmlinux := /build/src/scripts/link-vmlinux.sh

deps_vmlinux := \
    $(wildcard include/config/MODULES) \

vmlinux: $(deps_vmlinux)

$(deps_vmlinux):
savedcmd_x.o := gcc -DA=" := " -c -o x.o x.c  
#SYMVER a 0x12345678
`)
	want := map[string]string{
		"usr/initramfs_inc_data":  "cat initramfs.cpio > usr/initramfs_inc_data",
		"arch/x86/boot/voffset.h": `nm vmlinux | sed -n -e 's/_end$$/$(pound)define VO/p' > arch/x86/boot/compressed/../voffset.h`,
		"x.o":                     `gcc -DA=" := " -c -o x.o x.c`,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestTraceTellsWhatATargetWasMadeFor(t *testing.T) {
	got := ParseTrace(`make[1]: Entering directory '/build/build'
/build/src/usr/Makefile:80: update target 'usr/initramfs_inc_data' due to: initramfs.cpio
/build/src/scripts/Makefile.build:255: update target 'arch/x86/boot/compressed/misc.o' due to: arch/x86/boot/compressed/../voffset.h
/build/src/Makefile:1296: update target 'vmlinux' due to: vmlinux.o modpost
/build/src/scripts/Makefile.vmlinux:34: update target 'vmlinux' due to: ./vmlinux.a
/build/src/Makefile:7: target 'x' does not exist
echo "a: update target 'b'"
`)
	want := map[string][]string{
		"usr/initramfs_inc_data":          {"initramfs.cpio"},
		"arch/x86/boot/compressed/misc.o": {"arch/x86/boot/voffset.h"},
		"vmlinux":                         {"vmlinux.o", "modpost", "vmlinux.a"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestCallsKeepTheirEnvironmentApart(t *testing.T) {
	got := ParseCalls("export LOST='1'\n# ld -m elf_x86_64 -o vmlinux a.o\nexport A='b c'\nexport B=''\n# ld -v\nexport A='d'\n")
	want := []Call{
		{Words: []string{"-m", "elf_x86_64", "-o", "vmlinux", "a.o"}, Env: []string{"A='b c'", "B=''"}},
		{Words: []string{"-v"}, Env: []string{"A='d'"}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if got[0].output() != "vmlinux" || got[1].output() != "" {
		t.Errorf("outputs: %q %q", got[0].output(), got[1].output())
	}
}

func TestUnquoteAsShellsQuote(t *testing.T) {
	for quoted, want := range map[string]string{
		"''": "", "'a b'": "a b", `'it'"'"'s'`: "it's", `'$x #'`: "$x #",
	} {
		if got, ok := unquote(quoted); !ok || got != want {
			t.Errorf("%s: %q %v, want %q", quoted, got, ok, want)
		}
	}
	for _, broken := range []string{"'a", "a", "'a'b"} {
		if got, ok := unquote(broken); ok {
			t.Errorf("%s: %q, want a failure", broken, got)
		}
	}
}
