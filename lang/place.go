package lang

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// place is where a file is that a script names: below the entry script's directory, or in an embedded module.
// Two ways to write the same file make the same place.
type place struct {
	module string // "" on disk
	path   string // slash-separated and clean, relative to the root of the disk tree or of the module
}

// from returns the place that name means in a file at p:
//
//	x.star         beside the file at p
//	//lib/x.star   from the root of the tree that p is in
//	@mini//x.star  in the embedded module mini
func (p place) from(name string) (place, error) {
	switch {
	case name == "":
		return place{}, errors.New("the file name is empty")
	case strings.ContainsRune(name, 0):
		return place{}, fmt.Errorf("the file name %q has a NUL byte", name)
	case strings.HasPrefix(name, "@"):
		module, rest, found := strings.Cut(name[1:], "//")
		if !found || module == "" {
			return place{}, fmt.Errorf("%q is not a file name: want @module//file", name)
		}
		return rooted(module, rest, name)
	case strings.HasPrefix(name, "//"):
		return rooted(p.module, name[2:], name)
	case strings.HasPrefix(name, "/"):
		return place{}, WithHint(fmt.Errorf("%q is an absolute path", name),
			"a script names files relative to itself, so that it works wherever it is cloned: copy the file beside it")
	}
	return rooted(p.module, path.Join(path.Dir(p.path), name), name)
}

// rooted makes a place of a path from the root, which it must not leave.
func rooted(module, rel, name string) (place, error) {
	rel = path.Clean(strings.TrimLeft(rel, "/"))
	if rel == ".." || strings.HasPrefix(rel, "../") {
		return place{}, outside(name, module)
	}
	return place{module, rel}, nil
}

func outside(name, module string) error {
	if module != "" {
		return fmt.Errorf("%q leaves @%s", name, module)
	}
	return WithHint(fmt.Errorf("%q leaves the directory of the script", name),
		"a script reaches only the files beside it and below: copy the file there")
}

// name is how a place is shown: the way the user named the entry script, or @mini//net.star.
func (r *run) name(p place) string {
	if p.module != "" {
		return "@" + p.module + "//" + p.path
	}
	if filepath.Join(r.rootName, p.path) == filepath.Clean(r.entryName) {
		return r.entryName
	}
	return filepath.Join(r.rootName, filepath.FromSlash(p.path))
}

// host returns the absolute path of a place on disk. The file must exist, and no symbolic link on the way may lead
// out of the root.
func (r *run) host(p place) (string, error) {
	abs := filepath.Join(r.root, filepath.FromSlash(p.path))
	real, err := filepath.EvalSymlinks(abs)
	if err != nil {
		return "", r.unreadable(p, err)
	}
	root, err := filepath.EvalSymlinks(r.root)
	if err != nil {
		return "", r.unreadable(p, err)
	}
	rel, err := filepath.Rel(root, real)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return "", WithHint(fmt.Errorf("%s is a symbolic link that leaves the directory of the script, to %s", r.name(p), real),
			"a script reaches only the files beside it and below: copy the file there")
	}
	return abs, nil
}

// open opens a place for reading; a directory is refused here, since reading it fails with a stranger message.
func (r *run) open(p place) (fs.File, error) {
	f, err := r.openAny(p)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err == nil && info.IsDir() {
		f.Close()
		return nil, fmt.Errorf("%s is a directory", r.name(p))
	}
	return f, nil
}

func (r *run) openAny(p place) (fs.File, error) {
	if p.module != "" {
		fsys, err := r.embedded(p.module)
		if err != nil {
			return nil, err
		}
		f, err := fsys.Open(p.path)
		if err != nil {
			return nil, r.unreadable(p, err)
		}
		return f, nil
	}
	abs, err := r.host(p)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(abs)
	if err != nil {
		return nil, r.unreadable(p, err)
	}
	if !info.Mode().IsRegular() && !info.IsDir() {
		// Opening a pipe waits for its writer, and no context ends that.
		return nil, fmt.Errorf("%s is not a regular file", r.name(p))
	}
	f, err := os.Open(abs)
	if err != nil {
		return nil, r.unreadable(p, err)
	}
	return f, nil
}

func (r *run) embedded(module string) (fs.FS, error) {
	if fsys, ok := r.opts.Modules[module]; ok {
		return fsys, nil
	}
	var names []string
	for name := range r.opts.Modules {
		names = append(names, name)
	}
	err := fmt.Errorf("there is no module @%s", module)
	if near := Suggest(module, names); near != "" {
		return nil, WithHint(err, fmt.Sprintf("did you mean \"@%s\"?", near))
	}
	return nil, err
}

// unreadable says in the user's terms why the file at p can't be read, and offers a file with a similar name.
func (r *run) unreadable(p place, err error) error {
	var pe *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, lerr := os.Lstat(filepath.Join(r.root, p.path)); p.module == "" && lerr == nil {
			return fmt.Errorf("%s is a symbolic link to a file that does not exist", r.name(p))
		}
		return WithHint(fmt.Errorf("there is no file %s", r.name(p)), r.nearFile(p))
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("no permission to read %s", r.name(p))
	case errors.As(err, &pe):
		return fmt.Errorf("can't read %s: %w", r.name(p), pe.Err) // without the host's path, which r.name replaces
	}
	return fmt.Errorf("can't read %s: %w", r.name(p), err)
}

// nearFile is the hint for a file that is not there.
func (r *run) nearFile(p place) string {
	dir := path.Dir(p.path)
	var entries []fs.DirEntry
	if fsys, ok := r.opts.Modules[p.module]; ok && p.module != "" {
		entries, _ = fs.ReadDir(fsys, dir)
	} else if p.module == "" {
		entries, _ = os.ReadDir(filepath.Join(r.root, filepath.FromSlash(dir)))
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return didYouMean(path.Base(p.path), names)
}
