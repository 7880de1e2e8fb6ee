package archive

import (
	"archive/tar"
	"path"
	"strings"
	"time"
)

type kind uint8

const (
	absent kind = iota
	regular
	directory
	symlink
)

// A tree is what has been unpacked so far, in memory: every decision is made by
// looking here and not at the disk, where writers may be behind. As the directory
// was empty, what is not in the tree does not exist.
type tree struct {
	o     Options
	kinds map[string]kind   // by path below the root, after stripping
	links map[string]string // targets of the symbolic links
	shown map[string]string // how the archive spelled a symbolic link, for errors

	dirTimes map[string]time.Time
	stats    Stats
	created  int64 // everything, directories too
	named    bool  // stats.TopDir has been set once
}

func newTree(o Options) *tree {
	return &tree{o: o, kinds: map[string]kind{}, links: map[string]string{}, shown: map[string]string{}, dirTimes: map[string]time.Time{}}
}

const pathMax = 4096 // PATH_MAX of Linux, the terminating NUL included

// place turns a name of the archive into a path below the root, with the leading
// components stripped; it is "" for what the stripping takes away. Names that
// climb are refused even where they come back: no honest archive has them.
func (t *tree) place(name string) (string, error) {
	switch {
	case name == "":
		return "", refuse(name, "is an entry without a name")
	case strings.HasPrefix(name, "/"):
		return "", refuse(name, "has an absolute name")
	case strings.Contains(name, "\x00"):
		return "", refuse(name, "has a NUL byte in its name")
	case len(name) >= pathMax:
		return "", refuse(name, "has a name of %d bytes", len(name))
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == ".." {
			return "", refuse(name, `has ".." in its name`)
		}
	}
	clean := path.Clean(name)
	if clean == "." {
		return "", nil
	}
	top, rest, _ := strings.Cut(clean, "/")
	t.noteTop(top)
	if t.o.Strip <= 0 {
		return clean, nil
	}
	for range t.o.Strip - 1 {
		_, rest, _ = strings.Cut(rest, "/")
	}
	return rest, nil
}

func (t *tree) noteTop(top string) {
	switch {
	case !t.named:
		t.named, t.stats.TopDir = true, top
	case t.stats.TopDir != top:
		t.stats.TopDir = ""
	}
}

// addParents returns the directories above name that have to be made, outermost
// first. shown is the entry's name as the archive has it.
func (t *tree) addParents(shown, name string) (missing []string, err error) {
	dir := path.Dir(name)
	if dir == "." || t.kinds[dir] == directory {
		return nil, nil
	}
	for i := 0; i < len(name); i++ {
		if name[i] != '/' {
			continue
		}
		above := name[:i]
		switch t.kinds[above] {
		case absent:
			if err := t.count(shown); err != nil {
				return nil, err
			}
			t.kinds[above] = directory
			missing = append(missing, above)
		case symlink:
			return nil, refuse(shown, "would be written through %q, a symbolic link", above)
		case regular:
			return nil, refuse(shown, "lies below %q, which is a file", above)
		}
	}
	return missing, nil
}

// addDir reports whether the directory is new.
func (t *tree) addDir(h *tar.Header, name string) (fresh bool, err error) {
	switch t.kinds[name] {
	case regular, symlink:
		return false, refuse(h.Name, "is a directory in the place of a file")
	case absent:
		if err := t.count(h.Name); err != nil {
			return false, err
		}
		t.kinds[name] = directory
		fresh = true
	}
	t.dirTimes[name] = h.ModTime
	return fresh, nil
}

// addFile reports whether it takes the place of something that has to go first.
func (t *tree) addFile(h *tar.Header, name string, k kind) (replaced bool, err error) {
	before := t.kinds[name]
	if before == directory {
		return false, refuse(h.Name, "is a file in the place of a directory")
	}
	if err := t.count(h.Name); err != nil {
		return false, err
	}
	if before == absent {
		t.stats.Files++
	}
	delete(t.links, name)
	delete(t.shown, name)
	t.kinds[name] = k
	return before != absent, nil
}

func (t *tree) addBytes(h *tar.Header) error {
	if h.Size > t.o.MaxBytes-t.stats.Bytes {
		return refuse(h.Name, "brings the archive's content over %d bytes", t.o.MaxBytes)
	}
	t.stats.Bytes += h.Size
	return nil
}

func (t *tree) addLink(h *tar.Header, name string) error {
	switch {
	case h.Linkname == "":
		return refuse(h.Name, "is a symbolic link without a target")
	case strings.HasPrefix(h.Linkname, "/"):
		return refuse(h.Name, "is a symbolic link to the absolute path %q", h.Linkname)
	case len(h.Linkname) >= pathMax:
		return refuse(h.Name, "is a symbolic link with a target of %d bytes", len(h.Linkname))
	}
	t.links[name], t.shown[name] = h.Linkname, h.Name
	return nil
}

func (t *tree) count(shown string) error {
	if t.created++; t.created > t.o.MaxFiles {
		return refuse(shown, "brings the archive over %d files", t.o.MaxFiles)
	}
	return nil
}
