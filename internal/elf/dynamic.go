package elf

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"io"
	"math"
	"strings"
)

const (
	maxDynamic = 1 << 20 // bytes; the largest programs have some thousand
	maxNeeded  = 4096
	maxStrings = 1 << 20 // bytes of all strings that are read from one file
)

// readDynamic fills in what the dynamic section says, if there is one.
func (f *File) readDynamic(r io.ReaderAt, h *header, segs segments) error {
	seg, err := segs.only(elf.PT_DYNAMIC)
	if err != nil || seg == nil {
		return err
	}
	f.dynamic = true
	entries, err := readEntries(r, h, segs, seg)
	if err != nil {
		return err
	}
	tab := newStrings(r, segs, entries)
	for _, e := range entries {
		switch elf.DynTag(e.Tag) {
		case elf.DT_NEEDED:
			var name string
			name, err = tab.at(e.Val)
			if err == nil && name == "" {
				err = damaged("it needs a library without a name")
			}
			if len(f.Needed) >= maxNeeded {
				err = damaged("it needs more than %d libraries", maxNeeded)
			}
			f.Needed = append(f.Needed, name)
		case elf.DT_SONAME:
			f.Soname, err = tab.at(e.Val)
		case elf.DT_RPATH:
			f.RPath, err = tab.list(e.Val)
		case elf.DT_RUNPATH:
			f.RunPath, err = tab.list(e.Val)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// readEntries reads the table up to its DT_NULL, which the loader relies on.
func readEntries(r io.ReaderAt, h *header, segs segments, seg *elf.Prog64) ([]elf.Dyn64, error) {
	if seg.Filesz > maxDynamic {
		return nil, damaged("its dynamic section has %d bytes", seg.Filesz)
	}
	off, ok := segs.offset(seg.Vaddr, seg.Filesz)
	if !ok {
		return nil, damaged("its dynamic section is not in memory when it runs")
	}
	b := make([]byte, seg.Filesz)
	if err := readAt(r, b, off, "the dynamic section"); err != nil {
		return nil, err
	}
	size := binary.Size(elf.Dyn32{})
	if h.is64 {
		size = binary.Size(elf.Dyn64{})
	}
	var entries []elf.Dyn64
	for ; len(b) >= size; b = b[size:] {
		e := elf.Dyn64{}
		if h.is64 {
			e.Tag, e.Val = int64(h.order.Uint64(b)), h.order.Uint64(b[8:])
		} else {
			e.Tag, e.Val = int64(int32(h.order.Uint32(b))), uint64(h.order.Uint32(b[4:]))
		}
		if elf.DynTag(e.Tag) == elf.DT_NULL {
			return entries, nil
		}
		entries = append(entries, e)
	}
	return nil, damaged("its dynamic section has no end")
}

// stringTable reads strings of the table that DT_STRTAB and DT_STRSZ describe.
type stringTable struct {
	r         io.ReaderAt
	off, size uint64 // in the file; size 0 for no table
	budget    int    // bytes that may still be read
}

func newStrings(r io.ReaderAt, segs segments, entries []elf.Dyn64) *stringTable {
	var addr, size uint64
	for _, e := range entries {
		switch elf.DynTag(e.Tag) {
		case elf.DT_STRTAB:
			addr = e.Val
		case elf.DT_STRSZ:
			size = e.Val
		}
	}
	off, ok := segs.offset(addr, size)
	if !ok {
		size = 0
	}
	return &stringTable{r: r, off: off, size: size, budget: maxStrings}
}

// at returns the string that begins at index i.
func (t *stringTable) at(i uint64) (string, error) {
	var s []byte
	for {
		if i >= t.size {
			return "", damaged("a name lies outside of the string table")
		}
		block := make([]byte, min(256, t.size-i))
		if t.budget -= len(block); t.budget < 0 {
			return "", damaged("its names are longer than %d bytes", maxStrings)
		}
		if t.off > math.MaxInt64-i {
			return "", damaged("the string table would lie behind the end of the file")
		}
		if err := readAt(t.r, block, t.off+i, "the string table"); err != nil {
			return "", err
		}
		part, _, ended := bytes.Cut(block, []byte{0})
		s = append(s, part...)
		if ended {
			return string(s), nil
		}
		i += uint64(len(block))
	}
}

// list returns a string as a list of directories.
func (t *stringTable) list(i uint64) ([]string, error) {
	s, err := t.at(i)
	if err != nil {
		return nil, err
	}
	return strings.Split(s, ":"), nil
}
