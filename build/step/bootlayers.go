package step

import (
	"encoding/json"
	"fmt"
	"os"
	"path"

	"mini/internal/preflight"
	"mini/internal/rootfs"
)

// layers are the archives of a machine, laid one upon the other as the kernel unpacks them: what comes later takes the place
// of what is there.
type layers struct {
	archives []preflight.Archive
	byPath   map[string]rootfs.Entry
	from     map[string]int    // the number of the archive that has a path
	content  map[string]string // files of this machine by the SHA-256 of what is in them
	dropped  []string
	unknown  *string // why nobody knows what is there; nil if it is known
}

// newLayers is what a kernel has that carries nothing: the three entries of usr/default_cpio_list.
func newLayers() *layers {
	return &layers{from: map[string]int{}, content: map[string]string{}, byPath: map[string]rootfs.Entry{
		"/dev":         {Path: "/dev", Type: rootfs.Dir, Mode: 0o755},
		"/dev/console": {Path: "/dev/console", Type: rootfs.Char, Mode: 0o600, Major: 5, Minor: 1},
		"/root":        {Path: "/root", Type: rootfs.Dir, Mode: 0o700},
	}}
}

// add lays one more archive, of this number, upon those that are there.
func (l *layers) add(number int, one MachineArchive, at func(string) string) error {
	a := preflight.Archive{Embedded: one.Embedded, Formats: []string{one.Format}}
	if one.Embedded {
		clear(l.byPath)
	}
	unknown := ""
	defer func() { l.archives = append(l.archives, a) }()
	switch dir := contentDir(at(one.Content)); {
	case one.List != "" && at(one.List) != "" && dir != "":
		list, err := readList(at(one.List))
		if err != nil {
			return fmt.Errorf("%s: %w", one.List, err)
		}
		for _, e := range list {
			l.put(number, e, dir)
		}
		return nil
	case one.Unpacked != "" && at(one.Unpacked) != "" && dir != "":
		u, err := readUnpacked(at(one.Unpacked))
		if err != nil {
			return fmt.Errorf("%s: %w", one.Unpacked, err)
		}
		a.Formats, a.Size, a.Trouble, a.Files = u.Formats, u.Size, u.Trouble, u.Files
		if u.Trouble == "" && u.Unknown == "" {
			l.lay(number, u.Entries, dir)
			return nil
		}
		if u.Unknown != "" {
			unknown = " (" + u.Unknown + ")"
		}
	}
	l.hide(unknown)
	return nil
}

// hide takes note that nobody knows what is there.
func (l *layers) hide(why string) {
	if l.unknown == nil {
		l.unknown = &why
	}
}

func readList(path string) (rootfs.List, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return rootfs.Parse(text)
}

func readUnpacked(path string) (u Unpacked, err error) {
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, &u)
	}
	return u, err
}

// put makes what an entry of an archive says.
func (l *layers) put(number int, e rootfs.Entry, dir contentDir) {
	if was, ok := l.byPath[e.Path]; ok && was.Type == e.Type && (e.Type == rootfs.Char || e.Type == rootfs.Block) {
		e.Major, e.Minor = was.Major, was.Minor // a device that is there already stays (do_name in init/initramfs.c)
	}
	l.byPath[e.Path], l.from[e.Path] = e, number
	if e.SHA256 != "" {
		l.content[e.SHA256] = dir.path(e.SHA256)
	}
}

// lay puts the entries of an archive that something else made. The kernel makes no directories that have no entry, and passes over
// what would lie in them; where one is reached by a link, it goes there.
func (l *layers) lay(number int, entries []rootfs.Entry, dir contentDir) {
	var list rootfs.List // as it was when a link or a directory came last
	for _, e := range entries {
		in := path.Dir(e.Path)
		if l.byPath[in].Type != rootfs.Dir && in != "/" {
			if list == nil {
				list = l.list()
			}
			to, ok := list.Resolve(in)
			if !ok || to.Type != rootfs.Dir {
				l.dropped = append(l.dropped, e.Path)
				continue
			}
			e.Path = path.Join(to.Path, path.Base(e.Path))
		}
		if l.put(number, e, dir); e.Type == rootfs.Dir || e.Type == rootfs.Symlink {
			list = nil
		}
	}
}

// list is what is there.
func (l *layers) list() rootfs.List {
	list := rootfs.List{}
	for _, e := range l.byPath {
		list = append(list, e)
	}
	list.Sort()
	return list
}

// files shows it to those who ask what happens at boot.
func (l *layers) files() *bootFiles {
	return newBootFiles(l.list(), func(sum string) string { return l.content[sum] })
}
