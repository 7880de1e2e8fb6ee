package archive

import (
	"maps"
	"path"
	"slices"
	"strings"
)

// maxHops is after how many symbolic links the kernel gives up (path_resolution(7)).
const maxHops = 40

// checkLinks refuses symbolic links that lead out of the tree. It has to wait for
// the end: whether "a/b/.." stays inside depends on what "a/b" turned out to be,
// so looking at each target's text alone lets two harmless links add up to a way out.
func (t *tree) checkLinks() error {
	for _, name := range slices.Sorted(maps.Keys(t.links)) {
		if t.leaves(name) {
			return refuse(t.shown[name], "is a symbolic link to %q, which leads out of the archive's tree", t.links[name])
		}
	}
	return nil
}

// leaves walks a link as the kernel would, with the tree as its root. Names that
// don't exist count as directories, since a build may create them later. More than
// maxHops links can't be followed by anyone, so they lead nowhere.
func (t *tree) leaves(name string) bool {
	var at []string // where the walk is, below the root
	if dir := path.Dir(name); dir != "." {
		at = strings.Split(dir, "/")
	}
	todo := strings.Split(t.links[name], "/")
	for hops := 0; len(todo) > 0; {
		part := todo[0]
		todo = todo[1:]
		switch part {
		case "", ".":
			continue
		case "..":
			if len(at) == 0 {
				return true
			}
			at = at[:len(at)-1]
			continue
		}
		target, ok := t.links[strings.Join(append(at, part), "/")]
		if !ok {
			at = append(at, part)
			continue
		}
		if hops++; hops > maxHops {
			return false
		}
		todo = append(strings.Split(target, "/"), todo...)
	}
	return false
}
