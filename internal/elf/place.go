package elf

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Library is a file that the image must get for its programs to start.
type Library struct {
	Path     string   // in the image, where the guest's loader (for a loader: the kernel) finds it or its Links lead to
	HostPath string   // its bytes: a regular file on this machine
	Links    []Link   // symbolic links that lead to it, sorted by Path
	NeededBy []string // image paths of the files that need it, sorted
	Interp   bool     // it is a program interpreter: it must be executable
}

// Link is a symbolic link of the image.
type Link struct{ Path, Target string }

// searched lists the directories in which the loader looks for libraries by itself.
func (l *loader) searched() []string {
	if l == nil {
		return fallbackDirs
	}
	return l.dirs
}

// home returns the directory of the image for a library that lies in dir of the sysroot. Without a loader to ask,
// nothing is known but that /usr/lib… is searched where /lib… is.
func (l *loader) home(dir string) string {
	short := dir
	if strings.HasPrefix(dir, "/usr/lib") {
		short = strings.TrimPrefix(dir, "/usr")
	}
	switch {
	case l == nil || slices.Contains(l.dirs, short):
		return short
	case slices.Contains(l.dirs, dir):
		return dir
	case slices.Contains(l.dirs, "/lib"):
		return "/lib"
	}
	return l.dirs[0]
}

// place gives a file of the sysroot its place in the image: dir/name, or a link of that name and the file beside it.
func (w *walk) place(h *hit, dir, name string, interp bool) error {
	real, err := filepath.EvalSymlinks(h.host)
	if err != nil {
		return err
	}
	if info, err := os.Stat(real); err != nil {
		return err
	} else if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a regular file", real)
	}
	h.image = path.Join(dir, name)
	at := h.image
	var links []Link
	for _, target := range linksBeside(h.host, name) {
		links = append(links, Link{at, target})
		at = path.Join(dir, target)
	}
	if err := w.take(at, "file "+real); err != nil {
		return err
	}
	lib := w.libs[at]
	if lib == nil {
		lib = &Library{Path: at, HostPath: real}
		w.libs[at] = lib
	}
	lib.Interp = lib.Interp || interp
	for _, link := range links {
		if err := w.take(link.Path, "link to "+link.Target); err != nil {
			return err
		}
		if !slices.Contains(lib.Links, link) {
			lib.Links = append(lib.Links, link)
		}
		w.libs[link.Path] = lib
	}
	return nil
}

// maxLinks is the kernel's limit on links in one path (MAXSYMLINKS); EvalSymlinks has refused circles before.
const maxLinks = 40

// linksBeside lists the targets of the chain of symbolic links that begins at host and stays in its directory. A Finder
// that answers with another name than it was asked for gets no links: then the file goes under the name asked for.
func linksBeside(host, name string) []string {
	if filepath.Base(host) != name {
		return nil
	}
	dir := filepath.Dir(host)
	var targets []string
	for range maxLinks {
		target, err := os.Readlink(host)
		if err != nil || strings.Contains(target, "/") || target == "." || target == ".." {
			break
		}
		targets = append(targets, target)
		host = filepath.Join(dir, target)
	}
	return targets
}

// take reserves a path of the image.
func (w *walk) take(at, what string) error {
	if host, ok := w.own[at]; ok {
		return fmt.Errorf("%s has to be the %s, but the image has another one there (%s): remove that", at, what, host)
	}
	if was, ok := w.taken[at]; ok && was != what {
		return fmt.Errorf("%s has to be the %s and the %s at once: put the programs into different images", at, was, what)
	}
	if w.taken == nil {
		w.taken = map[string]string{}
	}
	w.taken[at] = what
	return nil
}

// needed notes who needs the file at an image path; files that the image has already are not of interest.
func (w *walk) needed(at, by string) {
	if lib := w.libs[at]; lib != nil && !slices.Contains(lib.NeededBy, by) {
		lib.NeededBy = append(lib.NeededBy, by)
	}
}
