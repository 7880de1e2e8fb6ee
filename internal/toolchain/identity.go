package toolchain

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Component is one part of a toolchain.
type Component struct {
	Name   string // what it is to the toolchain: "driver", "cc1", "libc.so.6", "headers"
	Path   string // where it is on this machine, links resolved; to be shown, not to be part of a key
	SHA256 string // of the content, in hexadecimal
}

// Identity is what a compiler makes programs of.
type Identity struct {
	// Parts are everything that can change what comes out, sorted by name: the driver and what it starts, start files,
	// the libraries and loaders of the C library and the compiler, and one digest of the headers of the C library, the
	// kernel and the compiler ("headers"). A part that a toolchain does not have is left out.
	Parts []Component
	// Loaded are the libraries that the programs among Parts can't run without.
	Loaded []Component
	// Hidden are paths in the directories that the compiler and the linker search which are no part of it, sorted:
	// headers and libraries of other packages. The identity says nothing of them, so what is compiled must not see them.
	// What is among Loaded may be here as well, as some libraries carry no number behind their .so.
	Hidden []string

	headers []string // include directories
	wanted  []string // paths of libraries that were asked for, links not followed
}

// Identity finds out what the toolchain is. Names and digests don't depend on where things are or on who asks. c may be
// nil.
func (t *Toolchain) Identity(ctx context.Context, c *Digests) (*Identity, error) {
	if c == nil {
		c = LoadDigests("")
	}
	a, err := t.answers(ctx, c)
	if err != nil {
		return nil, err
	}
	id := &Identity{Hidden: slices.Clone(a.Foreign), headers: a.Headers}
	if err := id.addProgram(c, "driver", t.CC); err != nil {
		return nil, err
	}
	for name, path := range a.Programs {
		// Not remembered, as it depends on all of PATH.
		if path, err = lookPath(path, t.Env); err != nil {
			continue
		}
		if err := id.addProgram(c, name, path); err != nil {
			return nil, err
		}
	}
	for _, f := range a.Own {
		if err := id.add(c, f.Name, f.Path); err != nil {
			return nil, err
		}
	}
	trees := make([]tree, 0, len(a.Headers))
	for _, d := range a.Headers {
		own := ownDir(d, a.Searched)
		trees = append(trees, tree{path: d, shared: !own, own: own})
	}
	sum, hidden, err := c.trees(ctx, trees)
	if err != nil {
		return nil, err
	}
	id.Parts = append(id.Parts, Component{"headers", strings.Join(a.Headers, ":"), sum})
	id.Hidden = append(id.Hidden, hidden...)
	slices.SortFunc(id.Parts, func(a, b Component) int { return strings.Compare(a.Name, b.Name) })
	slices.Sort(id.Hidden)
	return id, nil
}

// Shown are paths of what the identity does say: whoever hides what another compiler's Hidden names must spare them.
func (id *Identity) Shown() []string {
	shown := slices.Clone(id.headers)
	for _, p := range id.Parts {
		shown = append(shown, p.Path)
	}
	return append(shown, id.wanted...)
}

func (id *Identity) add(c *Digests, name, path string) error {
	part, err := c.Tool(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	part.Name = name
	id.Parts = append(id.Parts, part)
	return err
}

func (id *Identity) addProgram(c *Digests, name, path string) error {
	if err := id.add(c, name, path); err != nil {
		return err
	}
	loaded, err := c.Loads(path)
	id.Loaded = append(id.Loaded, loaded...)
	return err
}

// ownDir tells an include directory of the compiler itself from those that all packages put their headers into: it is
// beside the compiler's other parts.
func ownDir(dir string, searched []string) bool { return slices.Contains(searched, filepath.Dir(dir)) }
