package rootfs

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// follow moves every entry to where the links of the list lead and merges what meets there: with /bin -> usr/bin in one
// layer, /bin/sh of another one becomes /usr/bin/sh. An archive that held both as given would unpack differently depending on
// which comes first.
//
// A link may itself be moved by another one, so this repeats until nothing moves. Each round moves paths through all links
// known so far; two or three rounds do in practice, and links that keep leading into each other are an error.
func follow(all []given) (map[string]given, error) {
	for range maxLinks {
		links := make(map[string]given) // where two differ, mergeAll says so in the end
		for _, g := range all {
			if g.entry.Type == Symlink {
				links[g.path] = g
			}
		}
		moved := false
		for i, g := range all {
			to, err := lead(g, links)
			if err != nil {
				return nil, err
			}
			moved = moved || to != g.path
			all[i].path = to
		}
		if !moved {
			return mergeAll(all)
		}
	}
	return nil, errors.New("the symbolic links of the root filesystem keep leading into each other")
}

func mergeAll(all []given) (map[string]given, error) {
	merged := make(map[string]given, len(all))
	for _, g := range all {
		if before, ok := merged[g.path]; ok {
			var err error
			if g, err = merge(before, g); err != nil {
				return nil, err
			}
		}
		merged[g.path] = g
	}
	return merged, nil
}

// lead returns the path of g with the links on its way followed. A link at the end of the path is the entry's own
// business, except for a directory of a copied folder, which lies over it.
func lead(g given, links map[string]given) (string, error) {
	at, todo := "/", strings.Split(g.path[1:], "/")
	for hops := 0; len(todo) > 0; {
		name := todo[0]
		todo = todo[1:]
		switch name {
		case "", ".":
			continue
		case "..":
			if at == "/" {
				return "", fmt.Errorf("%s (by %s) leads out of the root filesystem through a symbolic link: give the link a target inside, such as %s",
					word(g.entry.Path), place(g.entry), `"usr/bin" or "/usr/bin"`)
			}
			at = parent(at)
			continue
		}
		at = join(at, name)
		link, ok := links[at]
		if !ok || len(todo) == 0 && !g.foldable() {
			continue
		}
		if hops++; hops > maxLinks {
			return "", fmt.Errorf("%s (by %s) lies behind symbolic links that lead in a circle: %s -> %s (by %s) is one of them",
				word(g.entry.Path), place(g.entry), word(at), word(link.entry.Target), place(link.entry))
		}
		at = parent(at)
		if strings.HasPrefix(link.entry.Target, "/") {
			at = "/"
		}
		todo = slices.Concat(strings.Split(link.entry.Target, "/"), todo)
	}
	return at, nil
}

// byPath returns the entries of a merged list in the order of their paths, so that the first error is always the same.
func byPath(merged map[string]given) []given {
	sorted := make([]given, 0, len(merged))
	for _, path := range slices.SortedFunc(maps.Keys(merged), comparePaths) {
		sorted = append(sorted, merged[path])
	}
	return sorted
}
