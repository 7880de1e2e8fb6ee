package toolchain

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// namedFile is a file of a toolchain and what it is to it.
type namedFile struct {
	Name string `json:"n"`
	Path string `json:"p"`
}

// linkable sorts what a linker finds in directories by itself into what belongs to the toolchain and what does not. Of
// equal names in several directories, all count; the later ones are numbered.
func linkable(dirs []string, install string) (own []namedFile, foreign []string) {
	taken := map[string]int{}
	var visited []string
	for _, dir := range dirs {
		real, err := filepath.EvalSymlinks(dir)
		if err != nil || slices.Contains(visited, real) {
			continue
		}
		visited = append(visited, real)
		entries, _ := os.ReadDir(real) // what mini can't read, no compiler can
		for _, e := range entries {
			path := filepath.Join(real, e.Name())
			role := roleOf(e.Name())
			if role == noneOfIt && real == install && !compilerPart(e) {
				role = foreignPart
			}
			switch {
			case role == foreignPart:
				foreign = append(foreign, path)
			case role == ownPart && !isDirectory(path, e):
				name := e.Name()
				if taken[name]++; taken[name] > 1 {
					name += "#" + strconv.Itoa(taken[name])
				}
				own = append(own, namedFile{name, path})
			}
		}
	}
	return own, foreign
}

// compilerPart tells whether something in the directory where gcc keeps its parts is one that compiling C takes: the
// C++ compiler and plugins have packages of their own.
func compilerPart(e os.DirEntry) bool {
	if e.IsDir() {
		return strings.HasPrefix(e.Name(), "include")
	}
	return slices.Contains(programs, e.Name())
}
