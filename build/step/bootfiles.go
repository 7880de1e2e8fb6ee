package step

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"strings"

	"mini/internal/elf"
	"mini/internal/preflight"
	"mini/internal/rootfs"
)

// bootFiles shows a root filesystem, its list and its contents, to those who ask what happens at boot.
type bootFiles struct {
	list rootfs.List
	path func(sha256 string) string // of a content

	own  map[string]string // host files by all paths that lead to them in the image
	read map[string][]byte // what was read, by digest
}

func newBootFiles(list rootfs.List, path func(string) string) *bootFiles {
	return &bootFiles{list: list, path: path, read: map[string][]byte{}}
}

func bootFile(e rootfs.Entry, ok bool) (preflight.File, bool) {
	return preflight.File{
		Path: e.Path, Type: preflight.Type(e.Type), Mode: e.Mode, Major: e.Major, Minor: e.Minor, Target: e.Target, Size: e.Size, Digest: e.SHA256,
	}, ok
}

// Lookup implements preflight.Files.
func (b *bootFiles) Lookup(path string) (preflight.File, bool) { return bootFile(b.list.Lookup(path)) }

// Resolve implements preflight.Files.
func (b *bootFiles) Resolve(path string) (preflight.File, bool) {
	return bootFile(b.list.Resolve(path))
}

// All implements preflight.Files.
func (b *bootFiles) All() iter.Seq[preflight.File] {
	return func(yield func(preflight.File) bool) {
		for _, e := range b.list {
			if f, _ := bootFile(e, true); !yield(f) {
				return
			}
		}
	}
}

// Read implements preflight.Files.
func (b *bootFiles) Read(f preflight.File) ([]byte, error) {
	if text, ok := b.read[f.Digest]; ok {
		return text, nil
	}
	text, err := os.ReadFile(b.path(f.Digest))
	if err == nil {
		b.read[f.Digest] = text
	}
	return text, err
}

// Program implements preflight.Files.
func (b *bootFiles) Program(f preflight.File) (preflight.Program, error) {
	host := b.path(f.Digest)
	in, err := os.Open(host)
	if err != nil {
		return preflight.Program{}, err
	}
	defer in.Close()
	head, err := io.ReadAll(io.LimitReader(in, preflight.HeadSize))
	if err != nil {
		return preflight.Program{}, err
	}
	file, err := elf.Read(in)
	if errors.Is(err, elf.ErrNotELF) {
		return preflight.Program{Head: head}, nil
	}
	if err != nil {
		return preflight.Program{}, err
	}
	e := &preflight.ELF{Machine: file.Machine, Bits: 64, Fixed: file.Type == "exec", Interp: file.Interp}
	if file.Class == "ELF32" {
		e.Bits = 32
	}
	e.Missing = b.missing(f, file)
	return preflight.Program{Head: head, ELF: e}, nil
}

// missing lets the loader's rules look for the libraries of a program among the files of the image.
func (b *bootFiles) missing(f preflight.File, file *elf.File) []preflight.Missing {
	if _, there := b.list.Resolve(file.Interp); file.Interp == "" || !there {
		return nil
	}
	if b.own == nil {
		b.own = b.everyPath()
	}
	_, err := elf.Closure(context.Background(), []elf.Program{{Path: f.Path, HostPath: b.path(f.Digest)}}, b.own, nowhere{})
	if lost := (*elf.MissingError)(nil); errors.As(err, &lost) {
		return []preflight.Missing{{Name: lost.Name, NeededBy: lost.NeededBy, Skipped: lost.Skipped}}
	}
	return nil // what else could be wrong is not for sure
}

// nowhere is a sysroot without libraries: what counts is what the image has.
type nowhere struct{}

func (nowhere) Find(_ context.Context, name string, _ *elf.File) (elf.Found, error) {
	return elf.Found{}, fmt.Errorf("%w: %s", elf.ErrNotFound, name)
}

// everyPath lists the files of the image by the paths that they have, and those that they have by way of links to
// directories, such as /lib -> usr/lib.
func (b *bootFiles) everyPath() map[string]string {
	own := map[string]string{}
	add := func(at string, e rootfs.Entry) {
		if to, ok := b.list.Resolve(e.Path); ok && to.Type == rootfs.File {
			own[at] = b.path(to.SHA256)
		}
	}
	for _, e := range b.list {
		add(e.Path, e)
		if e.Type != rootfs.Symlink {
			continue
		}
		dir, ok := b.list.Resolve(e.Path)
		if !ok || dir.Type != rootfs.Dir || dir.Path == "/" {
			continue
		}
		for _, below := range b.list {
			if rest, ok := strings.CutPrefix(below.Path, dir.Path+"/"); ok {
				add(e.Path+"/"+rest, below)
			}
		}
	}
	return own
}

// checkInit refuses a list from which no kernel could start a program.
func checkInit(list rootfs.List, content contentDir, init string) error {
	if _, bad := preflight.Start(newBootFiles(list, content.path), init); bad != nil {
		return fmt.Errorf("%s: %s", bad.What, bad.Fix)
	}
	return nil
}
