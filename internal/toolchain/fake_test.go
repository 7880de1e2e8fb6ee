package toolchain

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// fakeDriver answers as a cross compiler with the sysroot beside it, and writes down what it was asked.
const fakeDriver = `#!/bin/sh
top=${0%/bin/*}
echo "$1" >> "$top/asked"
if [ "$LC_ALL" != C ]; then echo 'cc: falsche Sprache' >&2; exit 1; fi
case $1 in
-dumpmachine) echo i686-linux-gnu ;;
-dumpfullversion) echo 12.2.0 ;;
-print-sysroot) echo "$top/root" ;;
-print-search-dirs) echo "install: $top/lib/"; echo "programs: =$top/libexec/:$top/none/"; echo "libraries: =$top/root/lib/../lib/:$top/root/usr/lib/" ;;
-print-file-name=*)
	n=${1#*=}
	for d in lib usr/lib; do
		if [ -e "$top/root/$d/$n" ]; then echo "$top/root/$d/../${d##*/}/$n"; exit; fi
	done
	echo "$n" ;;
-print-prog-name=*)
	n=${1#*=}
	if [ -e "$top/libexec/$n" ]; then echo "$top/libexec/$n"; else echo "$n"; fi ;;
-E) {
	echo "ignoring nonexistent directory \"$top/root/usr/local/include\""
	echo '#include "..." search starts here:'
	echo '#include <...> search starts here:'
	echo " $top/lib/../lib/include"
	echo " $top/root/usr/include"
	echo 'End of search list.'
	} >&2 ;;
*) echo "unknown option $1" >&2; exit 1 ;;
esac
`

// fake lays out a toolchain with that driver.
func fake(t *testing.T) string {
	t.Helper()
	top, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"bin/cc":                         fakeDriver,
		"bin/as":                         "assembler",
		"libexec/cc1":                    "compiler proper",
		"root/lib/crt1.o":                elf386,
		"root/lib/libc.so.6":             elf386 + "libc",
		"root/lib/ld-linux.so.2":         elf386 + "loader",
		"root/usr/lib/libm.so.6":         elf386 + "libm",
		"lib/include/stddef.h":           "#define NULL 0\n",
		"root/usr/include/stdio.h":       "int puts();\n",
		"root/usr/include/linux/types.h": "typedef int u32;\n",
	} {
		write(t, filepath.Join(top, name), text)
	}
	return top
}

// Headers of files for i386 and x86_64, as far as they are looked at.
var (
	elf386 = "\x7fELF\x01\x01\x01" + strings.Repeat("\x00", 9) + "\x03\x00\x03\x00"
	elf64  = "\x7fELF\x02\x01\x01" + strings.Repeat("\x00", 9) + "\x03\x00\x3e\x00"
)

// write writes a file, and sees to it that its stamp changes: two writes within one tick of the kernel's clock don't
// show, which is why young files are not trusted.
func write(t *testing.T, path, text string) {
	t.Helper()
	before, _ := regular(path)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	for range 1000 {
		if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
		if after, err := regular(path); err != nil {
			t.Fatal(err)
		} else if before == nil || *after != *before {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatal("the file's times don't move")
}

func probe(t *testing.T, top string) *Toolchain {
	t.Helper()
	tc, err := Probe(context.Background(), filepath.Join(top, "bin/cc"), []string{"PATH=" + filepath.Join(top, "bin") + ":/usr/bin:/bin", "LC_ALL=de_DE.UTF-8"})
	if err != nil {
		t.Fatal(err)
	}
	return tc
}

// asked returns what the driver was asked since the last time.
func asked(t *testing.T, top string) []string {
	t.Helper()
	p := filepath.Join(top, "asked")
	b, err := os.ReadFile(p)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	os.Remove(p)
	return strings.Fields(string(b))
}
