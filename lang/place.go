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

// place is where a file is that a script names: below the entry script's root, or in a module. Two ways to write the
// same file make the same place.
type place struct {
	module string // "" for the entry script's own, "@mini" for an embedded one, or a repository's path
	path   string // slash-separated and clean, relative to the root of the module
}

// embedded reports whether the file is in a module that has no directory of its own.
func (p place) embedded() bool { return strings.HasPrefix(p.module, "@") }

// inFS returns what holds a place that has no path on this machine, nil for one that has.
func (r *run) inFS(p place) (fs.FS, error) {
	switch {
	case p.embedded():
		return r.embedded(p.module)
	case p.module == "":
		return r.opts.FS, nil
	}
	return nil, nil
}

// remote reports whether the file is in a module that is named by its repository's path.
func (p place) remote() bool { return p.module != "" && !p.embedded() }

// from returns the place that name means in a file at p:
//
//	x.star                          beside the file at p
//	//lib/x.star                    from the root of the module that p is in
//	@mini//x.star                   in the embedded module mini
//	github.com/owner/repo//x.star   in the module of that repository
func (r *run) from(p place, name string) (place, error) {
	remote, inside, isRemote := remoteName(name)
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
		return r.rooted("@"+module, rest, name)
	case strings.HasPrefix(name, "//"):
		return r.rooted(p.module, name[2:], name)
	case isRemote && strings.Contains(remote, "@"):
		module, _, _ := strings.Cut(remote, "@")
		return place{}, WithHint(fmt.Errorf("%q names a version", name),
			fmt.Sprintf("the version is in mini.lock, where `mini get` puts it: load %q", module+"//"+inside))
	case isRemote:
		return r.rooted(remote, inside, name)
	case strings.HasPrefix(name, "/"):
		return place{}, WithHint(fmt.Errorf("%q is an absolute path", name),
			"a script names files relative to itself, so that it works wherever it is cloned: copy the file beside it")
	}
	return r.rooted(p.module, path.Join(path.Dir(p.path), name), name)
}

// remoteName splits a name such as github.com/owner/repo//x.star: before the // stands a path that begins with a domain
// name, which no directory is likely to be called.
func remoteName(name string) (module, inside string, ok bool) {
	module, inside, found := strings.Cut(name, "//")
	domain, _, _ := strings.Cut(module, "/")
	return module, inside, found && strings.Contains(strings.TrimLeft(domain, "."), ".")
}

// rooted makes a place of a path from the root, which it must not leave.
func (r *run) rooted(module, rel, name string) (place, error) {
	rel = path.Clean(strings.TrimLeft(rel, "/"))
	if rel == ".." || strings.HasPrefix(rel, "../") {
		return place{}, r.outside(place{module: module}, fmt.Sprintf("%q leaves", name), "")
	}
	return place{module, rel}, nil
}

// outside is the error of a name that leaves the root of the module that p is in.
func (r *run) outside(p place, what, to string) error {
	switch {
	case p.module != "":
		return fmt.Errorf("%s %s%s", what, p.module, to)
	case r.above:
		return WithHint(fmt.Errorf("%s the directory of mini.lock%s", what, to),
			"a script reaches only the files in the directory of its mini.lock and below: copy the file there")
	}
	return WithHint(fmt.Errorf("%s the directory of the script%s", what, to),
		"a script reaches only the files beside it and below: copy the file there")
}

// name is how a place is shown: the way the user named the entry script, @mini//net.star, or
// github.com/owner/repo@v1.2.3//net.star.
func (r *run) name(p place) string {
	switch {
	case p.embedded():
		return p.module + "//" + p.path
	case p.remote() && r.remotes[p.module] != nil:
		return r.remotes[p.module].Shown + p.path
	case p.remote():
		return p.module + "//" + p.path
	}
	if p.path == r.entryPath {
		return r.entryName
	}
	if beside, ok := strings.CutPrefix(p.path, path.Dir(r.entryPath)+"/"); ok {
		return filepath.Join(filepath.Dir(r.entryName), filepath.FromSlash(beside))
	}
	return filepath.Join(r.rootName, filepath.FromSlash(p.path))
}

// dir is the directory that the root of a place's module is on this machine.
func (r *run) dir(p place) string {
	if p.remote() {
		return r.remotes[p.module].Dir // known since the first load of it
	}
	return r.root
}

// host returns the absolute path of a place on disk. The file must exist, no symbolic link on the way may lead out of
// the root, and what is there must be what its module was published with.
func (r *run) host(p place) (string, error) {
	abs := filepath.Join(r.dir(p), filepath.FromSlash(p.path))
	real, err := filepath.EvalSymlinks(abs)
	if err != nil {
		return "", r.unreadable(p, err)
	}
	root, err := filepath.EvalSymlinks(r.dir(p))
	if err != nil {
		return "", r.unreadable(p, err)
	}
	rel, err := filepath.Rel(root, real)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return "", r.outside(p, r.name(p)+" is a symbolic link that leaves", ", to "+real)
	}
	if p.remote() && r.remotes[p.module].Check != nil {
		if err := r.remotes[p.module].Check(p.path); err != nil {
			return "", err
		}
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
	if fsys, err := r.inFS(p); err != nil {
		return nil, err
	} else if fsys != nil {
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
	if fsys, ok := r.opts.Modules[module[1:]]; ok {
		return fsys, nil
	}
	var names []string
	for name := range r.opts.Modules {
		names = append(names, name)
	}
	err := fmt.Errorf("there is no module %s", module)
	if near := Suggest(module[1:], names); near != "" {
		return nil, WithHint(err, fmt.Sprintf("did you mean \"@%s\"?", near))
	}
	return nil, err
}

// unreadable says in the user's terms why the file at p can't be read, and offers a file with a similar name.
func (r *run) unreadable(p place, err error) error {
	var pe *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if r.dangling(p) {
			return fmt.Errorf("%s is a symbolic link to a file that does not exist", r.name(p))
		}
		return &Error{Msg: "there is no file " + r.name(p), Hint: r.nearFile(p), Err: err}
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("no permission to read %s", r.name(p))
	case errors.As(err, &pe):
		return fmt.Errorf("can't read %s: %w", r.name(p), pe.Err) // without the host's path, which r.name replaces
	}
	return fmt.Errorf("can't read %s: %w", r.name(p), err)
}

// dangling reports whether there is a symbolic link at p, to nothing.
func (r *run) dangling(p place) bool {
	if fsys, err := r.inFS(p); err != nil || fsys != nil {
		return false
	}
	_, err := os.Lstat(filepath.Join(r.dir(p), p.path))
	return err == nil
}

// nearFile is the hint for a file that is not there.
func (r *run) nearFile(p place) string {
	dir := path.Dir(p.path)
	var entries []fs.DirEntry
	if fsys, err := r.inFS(p); err != nil {
		return ""
	} else if fsys != nil {
		entries, _ = fs.ReadDir(fsys, dir)
	} else {
		entries, _ = os.ReadDir(filepath.Join(r.dir(p), filepath.FromSlash(dir)))
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return didYouMean(path.Base(p.path), names)
}
