package bloat

import (
	"debug/elf"
	"errors"
	"io"
	"regexp"
	"slices"
)

// numbered are the endings that compilers give to copies of a symbol, which differ from build to build: bloat-o-meter drops
// them too.
var numbered = regexp.MustCompile(`(\.(isra|constprop|part|cold|llvm|lto_priv))?\.[0-9]+$`)

// BySymbol adds up the functions and variables of an ELF file that a file holds, by name and the largest first. Static ones of
// one name are one row.
func BySymbol(r io.ReaderAt) ([]Row, error) {
	f, err := elf.NewFile(r)
	if err != nil {
		return nil, err
	}
	symbols, err := f.Symbols()
	if errors.Is(err, elf.ErrNoSymbols) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	sums := map[string]int64{}
	type place struct {
		section elf.SectionIndex
		value   uint64
	}
	known := map[place]bool{}
	for _, s := range symbols {
		kind := elf.ST_TYPE(s.Info)
		if kind != elf.STT_FUNC && kind != elf.STT_OBJECT || s.Size == 0 || int(s.Section) >= len(f.Sections) {
			continue
		}
		if section := f.Sections[s.Section]; section.Flags&elf.SHF_ALLOC == 0 || section.Type == elf.SHT_NOBITS {
			continue
		}
		if at := (place{s.Section, s.Value}); known[at] {
			continue // another name for the same
		} else {
			known[at] = true
		}
		sums[numbered.ReplaceAllString(s.Name, "")] += int64(min(s.Size, 1<<50))
	}
	var rows []Row
	for name, size := range sums {
		rows = append(rows, Row{Name: name, Size: size})
	}
	slices.SortFunc(rows, bySize)
	return rows, nil
}
