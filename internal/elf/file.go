package elf

import (
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"os"
)

// A File is what the head of an ELF file says about starting it.
type File struct {
	Class   string // "ELF32" or "ELF64"
	Data    string // byte order, "LE" or "BE"
	Machine string // as uname -m would say it where it can: "x86_64", "i386", "aarch64", …; "machine 0x…" for an unknown one
	Type    string // "exec" (fixed address), "dyn" (shared library or position-independent program), "rel" (.o, .ko), "core"; "type 0x…"

	Interp  string   // PT_INTERP, the loader's path; "" for static programs and for libraries
	Needed  []string // DT_NEEDED in the file's order
	Soname  string   // DT_SONAME
	RPath   []string // DT_RPATH, split at ':', $ORIGIN and the like as written
	RunPath []string // DT_RUNPATH, likewise

	dynamic bool // there is a dynamic section
}

// ErrNotELF means that a file does not begin as an ELF file does: a script, a text, an empty file.
var ErrNotELF = errors.New("not an ELF file")

// Open reads the ELF file at path on this machine. Errors other than those of the file system are ErrNotELF or say what
// is damaged.
func Open(path string) (*File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	file, err := Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return file, nil
}

// Read reads an ELF file: the header, the program headers, and what PT_INTERP and PT_DYNAMIC lead to. It believes no
// number of the file: whatever is too large, or points outside of the file or of what a program maps, is an error.
// Relocatable objects have no program headers, and nothing but the first four fields.
func Read(r io.ReaderAt) (*File, error) {
	h, err := readHeader(r)
	if err != nil {
		return nil, err
	}
	f := &File{Class: h.class(), Data: h.data(), Machine: h.machine(), Type: h.kind()}
	if h.Type == uint16(elf.ET_REL) {
		return f, nil
	}
	segs, err := readSegments(r, h)
	if err != nil {
		return nil, err
	}
	if f.Interp, err = readInterp(r, segs); err != nil {
		return nil, err
	}
	if err := f.readDynamic(r, h, segs); err != nil {
		return nil, err
	}
	return f, nil
}

// maxInterp is the kernel's limit on a PT_INTERP, PATH_MAX (load_elf_binary in fs/binfmt_elf.c).
const maxInterp = 4096

func readInterp(r io.ReaderAt, segs segments) (string, error) {
	seg, err := segs.only(elf.PT_INTERP)
	if err != nil || seg == nil {
		return "", err
	}
	if seg.Filesz < 2 || seg.Filesz > maxInterp {
		return "", damaged("PT_INTERP is %d bytes long", seg.Filesz)
	}
	b := make([]byte, seg.Filesz)
	if err := readAt(r, b, seg.Off, "PT_INTERP"); err != nil {
		return "", err
	}
	if b[len(b)-1] != 0 {
		return "", damaged("PT_INTERP does not end in a NUL")
	}
	path, _, _ := bytes.Cut(b, []byte{0})
	if len(path) == 0 {
		return "", damaged("PT_INTERP is empty")
	}
	return string(path), nil
}

// fits tells whether a process of one file could load the other: the loader passes over what has another class,
// machine or byte order.
func (f *File) fits(other *File) bool { return f.arch() == other.arch() }

// arch is what must agree between all files of a process.
func (f *File) arch() string {
	if f.Data == "BE" {
		return f.Machine + ", " + f.Class + ", big-endian"
	}
	return f.Machine + ", " + f.Class
}

func damaged(format string, args ...any) error {
	return fmt.Errorf("damaged ELF file: "+format, args...)
}
