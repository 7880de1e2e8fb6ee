package toolchain

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// treeDir is a directory of a tree.
type treeDir struct {
	name   string // "INDEX/relative path", with the index of the tree: the same on another machine
	path   string
	rel    string // below the tree's top, "" for that
	shared bool   // it holds headers of several packages: only those in known.go are listed
	own    bool   // it is the compiler's
}

func (d *treeDir) sub(base string) *treeDir {
	return &treeDir{name: d.name + "/" + base, path: d.path + "/" + base, rel: strings.TrimPrefix(d.rel+"/"+base, "/")}
}

// treeFile is an entry of a directory that is not a directory itself. There are some thousand, so what can be put
// together later is not kept.
type treeFile struct {
	in      *treeDir
	base    string
	stamp   stamp  // of what it leads to
	regular bool   // it leads to a regular file
	link    string // the real path of the directory that it leads to
}

func (f treeFile) name() string { return f.in.name + "/" + f.base }
func (f treeFile) path() string { return f.in.path + "/" + f.base }

// listing is what a walk finds.
type listing struct {
	files  []treeFile
	hidden []string // paths that are left out, because another package put them there
}

// lister walks trees with a bounded number of goroutines: the stat calls are most of the time that a run with nothing
// to do spends here, and they scale.
type lister struct {
	free chan struct{}
	tops []string // all trees: one that lies in another stands for itself
}

// dir lists what is below a directory: first its own entries, then those of its subdirectories, both sorted. A directory
// that can't be read is one entry without a name.
func (l lister) dir(d *treeDir) listing {
	f, err := os.Open(d.path)
	if os.IsNotExist(err) {
		return listing{}
	}
	if err != nil {
		return listing{files: []treeFile{{in: d}}}
	}
	entries, err := f.ReadDir(-1)
	if err != nil {
		f.Close()
		return listing{files: []treeFile{{in: d}}}
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	found := listing{files: make([]treeFile, 0, len(entries))}
	var subs []*treeDir
	for _, e := range entries {
		sub := d.sub(e.Name())
		if d.own && otherLanguages.has(e.Name()) {
			found.hidden = append(found.hidden, sub.path)
			continue
		}
		if d.shared {
			if l.holdsTop(sub.path) {
				continue
			}
			var known bool
			if known, sub.shared = knowsHeader(sub.rel, isDirectory(sub.path, e)); !known {
				found.hidden = append(found.hidden, sub.path)
				continue
			}
		}
		if e.IsDir() {
			subs = append(subs, sub)
		} else {
			found.files = append(found.files, look(f, d, e))
		}
	}
	f.Close() // before the subdirectories: they may be many levels
	return found.with(l.dirs(subs))
}

// dirs lists several directories, some of them in goroutines of their own.
func (l lister) dirs(dirs []*treeDir) []listing {
	var wg sync.WaitGroup
	below := make([]listing, len(dirs))
	for i, d := range dirs {
		select {
		case l.free <- struct{}{}:
			wg.Go(func() {
				below[i] = l.dir(d)
				<-l.free
			})
		default:
			below[i] = l.dir(d)
		}
	}
	wg.Wait()
	return below
}

func (a listing) with(more []listing) listing {
	for _, b := range more {
		a.files, a.hidden = append(a.files, b.files...), append(a.hidden, b.hidden...)
	}
	return a
}

// holdsTop tells whether a path is, or leads to, a tree of its own.
func (l lister) holdsTop(p string) bool {
	return slices.ContainsFunc(l.tops, func(top string) bool { return top == p || below(top, p) })
}

// isDirectory tells what an entry is to a compiler, for which a link to a directory is one.
func isDirectory(path string, e fs.DirEntry) bool {
	if e.Type()&fs.ModeSymlink == 0 {
		return e.IsDir()
	}
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// look stats one entry of an open directory, and follows it if it is a link. One that leads nowhere is kept for its name.
func look(open *os.File, d *treeDir, e fs.DirEntry) treeFile {
	f := treeFile{in: d, base: e.Name()}
	var st unix.Stat_t
	if err := unix.Fstatat(int(open.Fd()), f.base, &st, 0); err != nil {
		return f
	}
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFREG:
		f.stamp, f.regular = stampStat(&st), true
	case unix.S_IFDIR:
		f.link, _ = filepath.EvalSymlinks(f.path()) // a directory by stat and none by its entry is a link
	}
	return f
}
