package elf

import (
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"
)

// A loader is a program interpreter, with what its file tells about how it searches.
type loader struct {
	image string // PT_INTERP, cleaned
	own   bool   // the image brings it itself
	file  *File
	dirs  []string // the directories that it searches by itself, in order
}

// fallbackDirs serve where a loader's file names no directory; the ABI has no others.
var fallbackDirs = []string{"/lib", "/usr/lib"}

// maxLoader bounds what is read of a loader's file; the largest known have some hundred KiB.
const maxLoader = 16 << 20

// builtinDirs finds the directories that a loader searches when nothing tells it where to look. It has them as constants:
// glibc's as one string each that ends in a slash ("/lib64/"), those of musl and uClibc joined by colons
// ("/lib:/usr/local/lib:/usr/lib"). What they are depends on who built it: Debian's has /lib/x86_64-linux-gnu,
// Fedora's /lib64, so a list of ours would be wrong somewhere.
func builtinDirs(host string) ([]string, error) {
	f, err := os.Open(host)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxLoader))
	if err != nil {
		return nil, err
	}
	if dirs := dirStrings(b); len(dirs) > 0 {
		return dirs, nil
	}
	return fallbackDirs, nil
}

// dirStrings lists the directories for libraries among the NUL-terminated strings of a program's bytes.
func dirStrings(b []byte) []string {
	var dirs []string
	for s := range strings.SplitSeq(string(b), "\x00") {
		s = printableTail(s)
		list := strings.Split(s, ":")
		if len(list) == 1 && !strings.HasSuffix(s, "/") {
			continue
		}
		if !slices.ContainsFunc(list, func(d string) bool { return !isLibDir(d) }) {
			for _, d := range list {
				if d = path.Clean(d); !slices.Contains(dirs, d) {
					dirs = append(dirs, d)
				}
			}
		}
	}
	return dirs
}

// printableTail cuts off what lies before a constant that does not begin behind a NUL.
func printableTail(s string) string {
	i := len(s)
	for i > 0 && s[i-1] > ' ' && s[i-1] <= '~' {
		i--
	}
	return s[i:]
}

// isLibDir tells an absolute path with a part such as lib or lib64 from the other paths that a loader knows
// ("/var/tmp", "/proc/self/exe", "$ORIGIN/").
func isLibDir(d string) bool {
	if !strings.HasPrefix(d, "/") || strings.ContainsAny(d, "%$*\"'\\") {
		return false
	}
	return slices.ContainsFunc(strings.Split(d, "/"), func(part string) bool { return strings.HasPrefix(part, "lib") })
}

func (l *loader) musl() bool { return l != nil && strings.HasPrefix(path.Base(l.image), "ld-musl-") }

// provides tells whether the loader is itself the library of that name: under the names by which it is known already,
// and for musl, where loader and C library are one file, under any name of a part of the C library (load_library in
// musl's ldso/dynlink.c).
func (l *loader) provides(name string) bool {
	if l == nil {
		return false
	}
	if name == l.image || name == path.Base(l.image) || name == l.file.Soname {
		return true
	}
	if l.musl() {
		for _, part := range []string{"c", "pthread", "rt", "m", "dl", "util", "xnet"} {
			if strings.HasPrefix(name, "lib"+part+".") {
				return true
			}
		}
	}
	return false
}

// kernelProvides tells whether a library comes with the kernel (vdso(7)): there is no file of that name anywhere.
func kernelProvides(name string) bool {
	for _, vdso := range []string{"linux-gate.so", "linux-vdso.so", "linux-vdso32.so", "linux-vdso64.so"} {
		if name == vdso || strings.HasPrefix(name, vdso+".") {
			return true
		}
	}
	return false
}

// loaderOf returns the loader that a program names, or nil for one that names none.
func (w *walk) loaderOf(p Program, f *File) (*loader, error) {
	if f.Interp == "" {
		return nil, nil
	}
	if !f.dynamic {
		return nil, fmt.Errorf("%s: %w", p.Path, damaged("it names the loader %q but has no dynamic section", f.Interp))
	}
	if !path.IsAbs(f.Interp) {
		return nil, fmt.Errorf("%s names the loader %q, which is not an absolute path: link it again with -Wl,--dynamic-linker", p.Path, f.Interp)
	}
	at := path.Clean(f.Interp)
	key := at + "\x00" + f.arch()
	if l, ok := w.loaders[key]; ok {
		return l, nil
	}
	hit, err := w.findLoader(p, f, at)
	if err != nil {
		return nil, err
	}
	l := &loader{image: at, own: hit.own, file: hit.file}
	if l.dirs, err = builtinDirs(hit.host); err != nil {
		return nil, err
	}
	if w.loaders == nil {
		w.loaders = map[string]*loader{}
	}
	w.loaders[key] = l
	w.loaderOrder = append(w.loaderOrder, l)
	if l.own {
		return l, nil
	}
	return l, w.place(hit, path.Dir(at), path.Base(at), true)
}

// loaderLike returns the loader of some program for the same architecture as f, a library or plugin that names none
// itself, or nil: whichever process it ends up in, that loader will look for what it needs.
func (w *walk) loaderLike(f *File) *loader {
	for _, l := range w.loaderOrder {
		if l.file.fits(f) {
			return l
		}
	}
	return nil
}
