package elf

import (
	"context"
	"errors"
	"path"
	"slices"
	"strings"
)

// Program is a file of the image whose needs are asked for.
type Program struct {
	Path     string // in the image, absolute: "/bin/busybox"
	HostPath string // where its bytes are now
}

// Closure returns what programs need to start and the image does not have: their loaders, libraries, and the libraries
// of those, sorted by Path, each once. own is the image as far as it is known, from image paths to host files; a library
// that the loader would find there is not asked of the Finder.
//
// Scripts, static programs and objects need nothing. Each program is followed as its own process would load it,
// breadth first, since who loaded a library and what was loaded before decide where the next is looked for. A file that is
// nowhere is a *MissingError.
func Closure(ctx context.Context, programs []Program, own map[string]string, f Finder) ([]Library, error) {
	w := &walk{ctx: ctx, own: own, finder: f, libs: map[string]*Library{}, opened: map[string]opened{}, reached: map[string]bool{}}
	progs := slices.Clone(programs)
	slices.SortFunc(progs, func(a, b Program) int { return strings.Compare(a.Path, b.Path) })

	// Programs that name a loader come first: it will be the loader of those that don't.
	var later []Program
	for _, p := range progs {
		file, err := w.open(p.HostPath)
		switch {
		case errors.Is(err, ErrNotELF):
			continue
		case err != nil:
			return nil, err
		case file.Interp == "":
			later = append(later, p)
			continue
		}
		l, err := w.loaderOf(p, file)
		if err != nil {
			return nil, err
		}
		w.needed(l.image, p.Path)
		if err := w.load(p, file, l); err != nil {
			return nil, err
		}
	}
	if err := w.loadLater(later); err != nil {
		return nil, err
	}
	return w.result(), nil
}

// loadLater follows the files that name no loader: libraries and plugins of the image. One that some process loads has
// been followed there, and alone it may not find what it needs, since it relies on the RPATH of who loads it.
func (w *walk) loadLater(programs []Program) error {
	failed := map[string]error{}
	for _, p := range programs {
		at := path.Clean(p.Path)
		if w.reached[at] {
			continue
		}
		file, err := w.open(p.HostPath)
		if err != nil {
			return err
		}
		err = w.load(p, file, w.loaderLike(file))
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		failed[at] = err
	}
	for _, p := range programs {
		if at := path.Clean(p.Path); failed[at] != nil && !w.reached[at] {
			return failed[at]
		}
	}
	return nil
}

// walk is the state of one Closure.
type walk struct {
	ctx    context.Context
	own    map[string]string
	finder Finder

	libs        map[string]*Library // by the path of the file and of each link
	taken       map[string]string   // what each path of the image that we filled is
	loaders     map[string]*loader  // by path and architecture
	loaderOrder []*loader           // as met
	asked       map[string]answer   // of the Finder, by name and architecture
	opened      map[string]opened   // by host path
	reached     map[string]bool     // files of the image that some process loads
}

type opened struct {
	file *File
	err  error
}

func (w *walk) open(host string) (*File, error) {
	o, ok := w.opened[host]
	if !ok {
		o.file, o.err = Open(host)
		w.opened[host] = o
	}
	return o.file, o.err
}

// An object is a file in a process.
type object struct {
	image  string
	file   *File
	parent *object // who loaded it; nil for the program
}

// load follows one process.
func (w *walk) load(p Program, file *File, l *loader) error {
	loaded := map[string]string{} // names that the process knows, to image paths
	know := func(name, at string) {
		if _, ok := loaded[name]; !ok && name != "" {
			loaded[name] = at
		}
	}
	know(file.Soname, p.Path)
	root := &object{image: path.Clean(p.Path), file: file}
	queue := []*object{root}
	for len(queue) > 0 {
		obj := queue[0]
		queue = queue[1:]
		for _, name := range obj.file.Needed {
			if err := w.ctx.Err(); err != nil {
				return err
			}
			if kernelProvides(name) {
				continue
			}
			if l.provides(name) {
				w.needed(l.image, obj.image)
				continue
			}
			at, ok := loaded[name]
			if !ok {
				h, err := w.findLibrary(obj, name, l)
				if err != nil {
					return err
				}
				at = h.image
				if at != root.image {
					w.reached[at] = true
				}
				know(name, at)
				know(h.file.Soname, at)
				queue = append(queue, &object{image: at, file: h.file, parent: obj})
			}
			w.needed(at, obj.image)
		}
	}
	return nil
}

func (w *walk) result() []Library {
	var libs []Library
	for at, lib := range w.libs {
		if at != lib.Path {
			continue
		}
		slices.SortFunc(lib.Links, func(a, b Link) int { return strings.Compare(a.Path, b.Path) })
		slices.Sort(lib.NeededBy)
		libs = append(libs, *lib)
	}
	slices.SortFunc(libs, func(a, b Library) int { return strings.Compare(a.Path, b.Path) })
	return libs
}
