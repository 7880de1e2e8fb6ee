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
	name string // "INDEX/relative path", with the index of the tree: the same on another machine
	path string
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

// lister walks trees with a bounded number of goroutines: the stat calls are most of the time that a run with nothing
// to do spends here, and they scale.
type lister struct{ free chan struct{} }

// dir lists what is below a directory: first its own entries, then those of its subdirectories, both sorted. A directory
// that can't be read is one entry without a name.
func (l lister) dir(d *treeDir) []treeFile {
	f, err := os.Open(d.path)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return []treeFile{{in: d}}
	}
	entries, err := f.ReadDir(-1)
	if err != nil {
		f.Close()
		return []treeFile{{in: d}}
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	files := make([]treeFile, 0, len(entries))
	var subdirs []string
	for _, e := range entries {
		if e.IsDir() {
			subdirs = append(subdirs, e.Name())
		} else {
			files = append(files, look(f, d, e))
		}
	}
	f.Close() // before the subdirectories: they may be many levels

	var wg sync.WaitGroup
	below := make([][]treeFile, len(subdirs))
	for i, base := range subdirs {
		sub := &treeDir{d.name + "/" + base, d.path + "/" + base}
		select {
		case l.free <- struct{}{}:
			wg.Go(func() {
				below[i] = l.dir(sub)
				<-l.free
			})
		default:
			below[i] = l.dir(sub)
		}
	}
	wg.Wait()
	return append(files, slices.Concat(below...)...)
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
