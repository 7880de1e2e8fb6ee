package cpio

import (
	"fmt"
	"path"
)

// order watches the sequence of entries. The kernel creates each file the
// moment it meets it, so a directory has to come before what is in it; an entry
// that comes too early is dropped without a word.
type order struct {
	seen map[string]uint32 // name → type bits
}

func (o *order) add(e *Entry) error {
	if o.seen == nil {
		// The root is there before the archive; "." may still set its mode, once.
		o.seen = map[string]uint32{}
	}
	if _, twice := o.seen[e.Name]; twice {
		return fmt.Errorf("%q: the same name twice in one archive", e.Name)
	}
	if dir := path.Dir(e.Name); dir != "." {
		switch kind, ok := o.seen[dir]; {
		case !ok:
			return fmt.Errorf("%q: its directory %q has no entry before it; the kernel would drop the file silently", e.Name, dir)
		case kind != TypeDir:
			return fmt.Errorf("%q: %q is not a directory", e.Name, dir)
		}
	}
	o.seen[e.Name] = e.kind()
	return nil
}
