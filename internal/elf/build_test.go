package elf

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
)

// image describes a small ELF file, laid out as one PT_LOAD that holds all of it. There are no section headers.
type image struct {
	class   elf.Class // ELFCLASS64 unless set
	big     bool
	machine elf.Machine // EM_X86_64 unless set
	kind    elf.Type    // ET_DYN unless set
	interp  string
	needed  []string
	soname  string
	rpath   string
	runpath string
	static  bool   // no dynamic section
	tail    string // bytes behind all, such as a loader's strings
}

const base = 0x10000 // where the file lies in memory

// bytes builds the file: header, program headers, PT_INTERP, dynamic section, strings, tail.
func (m image) bytes() []byte {
	if m.class == 0 {
		m.class = elf.ELFCLASS64
	}
	if m.machine == 0 {
		m.machine = elf.EM_X86_64
	}
	if m.kind == 0 {
		m.kind = elf.ET_DYN
	}
	var order binary.ByteOrder = binary.LittleEndian
	data := elf.ELFDATA2LSB
	if m.big {
		order, data = binary.BigEndian, elf.ELFDATA2MSB
	}
	wide := m.class == elf.ELFCLASS64
	ehsize, phsize, dynsize := 52, 32, 8
	if wide {
		ehsize, phsize, dynsize = 64, 56, 16
	}

	str := []byte{0}
	intern := func(s string) uint64 {
		at := len(str)
		str = append(append(str, s...), 0)
		return uint64(at)
	}
	var dyn []elf.Dyn64
	add := func(tag elf.DynTag, val uint64) { dyn = append(dyn, elf.Dyn64{Tag: int64(tag), Val: val}) }
	for _, n := range m.needed {
		add(elf.DT_NEEDED, intern(n))
	}
	for _, o := range []struct {
		tag elf.DynTag
		val string
	}{{elf.DT_SONAME, m.soname}, {elf.DT_RPATH, m.rpath}, {elf.DT_RUNPATH, m.runpath}} {
		if o.val != "" {
			add(o.tag, intern(o.val))
		}
	}

	count := 1
	if m.interp != "" {
		count++
	}
	if !m.static {
		count++
	}
	interp := []byte(m.interp + "\x00")
	interpAt := ehsize + count*phsize
	dynAt := (interpAt + len(interp) + 7) &^ 7
	strAt := dynAt + (len(dyn)+3)*dynsize
	add(elf.DT_STRTAB, base+uint64(strAt))
	add(elf.DT_STRSZ, uint64(len(str)))
	add(elf.DT_NULL, 0)
	size := uint64(strAt + len(str))

	segs := []elf.Prog64{{Type: uint32(elf.PT_LOAD), Vaddr: base, Filesz: size, Memsz: size}}
	if m.interp != "" {
		segs = append(segs, elf.Prog64{Type: uint32(elf.PT_INTERP), Off: uint64(interpAt), Vaddr: base + uint64(interpAt), Filesz: uint64(len(interp))})
	}
	if !m.static {
		// Off is wrong on purpose: the loader goes by Vaddr.
		segs = append(segs, elf.Prog64{Type: uint32(elf.PT_DYNAMIC), Off: 1, Vaddr: base + uint64(dynAt), Filesz: uint64(len(dyn) * dynsize)})
	}

	var b bytes.Buffer
	put := func(v any) {
		if err := binary.Write(&b, order, v); err != nil {
			panic(err)
		}
	}
	ident := [16]byte{0x7f, 'E', 'L', 'F', byte(m.class), byte(data), 1}
	if wide {
		put(elf.Header64{Ident: ident, Type: uint16(m.kind), Machine: uint16(m.machine), Version: 1,
			Phoff: uint64(ehsize), Ehsize: uint16(ehsize), Phentsize: uint16(phsize), Phnum: uint16(count)})
		put(segs)
	} else {
		put(elf.Header32{Ident: ident, Type: uint16(m.kind), Machine: uint16(m.machine), Version: 1,
			Phoff: uint32(ehsize), Ehsize: uint16(ehsize), Phentsize: uint16(phsize), Phnum: uint16(count)})
		for _, s := range segs {
			put(elf.Prog32{Type: s.Type, Off: uint32(s.Off), Vaddr: uint32(s.Vaddr), Filesz: uint32(s.Filesz)})
		}
	}
	b.Write(interp)
	b.Write(make([]byte, dynAt-b.Len()))
	for _, d := range dyn {
		if wide {
			put(d)
		} else {
			put(elf.Dyn32{Tag: int32(d.Tag), Val: uint32(d.Val)})
		}
	}
	b.Write(str)
	b.WriteString(m.tail)
	return b.Bytes()
}

// lay writes files below dir, by path: an image, a text, or a link ("-> target").
func lay(t *testing.T, dir string, files map[string]any) {
	t.Helper()
	for name, v := range files {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		switch v := v.(type) {
		case image:
			err = os.WriteFile(p, v.bytes(), 0o755)
		case string:
			if target, ok := bytes.CutPrefix([]byte(v), []byte("-> ")); ok {
				err = os.Symlink(string(target), p)
			} else {
				err = os.WriteFile(p, []byte(v), 0o755)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
