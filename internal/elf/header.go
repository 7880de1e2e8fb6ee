package elf

import (
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// header is a file header of either class, widened to 64 bits.
type header struct {
	elf.Header64
	order binary.ByteOrder
	is64  bool
}

func readHeader(r io.ReaderAt) (*header, error) {
	var buf [64]byte
	n, err := r.ReadAt(buf[:], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	b := buf[:n]
	if len(b) < 4 || string(b[:4]) != elf.ELFMAG {
		return nil, ErrNotELF
	}
	// A file with the magic number that ends within its header is a program that got cut off, not a text.
	if len(b) < elf.EI_NIDENT {
		return nil, damaged("it ends within its header")
	}
	h := &header{}
	switch elf.Class(b[elf.EI_CLASS]) {
	case elf.ELFCLASS32:
	case elf.ELFCLASS64:
		h.is64 = true
	default:
		return nil, damaged("class %d", b[elf.EI_CLASS])
	}
	switch elf.Data(b[elf.EI_DATA]) {
	case elf.ELFDATA2LSB:
		h.order = binary.LittleEndian
	case elf.ELFDATA2MSB:
		h.order = binary.BigEndian
	default:
		return nil, damaged("byte order %d", b[elf.EI_DATA])
	}
	if err := h.decode(b); err != nil {
		return nil, damaged("it ends within its header")
	}
	if h.Version != uint32(elf.EV_CURRENT) {
		return nil, damaged("version %d", h.Version)
	}
	return h, nil
}

func (h *header) decode(b []byte) error {
	if h.is64 {
		_, err := binary.Decode(b, h.order, &h.Header64)
		return err
	}
	var n elf.Header32
	if _, err := binary.Decode(b, h.order, &n); err != nil {
		return err
	}
	h.Header64 = elf.Header64{
		Ident: n.Ident, Type: n.Type, Machine: n.Machine, Version: n.Version,
		Phoff: uint64(n.Phoff), Phentsize: n.Phentsize, Phnum: n.Phnum,
	}
	return nil
}

func (h *header) class() string {
	if h.is64 {
		return "ELF64"
	}
	return "ELF32"
}

func (h *header) data() string {
	if h.order == binary.BigEndian {
		return "BE"
	}
	return "LE"
}

func (h *header) kind() string {
	switch elf.Type(h.Type) {
	case elf.ET_EXEC:
		return "exec"
	case elf.ET_DYN:
		return "dyn"
	case elf.ET_REL:
		return "rel"
	case elf.ET_CORE:
		return "core"
	}
	return fmt.Sprintf("type %#x", h.Type)
}

// segments are the program headers, widened to 64 bits.
type segments []elf.Prog64

// maxSegments is the kernel's limit on the table's size in bytes (load_elf_phdrs in fs/binfmt_elf.c).
const maxSegments = 65536

func readSegments(r io.ReaderAt, h *header) (segments, error) {
	size := binary.Size(elf.Prog32{})
	if h.is64 {
		size = binary.Size(elf.Prog64{})
	}
	count := int(h.Phnum)
	if count == 0 {
		return nil, nil
	}
	if int(h.Phentsize) != size {
		return nil, damaged("program headers of %d bytes each", h.Phentsize)
	}
	if count*size > maxSegments {
		return nil, damaged("%d program headers", count)
	}
	b := make([]byte, count*size)
	if err := readAt(r, b, h.Phoff, "the program headers"); err != nil {
		return nil, err
	}
	segs := make(segments, count)
	if h.is64 {
		_, err := binary.Decode(b, h.order, []elf.Prog64(segs))
		return segs, err
	}
	narrow := make([]elf.Prog32, count)
	if _, err := binary.Decode(b, h.order, narrow); err != nil {
		return nil, err
	}
	for i, n := range narrow {
		segs[i] = elf.Prog64{Type: n.Type, Off: uint64(n.Off), Vaddr: uint64(n.Vaddr), Filesz: uint64(n.Filesz)}
	}
	return segs, nil
}

// only returns the segment of a type that a file may have once, or nil. A second one is refused: the kernel takes the
// first and the loader the last, so whoever wrote two means to show two faces. One without bytes, as in files that
// hold debug information only, does not count.
func (s segments) only(t elf.ProgType) (*elf.Prog64, error) {
	var found *elf.Prog64
	for i := range s {
		if s[i].Type != uint32(t) || s[i].Filesz == 0 {
			continue
		}
		if found != nil {
			return nil, damaged("more than one %s", t)
		}
		found = &s[i]
	}
	return found, nil
}

// offset tells where in the file the n bytes lie that will be at addr in memory. The loader knows addresses only, so
// the offsets that some headers give beside them are not asked.
func (s segments) offset(addr, n uint64) (uint64, bool) {
	for _, p := range s {
		if p.Type != uint32(elf.PT_LOAD) || addr < p.Vaddr || addr-p.Vaddr > p.Filesz {
			continue
		}
		into := addr - p.Vaddr
		if n <= p.Filesz-into && p.Filesz <= math.MaxInt64 && p.Off <= math.MaxInt64-p.Filesz {
			return p.Off + into, true
		}
	}
	return 0, false
}

// readAt fills b from off, an offset that the file itself names.
func readAt(r io.ReaderAt, b []byte, off uint64, what string) error {
	if off > math.MaxInt64-uint64(len(b)) {
		return damaged("%s would lie behind the end of the file", what)
	}
	n, err := r.ReadAt(b, int64(off))
	switch {
	case n == len(b):
		return nil
	case err == nil || errors.Is(err, io.EOF):
		return damaged("%s would lie behind the end of the file", what)
	}
	return err
}
