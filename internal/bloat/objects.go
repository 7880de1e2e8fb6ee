// Package bloat says what makes a program big, in the way of size(1) and of the kernel's scripts/bloat-o-meter: by object
// file, by directory and by symbol, and what changed between two of them. It reads ELF files and archives of ar itself.
package bloat

import (
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
)

// Sizes are what a program takes in memory, in bytes, as size(1) divides it up.
type Sizes struct {
	Text int64 `json:"text"` // code, and data that nobody writes
	Data int64 `json:"data"`
	BSS  int64 `json:"bss"` // zeros, which are in no file
}

// Total is all that is loaded from a file, so without BSS: what an image is made of.
func (s Sizes) Total() int64 { return s.Text + s.Data }

func (s Sizes) add(o Sizes) Sizes { return Sizes{s.Text + o.Text, s.Data + o.Data, s.BSS + o.BSS} }

// Object is an object file that was linked into a program.
type Object struct {
	Path string
	Sizes
}

// SizesOf reads the sections of an ELF file.
func SizesOf(r io.ReaderAt) (Sizes, error) {
	f, err := elf.NewFile(r)
	if err != nil {
		return Sizes{}, err
	}
	var s Sizes
	for _, section := range f.Sections {
		size := int64(min(section.Size, 1<<50))
		switch {
		case section.Flags&elf.SHF_ALLOC == 0:
		case section.Type == elf.SHT_NOBITS:
			s.BSS += size
		case section.Flags&elf.SHF_WRITE != 0:
			s.Data += size
		default:
			s.Text += size
		}
	}
	return s, nil
}

// Kernel lists the objects that a kernel was linked from, out of the directory that it was built in. Since Linux 6.1
// vmlinux.a names them all; before, each top directory has a built-in.a. Libraries' objects are all told, though the linker
// takes only those that something calls.
func Kernel(build fs.FS) ([]Object, error) {
	archives := []string{"vmlinux.a"}
	if _, err := fs.Stat(build, "vmlinux.a"); errors.Is(err, fs.ErrNotExist) {
		archives = nil
		for _, pattern := range []string{"*/built-in.a", "arch/*/built-in.a", "arch/*/*/built-in.a", "arch/*/lib/lib.a", "lib/lib.a"} {
			found, err := fs.Glob(build, pattern)
			if err != nil {
				return nil, err
			}
			archives = append(archives, found...)
		}
	}
	if len(archives) == 0 {
		return nil, errors.New("there are neither vmlinux.a nor built-in.a: no kernel was built here")
	}
	var objects []Object
	seen := map[string]bool{}
	for _, archive := range archives {
		err := eachObject(build, archive, func(name string, r io.ReaderAt) error {
			if seen[name] {
				return nil
			}
			seen[name] = true
			sizes, err := SizesOf(r)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			objects = append(objects, Object{name, sizes})
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return objects, nil
}

// Linker is the row for what a program has beyond its objects, or less than they have.
const Linker = "(padding, and the linker's own)"

// ByDirectory adds objects up by the first depth names of their paths, and sets what the whole has beyond them apart.
func ByDirectory(objects []Object, whole Sizes, depth int) []Row {
	sums := map[string]Sizes{}
	rest := whole
	for _, o := range objects {
		names := strings.Split(o.Path, "/")
		dir := strings.Join(names[:min(depth, max(len(names)-1, 1))], "/")
		if len(names) > 1 {
			dir += "/"
		}
		sums[dir] = sums[dir].add(o.Sizes)
		rest = rest.add(Sizes{-o.Text, -o.Data, -o.BSS})
	}
	if rest != (Sizes{}) {
		sums[Linker] = rest
	}
	var rows []Row
	for dir, s := range sums {
		rows = append(rows, Row{Name: dir, Size: s.Total(), Sizes: &s})
	}
	slices.SortFunc(rows, bySize)
	return rows
}
