package elf

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestRead(t *testing.T) {
	for _, c := range []struct {
		name string
		in   image
		want File
	}{
		{
			"program",
			image{interp: "/lib64/ld.so", needed: []string{"libm.so.6", "libc.so.6"}, runpath: "$ORIGIN/../lib:/opt/lib"},
			File{Class: "ELF64", Data: "LE", Machine: "x86_64", Type: "dyn", Interp: "/lib64/ld.so", Needed: []string{"libm.so.6", "libc.so.6"},
				RunPath: []string{"$ORIGIN/../lib", "/opt/lib"}, dynamic: true},
		},
		{
			"library of 32 bits",
			image{class: elf.ELFCLASS32, machine: elf.EM_386, needed: []string{"libc.so.6"}, soname: "libz.so.1", rpath: "/a"},
			File{Class: "ELF32", Data: "LE", Machine: "i386", Type: "dyn", Needed: []string{"libc.so.6"}, Soname: "libz.so.1", RPath: []string{"/a"}, dynamic: true},
		},
		{
			"big-endian",
			image{big: true, machine: elf.EM_PPC64, needed: []string{"libc.so.6"}},
			File{Class: "ELF64", Data: "BE", Machine: "ppc64", Type: "dyn", Needed: []string{"libc.so.6"}, dynamic: true},
		},
		{
			"big-endian of 32 bits",
			image{class: elf.ELFCLASS32, big: true, machine: elf.EM_S390, needed: []string{"libc.so.6"}},
			File{Class: "ELF32", Data: "BE", Machine: "s390", Type: "dyn", Needed: []string{"libc.so.6"}, dynamic: true},
		},
		{"static", image{kind: elf.ET_EXEC, static: true}, File{Class: "ELF64", Data: "LE", Machine: "x86_64", Type: "exec"}},
		{"static-pie", image{}, File{Class: "ELF64", Data: "LE", Machine: "x86_64", Type: "dyn", dynamic: true}},
		{
			"loader without libraries", image{interp: "/lib/ld.so"},
			File{Class: "ELF64", Data: "LE", Machine: "x86_64", Type: "dyn", Interp: "/lib/ld.so", dynamic: true},
		},
		{"object", image{kind: elf.ET_REL, needed: []string{"x"}}, File{Class: "ELF64", Data: "LE", Machine: "x86_64", Type: "rel"}},
		{
			"unknown machine", image{machine: 0xfff0, static: true},
			File{Class: "ELF64", Data: "LE", Machine: "machine 0xfff0", Type: "dyn"},
		},
		{
			"name longer than a block", image{needed: []string{strings.Repeat("long", 200)}},
			File{Class: "ELF64", Data: "LE", Machine: "x86_64", Type: "dyn", Needed: []string{strings.Repeat("long", 200)}, dynamic: true},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Read(bytes.NewReader(c.in.bytes()))
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(*got, c.want) {
				t.Errorf("got  %+v\nwant %+v", *got, c.want)
			}
		})
	}
}

func TestNotELF(t *testing.T) {
	for _, in := range []string{"", "#!/bin/sh\n", "\x7fEL", "!<arch>\n", "\x7fELG" + strings.Repeat("x", 100)} {
		if _, err := Read(strings.NewReader(in)); !errors.Is(err, ErrNotELF) {
			t.Errorf("%q: %v", in, err)
		}
	}
	p := filepath.Join(t.TempDir(), "script")
	if err := os.WriteFile(p, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(p); !errors.Is(err, ErrNotELF) || !strings.Contains(err.Error(), p) {
		t.Errorf("Open: %v", err)
	}
	if _, err := Open(p + "-gone"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Open of nothing: %v", err)
	}
}

// Offsets in a 64-bit image with an interpreter: the header, then PT_LOAD, PT_INTERP, PT_DYNAMIC.
const (
	atLoad   = 64
	atInterp = 64 + 56
	atDyn    = 64 + 2*56
	pOff     = 8
	pVaddr   = 16
	pFilesz  = 32
)

func TestDamaged(t *testing.T) {
	good := image{interp: "/lib/ld.so", needed: []string{"libc.so.6"}}
	dyn := bytes.Index(good.bytes(), []byte{byte(elf.DT_NEEDED), 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0})
	u64 := func(at int, v uint64) func([]byte) []byte {
		return func(b []byte) []byte { binary.LittleEndian.PutUint64(b[at:], v); return b }
	}
	u8 := func(at int, v byte) func([]byte) []byte {
		return func(b []byte) []byte { b[at] = v; return b }
	}
	for _, c := range []struct {
		name string
		edit func([]byte) []byte
		want string
	}{
		{"cut in the identification", func(b []byte) []byte { return b[:10] }, "ends within its header"},
		{"cut in the header", func(b []byte) []byte { return b[:60] }, "ends within its header"},
		{"cut in the program headers", func(b []byte) []byte { return b[:100] }, "the program headers would lie behind the end"},
		{"cut in the strings", func(b []byte) []byte { return b[:len(b)-3] }, "the string table would lie behind the end"},
		{"class", u8(elf.EI_CLASS, 3), "class 3"},
		{"byte order", u8(elf.EI_DATA, 0), "byte order 0"},
		{"version", u8(20, 7), "version 7"},
		{"size of a program header", u8(54, 40), "program headers of 40 bytes each"},
		{"number of program headers", func(b []byte) []byte { b[56], b[57] = 0xff, 0xff; return b }, "65535 program headers"},
		{"offset of the program headers", u64(32, 1<<63+5), "the program headers would lie behind the end"},
		{"offset that overflows", u64(32, 1<<63-1), "the program headers would lie behind the end"},
		{"huge PT_INTERP", u64(atInterp+pFilesz, 1<<62), "PT_INTERP is 4611686018427387904 bytes long"},
		{"PT_INTERP without end", u64(atInterp+pFilesz, 5), "does not end in a NUL"},
		{"empty PT_INTERP", u64(atInterp+pOff, 9), "PT_INTERP is empty"},
		{"PT_INTERP elsewhere", u64(atInterp+pOff, 1<<40), "PT_INTERP would lie behind the end"},
		{"two PT_INTERP", u8(atDyn, byte(elf.PT_INTERP)), "more than one PT_INTERP"},
		{"two PT_DYNAMIC", u8(atInterp, byte(elf.PT_DYNAMIC)), "more than one PT_DYNAMIC"},
		{"huge dynamic section", u64(atDyn+pFilesz, 1<<40), "its dynamic section has 1099511627776 bytes"},
		{"dynamic section outside of memory", u64(atDyn+pVaddr, 0), "not in memory"},
		{"dynamic section past the segment", u64(atDyn+pFilesz, 4096), "not in memory"},
		{"segment behind the end", u64(atLoad+pOff, 1<<40), "the dynamic section would lie behind the end"},
		{"segment that overflows", func(b []byte) []byte {
			u64(atLoad+pOff, 1<<63-2)(b)
			return u64(atLoad+pFilesz, 1<<63)(b)
		}, "not in memory"},
		{"dynamic section without end", u64(atDyn+pFilesz, 16*3), "has no end"},
		{"name outside of the table", u64(dyn+8, 1<<40), "a name lies outside of the string table"},
		{"name that is empty", u64(dyn+8, 0), "a library without a name"},
		{"table outside of memory", u64(dyn+16+8, 3), "a name lies outside of the string table"},
		{"table shorter than the name", u64(dyn+32+8, 4), "a name lies outside of the string table"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Read(bytes.NewReader(c.edit(good.bytes())))
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "damaged ELF file: ") {
				t.Errorf("got  %v\nwant %q", err, c.want)
			}
			if errors.Is(err, ErrNotELF) {
				t.Error("a damaged program is not a text")
			}
		})
	}
}

// A small file can't make us read without end.
func TestLimits(t *testing.T) {
	many := make([]string, maxNeeded+1)
	for i := range many {
		many[i] = "a"
	}
	long := make([]string, 1000)
	for i := range long {
		long[i] = strings.Repeat("x", 1100)
	}
	for want, in := range map[string]image{
		"more than 4096 libraries":             {needed: many},
		"its names are longer than 1048576 by": {needed: long},
	} {
		if _, err := Read(bytes.NewReader(in.bytes())); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// Files with debug information only keep the headers of segments whose bytes are gone.
func TestSegmentsWithoutBytes(t *testing.T) {
	b := image{interp: "/lib/ld.so", needed: []string{"libc.so.6"}}.bytes()
	binary.LittleEndian.PutUint64(b[atInterp+pFilesz:], 0)
	binary.LittleEndian.PutUint64(b[atDyn+pFilesz:], 0)
	f, err := Read(bytes.NewReader(b))
	if err != nil || f.Interp != "" || f.Needed != nil {
		t.Errorf("%+v %v", f, err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(image{interp: "/lib/ld.so", needed: []string{"libc.so.6"}, soname: "a", rpath: "/x:/y"}.bytes())
	f.Add(image{class: elf.ELFCLASS32, machine: elf.EM_386, interp: "/lib/ld.so", needed: []string{"libc.so.6"}}.bytes())
	f.Add(image{class: elf.ELFCLASS32, big: true, machine: elf.EM_MIPS, needed: []string{"libc.so.6"}}.bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := Read(bytes.NewReader(b))
		if (file == nil) == (err == nil) {
			t.Fatal("either a file or an error")
		}
		if err != nil {
			return
		}
		for _, s := range append([]string{file.Interp, file.Soname}, file.Needed...) {
			if strings.ContainsRune(s, 0) {
				t.Errorf("NUL in %q", s)
			}
		}
		if len(file.Needed) > 0 && !file.dynamic {
			t.Error("needs without a dynamic section")
		}
	})
}
