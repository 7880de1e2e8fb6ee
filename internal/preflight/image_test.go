package preflight_test

import (
	"crypto/sha256"
	"encoding/hex"
	"iter"
	"strings"
	"testing"

	"mini/internal/preflight"
	"mini/internal/rootfs"
)

// memoryFiles is a root filesystem out of a table of paths with contents, as real lists have it: links are followed by the
// list's own rules.
type memoryFiles struct {
	list    rootfs.List
	content map[string]string
}

// Contents that pass for ELF files: the loader, and what is missing, follow.
const (
	dynamic  = "\x7fELF x86_64 /lib/ld.so"
	static   = "\x7fELF x86_64"
	static32 = "\x7fELF i386"
)

// files makes a root filesystem: a path that ends in " -> target" is a link, others are programs, or plain files where
// the content begins with "plain:", or directories or devices where it is "dir:" or "device:MAJOR:MINOR".
func files(t testing.TB, paths map[string]string) *memoryFiles {
	t.Helper()
	b, m := rootfs.NewBuilder(), &memoryFiles{content: map[string]string{}}
	for path, content := range paths {
		e := rootfs.Entry{Path: path, Type: rootfs.File, Mode: 0o755}
		if path, target, ok := strings.Cut(path, " -> "); ok {
			e = rootfs.Entry{Path: path, Type: rootfs.Symlink, Mode: 0o777, Target: target}
		} else if content == "dir:" {
			e.Type = rootfs.Dir
		} else if content == "device:" {
			e.Type, e.Major, e.Minor = rootfs.Char, 1, 3
		} else {
			text, plain := strings.CutPrefix(content, "plain:")
			sum := sha256.Sum256([]byte(text))
			e.SHA256, e.Size = hex.EncodeToString(sum[:]), int64(len(text))
			if plain {
				e.Mode = 0o644
			}
			m.content[e.SHA256] = text
		}
		if err := b.Add(e); err != nil {
			t.Fatal(err)
		}
	}
	var err error
	if m.list, err = b.Finish(); err != nil {
		t.Fatal(err)
	}
	return m
}

func file(e rootfs.Entry, ok bool) (preflight.File, bool) {
	return preflight.File{Path: e.Path, Type: preflight.Type(e.Type), Mode: e.Mode, Major: e.Major, Minor: e.Minor, Target: e.Target, Size: e.Size, Digest: e.SHA256}, ok
}

func (m *memoryFiles) Lookup(path string) (preflight.File, bool)  { return file(m.list.Lookup(path)) }
func (m *memoryFiles) Resolve(path string) (preflight.File, bool) { return file(m.list.Resolve(path)) }
func (m *memoryFiles) All() iter.Seq[preflight.File] {
	return func(yield func(preflight.File) bool) {
		for _, e := range m.list {
			if f, _ := file(e, true); !yield(f) {
				return
			}
		}
	}
}

func (m *memoryFiles) Read(f preflight.File) ([]byte, error) { return []byte(m.content[f.Digest]), nil }

func (m *memoryFiles) Program(f preflight.File) (preflight.Program, error) {
	text := m.content[f.Digest]
	p := preflight.Program{Head: []byte(text[:min(len(text), preflight.HeadSize)])}
	if words := strings.Fields(text); len(words) > 1 && words[0] == "\x7fELF" {
		p.ELF = &preflight.ELF{Machine: words[1], Bits: 64, Fixed: true}
		if words[1] == "i386" {
			p.ELF.Bits = 32
		}
		for _, w := range words[2:] {
			if strings.HasPrefix(w, "/") {
				p.ELF.Interp = w
			} else if name, ok := strings.CutPrefix(w, "lacks:"); ok {
				p.ELF.Missing = append(p.ELF.Missing, preflight.Missing{Name: name, NeededBy: f.Path})
			}
		}
	}
	return p, nil
}
