package main

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"mini/build"
	"mini/builtins"
	"mini/internal/bloat"
	"mini/internal/rootfs"
)

// scale measures what a build left in the store.
type scale struct {
	*session
	results map[*build.Node]*build.Result
	depth   int
	tables  []sizeTable
	seen    map[build.Artifact]bool // a machine boots what another target is
}

func (s *scale) weigh(ctx context.Context, targets []target) ([]sizeTable, error) {
	s.seen = map[build.Artifact]bool{}
	for _, t := range targets {
		parts := builtins.PartsOf(t.value)
		if parts.Kernel != nil && s.first(parts.Kernel.Image) {
			if err := s.image(ctx, parts.Kernel); err != nil {
				return nil, err
			}
		}
		for _, c := range parts.Carried {
			if s.first(c.Archive) {
				if err := s.carried(ctx, c); err != nil {
					return nil, err
				}
			}
		}
		if parts.Kernel != nil && s.first(parts.Kernel.Build) {
			if err := s.kernel(ctx, parts.Kernel); err != nil {
				return nil, err
			}
		}
		if parts.Other != nil && s.first(parts.Other) {
			if err := s.other(ctx, t, parts.Other); err != nil {
				return nil, err
			}
		}
	}
	return s.tables, nil
}

func (s *scale) first(a *build.Artifact) bool {
	was := s.seen[*a]
	s.seen[*a] = true
	return !was
}

// path is where an artifact lies, to be read and not to be changed.
func (s *scale) path(ctx context.Context, a *build.Artifact) (string, error) {
	whole := *a
	whole.Sub = ""
	object, err := s.engine.Object(ctx, s.results[a.Node], &whole)
	if err != nil {
		return "", err
	}
	if !object.IsTree {
		return s.store.BlobPath(object.Digest), nil
	}
	if err := s.store.UseTree(ctx, object.Digest); err != nil {
		return "", err
	}
	return filepath.Join(s.store.TreePath(object.Digest), filepath.FromSlash(a.Sub)), nil
}

// length is the size of the file that an artifact is.
func (s *scale) length(ctx context.Context, a *build.Artifact) (int64, error) {
	path, err := s.path(ctx, a)
	if err != nil {
		return 0, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// ofNode is what a step's title begins with: the program that it is a step of.
func ofNode(n *build.Node) string {
	of, _, _ := strings.Cut(n.Title, ": ")
	return of
}

// image divides an image into the kernel and what it carries.
func (s *scale) image(ctx context.Context, k *builtins.KernelParts) error {
	size, err := s.length(ctx, k.Image)
	if err != nil {
		return err
	}
	t := sizeTable{What: "image", Name: ofNode(k.Image.Node), By: "part", Size: size}
	bare := *k.Build
	bare.Sub = filepath.Join(bare.Sub, k.ImageFile)
	kernel, err := s.length(ctx, &bare)
	if err != nil {
		return err
	}
	t.Rows = append(t.Rows, bloat.Row{Name: "the kernel, packed", Size: kernel})
	if k.Carries != nil {
		t.Rows = append(t.Rows, bloat.Row{Name: "the initramfs that it carries", Size: size - kernel})
	}
	bloat.Sort(t.Rows)
	s.tables = append(s.tables, t)
	return nil
}

// kernel looks at the objects and symbols that a kernel was linked from.
func (s *scale) kernel(ctx context.Context, k *builtins.KernelParts) error {
	dir, err := s.path(ctx, k.Build)
	if err != nil {
		return err
	}
	vmlinux, err := os.Open(filepath.Join(dir, "vmlinux"))
	if err != nil {
		return err
	}
	defer vmlinux.Close()
	whole, err := bloat.SizesOf(vmlinux)
	if err != nil {
		return fmt.Errorf("%s: %w", vmlinux.Name(), err)
	}
	objects, err := bloat.Kernel(os.DirFS(dir))
	if err != nil {
		return fmt.Errorf("%s: %w", dir, err)
	}
	t := sizeTable{What: "kernel", Name: ofNode(k.Build.Node), Size: whole.Total()}
	t.By, t.Rows = "directory", bloat.ByDirectory(objects, whole, s.depth)
	s.tables = append(s.tables, t)
	t.By = "symbol"
	if t.Rows, err = bloat.BySymbol(vmlinux); err != nil {
		return fmt.Errorf("%s: %w", vmlinux.Name(), err)
	}
	if len(t.Rows) > 0 { // nobody stripped it
		s.tables = append(s.tables, t)
	}
	return nil
}

// other is a file, or a tree by its files.
func (s *scale) other(ctx context.Context, of target, a *build.Artifact) error {
	path, err := s.path(ctx, a)
	if err != nil {
		return err
	}
	t := sizeTable{What: "tree", Name: of.name, By: "file"}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		t.What = "file"
		t.Rows = []bloat.Row{{Name: filepath.Base(a.Output + "/" + a.Sub), Size: info.Size()}}
	} else if err := eachFile(path, func(name, _ string, size int64) error {
		t.Rows = append(t.Rows, bloat.Row{Name: name, Size: size})
		return nil
	}); err != nil {
		return err
	}
	t.Size = bloat.Total(t.Rows)
	bloat.Sort(t.Rows)
	s.tables = append(s.tables, t)
	return nil
}

// eachFile calls f for the regular files below dir, with their names from there: "/bin/sh".
func eachFile(dir string, f func(name, path string, size int64) error) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		return f("/"+filepath.ToSlash(strings.TrimPrefix(path, dir+string(filepath.Separator))), path, info.Size())
	})
}

// carried looks at an archive, and at the root filesystem in it.
func (s *scale) carried(ctx context.Context, c builtins.Carried) error {
	packed, err := s.length(ctx, c.Archive)
	if err != nil {
		return err
	}
	if c.Root == nil {
		s.tables = append(s.tables, sizeTable{What: "initramfs", Name: ofNode(c.Archive.Node), By: "file", Size: packed,
			Rows: []bloat.Row{{Name: filepath.Base(c.Archive.Output + "/" + c.Archive.Sub), Size: packed}}})
		return nil
	}
	path, err := s.path(ctx, c.Root.List())
	if err != nil {
		return err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	list, err := rootfs.Parse(text)
	if err != nil {
		return err
	}
	content, err := s.path(ctx, c.Root.Content())
	if err != nil {
		return err
	}
	packages, err := s.packages(ctx, c.Root)
	if err != nil {
		return err
	}
	files := sizeTable{What: "root filesystem", Name: s.nameOf(c.Root), By: "file"}
	byPackage := map[string]*bloat.Row{}
	alone := map[string]int64{}
	for _, e := range list {
		if e.Type != rootfs.File {
			continue
		}
		if _, known := alone[e.SHA256]; !known {
			if alone[e.SHA256], err = packedAlone(filepath.Join(content, e.SHA256)); err != nil {
				return err
			}
		}
		row := bloat.Row{Name: e.Path, Size: e.Size, Packed: alone[e.SHA256]}
		files.Rows = append(files.Rows, row)
		of := cmp.Or(packages[e.SHA256], ofScript)
		if byPackage[of] == nil {
			byPackage[of] = &bloat.Row{Name: of}
		}
		byPackage[of].Size += row.Size
		byPackage[of].Packed += row.Packed
	}
	files.Size = bloat.Total(files.Rows)
	whole := files
	whole.By, whole.Rows = "package", nil
	for _, name := range sortedKeys(byPackage) {
		whole.Rows = append(whole.Rows, *byPackage[name])
	}
	for _, t := range []*sizeTable{&files, &whole} {
		if packed < t.Size { // an archive that isn't packed is larger than its files
			t.Packed = packed
		}
		bloat.Share(t.Rows, t.Packed)
		bloat.Sort(t.Rows)
		s.tables = append(s.tables, *t)
	}
	return nil
}

func packedAlone(path string) (int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	return bloat.Packed(f)
}

// nameOf is what the script calls a root filesystem.
func (s *scale) nameOf(root *builtins.Rootfs) string {
	for _, t := range s.script.all() {
		if t.value == builtins.Target(root) {
			return t.name
		}
	}
	return "rootfs"
}

// ofScript is the package of files that the script itself says.
const ofScript = "the script"

// packages says from which program each content of a root filesystem comes, by its SHA-256. What several have is the first
// one's.
func (s *scale) packages(ctx context.Context, root *builtins.Rootfs) (map[string]string, error) {
	spec, from := root.Layers()
	directives, err := rootfs.ParseSpec(spec)
	if err != nil {
		return nil, err
	}
	packages := map[string]string{}
	put := func(sum, name string) {
		if _, taken := packages[sum]; !taken {
			packages[sum] = name
		}
	}
	for _, d := range directives {
		a := from[d.Host]
		if a == nil {
			continue
		}
		path, err := s.path(ctx, a)
		if err != nil {
			return nil, err
		}
		err = eachFile(path, func(_, path string, _ int64) error {
			sum, err := fileSum(path)
			put(sum, ofNode(a.Node))
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return packages, nil
}
