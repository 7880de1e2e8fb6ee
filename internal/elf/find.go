package elf

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"
)

// Finder says where the compiler's sysroot has a library, by the name that programs know it by (or the base name of a
// loader). like is the file that needs it. The answer is an error that wraps ErrNotFound, and names the places looked at,
// where there is none.
type Finder interface {
	Find(ctx context.Context, name string, like *File) (Found, error)
}

// Found is a library in a sysroot.
type Found struct {
	HostPath  string // where its bytes are on this machine; may be a symbolic link
	ImagePath string // the same inside the sysroot: "/lib/x86_64-linux-gnu/libc.so.6"
}

// ErrNotFound is what a Finder's error wraps when it looked everywhere.
var ErrNotFound = errors.New("not found")

// MissingError says that a library or loader is nowhere. It wraps ErrNotFound.
type MissingError struct {
	NeededBy string   // image path of the file that needs it
	Name     string   // as that file has it
	Arch     string   // what that file is: "i386, ELF32"
	Loader   bool     // it is the program interpreter
	Image    []string // paths looked at in the image
	Skipped  []string // files of that name that could not serve, with the reason
	Cause    error    // the Finder's answer
}

func (e *MissingError) Unwrap() error { return ErrNotFound }

func (e *MissingError) Error() string {
	var b strings.Builder
	what := "the library"
	if e.Loader {
		what = "the loader"
	}
	fmt.Fprintf(&b, "%s (%s) needs %s %q, which is nowhere: ", e.NeededBy, e.Arch, what, e.Name)
	var parts []string
	if len(e.Image) > 0 {
		parts = append(parts, "not in the image as "+strings.Join(e.Image, ", "))
	}
	if e.Cause != nil {
		parts = append(parts, e.Cause.Error())
	}
	for _, s := range e.Skipped {
		parts = append(parts, "passed over "+s)
	}
	b.WriteString(strings.Join(parts, "; "))
	fmt.Fprintf(&b, ": install that library for %s, or put it into the image", e.Arch)
	return b.String()
}

// A hit is a file that serves.
type hit struct {
	image string // path in the image; for a file of the sysroot it is known when it has been placed
	host  string
	dir   string // directory in the sysroot
	file  *File
	own   bool // the image has it already
}

// search is one look for one name. It collects what to say if all fails.
type search struct {
	w      *walk
	like   *File
	report MissingError
}

func (w *walk) search(needer string, like *File, name string) *search {
	return &search{w, like, MissingError{NeededBy: needer, Name: name, Arch: like.arch()}}
}

// image looks at one path of the image.
func (s *search) image(at string) (*hit, error) {
	s.report.Image = append(s.report.Image, at)
	host, ok := s.w.own[at]
	if !ok {
		return nil, nil
	}
	f, err := s.try(host, at)
	if f == nil {
		return nil, err
	}
	return &hit{image: at, host: host, file: f, own: true}, nil
}

// sysroot asks the Finder for a base name.
func (s *search) sysroot(ctx context.Context, name string) (*hit, error) {
	found, err := s.w.ask(ctx, name, s.like)
	if errors.Is(err, ErrNotFound) {
		s.report.Cause = err
		return nil, &s.report
	}
	if err != nil {
		return nil, err
	}
	f, err := s.try(found.HostPath, found.HostPath)
	if err != nil {
		return nil, err
	}
	if f == nil {
		return nil, &s.report
	}
	return &hit{host: found.HostPath, dir: path.Dir(path.Clean("/" + found.ImagePath)), file: f}, nil
}

// try opens a candidate. One that could not serve is passed over with a note, as the loader does: a file for another
// architecture, a linker script, a static object.
func (s *search) try(host, called string) (*File, error) {
	f, err := s.w.open(host)
	switch {
	case errors.Is(err, ErrNotELF):
		s.report.Skipped = append(s.report.Skipped, called+" (not an ELF file)")
		return nil, nil
	case err != nil:
		return nil, err
	case !f.fits(s.like):
		s.report.Skipped = append(s.report.Skipped, fmt.Sprintf("%s (it is for %s)", called, f.arch()))
		return nil, nil
	case f.Type != "dyn" && !(s.report.Loader && f.Type == "exec"):
		s.report.Skipped = append(s.report.Skipped, called+" (not a shared library)")
		return nil, nil
	}
	return f, nil
}

// findLoader finds the interpreter of a program: in the image at just that path, or in the sysroot.
func (w *walk) findLoader(p Program, f *File, at string) (*hit, error) {
	s := w.search(p.Path, f, f.Interp)
	s.report.Loader = true
	h, err := s.image(at)
	if h != nil || err != nil {
		return h, err
	}
	if _, taken := w.own[at]; taken {
		return nil, &s.report // nothing else can be put there
	}
	return s.sysroot(w.ctx, path.Base(at))
}

// findLibrary finds what obj names, in the order of ld.so(8): a name with a slash is a path; else the directories of
// RPATH or RUNPATH, the loader's own directories, and last the sysroot, from where it gets into one of the latter.
func (w *walk) findLibrary(obj *object, name string, l *loader) (*hit, error) {
	s := w.search(obj.image, obj.file, name)
	if strings.Contains(name, "/") {
		return s.slash(obj, name)
	}
	if name == "." || name == ".." {
		s.report.Cause = fmt.Errorf("%w: no library can have that name", ErrNotFound)
		return nil, &s.report
	}
	dirs := append(searchPath(obj, l), l.searched()...)
	for _, dir := range dirs {
		h, err := s.image(path.Join(dir, name))
		if h != nil || err != nil {
			return h, err
		}
	}
	h, err := s.sysroot(w.ctx, name)
	if err != nil {
		return nil, err
	}
	home := l.home(h.dir)
	if l == nil {
		// Only now it is known where a loader would look, since the sysroot has libraries there.
		if own, err := s.image(path.Join(home, name)); own != nil || err != nil {
			return own, err
		}
	}
	return h, w.place(h, home, name, false)
}

// slash finds a name that is a path. It is used as it is, so a library of the sysroot goes just there.
func (s *search) slash(obj *object, name string) (*hit, error) {
	at, ok := expand(name, obj.image)
	if !ok {
		s.report.Cause = fmt.Errorf("%w: it is relative to the directory that the program is started in", ErrNotFound)
		return nil, &s.report
	}
	h, err := s.image(at)
	if h != nil || err != nil {
		return h, err
	}
	h, err = s.sysroot(s.w.ctx, path.Base(at))
	if err != nil {
		return nil, err
	}
	return h, s.w.place(h, path.Dir(at), path.Base(at), false)
}

// ask asks the Finder once for each name and architecture.
func (w *walk) ask(ctx context.Context, name string, like *File) (Found, error) {
	key := name + "\x00" + like.arch()
	a, ok := w.asked[key]
	if !ok {
		if err := ctx.Err(); err != nil {
			return Found{}, err
		}
		a.found, a.err = w.finder.Find(ctx, name, like)
		if w.asked == nil {
			w.asked = map[string]answer{}
		}
		w.asked[key] = a
	}
	return a.found, a.err
}

type answer struct {
	found Found
	err   error
}
