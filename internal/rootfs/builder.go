package rootfs

import "slices"

// A Builder merges layers into a List. Entries may come in any order.
type Builder struct {
	given  []given
	byPath map[string][]int // indexes into given
}

// given is an entry with the path it ends up at and how much its word counts.
type given struct {
	entry    Entry // as given, normal
	path     string
	strength strength
}

// strength orders the sources of a directory's attributes: a missing parent that is made up gives way to a folder that was
// copied, and that to a directory the script asked for.
type strength uint8

const (
	implied strength = iota
	fromTree
	explicit
)

// NewBuilder returns a Builder without entries.
func NewBuilder() *Builder { return &Builder{byPath: make(map[string][]int)} }

// Add puts one entry in. The same thing at the same path twice is fine. Anything else at the same path is a *Conflict,
// except that an entry of AddTree gives way where both are directories. Conflicts that only show once links between layers are
// followed come from Finish.
func (b *Builder) Add(e Entry) error { return b.add(e, explicit) }

// AddTree puts in an entry that comes from a folder that is copied as a whole. Where it is a directory, its mode and owner
// give way to those of Add and of later trees, and it may lie over a symbolic link to a directory (a folder /bin over
// /bin -> usr/bin): what is in it then goes where the link leads.
func (b *Builder) AddTree(e Entry) error { return b.add(e, fromTree) }

func (b *Builder) add(e Entry, s strength) error {
	e = e.normal()
	if err := e.check(); err != nil {
		return err
	}
	g := given{e, e.Path, s}
	for _, i := range b.byPath[e.Path] {
		if o := b.given[i]; o.foldable() && e.Type == Symlink || g.foldable() && o.entry.Type == Symlink {
			continue // where the link leads is known in Finish
		} else if _, err := merge(o, g); err != nil {
			return err
		}
	}
	b.byPath[e.Path] = append(b.byPath[e.Path], len(b.given))
	b.given = append(b.given, g)
	return nil
}

// foldable tells whether g is a directory that may turn out to be a link to one.
func (g given) foldable() bool { return g.entry.Type == Dir && g.strength < explicit }

// merge puts two entries that meet at one path together; a was given before b.
func merge(a, b given) (given, error) {
	switch {
	case a.entry.same(b.entry):
		if b.strength > a.strength {
			return b, nil
		}
		return a, nil
	case a.strength == implied && b.strength > implied && (a.entry.Type != Dir || b.entry.Type == Dir):
		return b, nil
	case b.strength == implied && a.strength > implied && (b.entry.Type != Dir || a.entry.Type == Dir):
		return a, nil
	case a.entry.Type != Dir || b.entry.Type != Dir || a.strength == explicit && b.strength == explicit:
		return given{}, &Conflict{Path: a.path, First: a.entry, Second: b.entry}
	case a.strength > b.strength:
		return a, nil
	}
	return b, nil
}

// Finish returns the list. It follows links between layers (see follow), adds the directories that entries lie in and
// nobody gave (0755, 0:0), and /dev with /dev/console (5:1, 0600) unless something else was put there: without that device
// the kernel starts init with nowhere to print to, and says nothing. The Builder stays as it was.
func (b *Builder) Finish() (List, error) {
	console := Entry{Path: "/dev/console", Type: Char, Mode: 0o600, Major: 5, Minor: 1, Origin: "mini"}
	all := append(slices.Clone(b.given), given{console, console.Path, implied})
	merged, err := follow(all)
	if err != nil {
		return nil, err
	}
	for _, g := range byPath(merged) {
		if err := addParents(merged, g); err != nil {
			return nil, err
		}
	}
	l := make(List, 0, len(merged))
	for path, g := range merged {
		g.entry.Path = path
		l = append(l, g.entry)
	}
	l.Sort()
	return l, nil
}

// addParents makes up the directories above g that nobody gave.
func addParents(merged map[string]given, g given) error {
	for dir := parent(g.path); dir != "/"; dir = parent(dir) {
		above, ok := merged[dir]
		if !ok {
			merged[dir] = given{Entry{Path: dir, Type: Dir, Mode: 0o755, Origin: g.entry.Origin}, dir, implied}
			continue
		}
		if above.entry.Type != Dir {
			above.entry.Path, g.entry.Path = above.path, g.path
			return &Conflict{Path: dir, First: above.entry, Second: g.entry}
		}
	}
	return nil
}
