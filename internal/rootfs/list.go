package rootfs

import (
	"slices"
	"strings"
)

// A List is a root filesystem: each path once, parents before children, sorted by the bytes of the names. Lists from
// Builder.Finish and Parse are so; one put together by hand is brought into order by Sort.
//
// Every parent of an entry is in the list, except "/": that is an entry only where its mode or owner was given.
type List []Entry

// Sort brings a list that was put together by hand into order.
func (l List) Sort() {
	slices.SortFunc(l, func(a, b Entry) int { return comparePaths(a.Path, b.Path) })
}

// Lookup returns the entry of exactly this path; links are not followed. "/" is always there.
func (l List) Lookup(path string) (Entry, bool) {
	i, ok := slices.BinarySearchFunc(l, path, func(e Entry, p string) int { return comparePaths(e.Path, p) })
	switch {
	case ok:
		return l[i], true
	case path == "/":
		return Entry{Path: "/", Type: Dir, Mode: 0o755}, true
	}
	return Entry{}, false
}

// maxLinks is how many links the kernel follows for one path before it gives up (MAXSYMLINKS, include/linux/namei.h).
const maxLinks = 40

// Resolve returns the entry that a program would reach by path, following links on the way and at the end as the kernel
// does: ".." above the root stays at the root. It reports false when something is missing, or links lead in a circle.
func (l List) Resolve(path string) (Entry, bool) {
	at, todo := Entry{Path: "/", Type: Dir}, strings.Split(path, "/")
	links := 0
	for len(todo) > 0 {
		name := todo[0]
		todo = todo[1:]
		switch {
		case at.Type != Dir:
			return Entry{}, false // also for a slash at the end, as in "/etc/motd/"
		case name == "" || name == ".":
			continue
		case name == "..":
			at = Entry{Path: parent(at.Path), Type: Dir}
			continue
		}
		next, ok := l.Lookup(join(at.Path, name))
		if !ok {
			return Entry{}, false
		}
		if next.Type != Symlink {
			at = next
			continue
		}
		if links++; links > maxLinks {
			return Entry{}, false
		}
		if strings.HasPrefix(next.Target, "/") {
			at = Entry{Path: "/", Type: Dir}
		}
		todo = slices.Concat(strings.Split(next.Target, "/"), todo)
	}
	return l.Lookup(at.Path)
}
