package toolchain

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
)

// Component is one part of a toolchain.
type Component struct {
	Name   string // what it is to the toolchain: "driver", "cc1", "libc.so.6", "headers"
	Path   string // where it is on this machine, links resolved; to be shown, not to be part of a key
	SHA256 string // of the content, in hexadecimal
}

// Identity lists everything of the toolchain that can change what it produces, sorted by name: the driver and what it starts,
// start files, libraries, the loader, and the headers of the C library and the kernel ("headers", one digest of all
// system include directories, which are all that a C file can reach without saying so). Names and digests don't depend on
// where things are or on who asks. A part that a toolchain does not have is left out. c may be nil.
func (t *Toolchain) Identity(ctx context.Context, c *Digests) ([]Component, error) {
	if c == nil {
		c = LoadDigests("")
	}
	a, err := t.answers(ctx, c)
	if err != nil {
		return nil, err
	}
	driver, err := c.Tool(t.CC)
	if err != nil {
		return nil, err
	}
	driver.Name = "driver"
	parts := []Component{driver}
	add := func(name, path string) error {
		part, err := c.Tool(path)
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		part.Name = name
		parts = append(parts, part)
		return err
	}
	for name, path := range a.Programs {
		// Not remembered, as it depends on all of PATH.
		if path, err = lookPath(path, t.Env); err != nil {
			continue
		}
		if err := add(name, path); err != nil {
			return nil, err
		}
	}
	for name, path := range a.Files {
		if err := add(name, path); err != nil {
			return nil, err
		}
	}
	sum, err := c.trees(ctx, a.Headers)
	if err != nil {
		return nil, err
	}
	parts = append(parts, Component{"headers", strings.Join(a.Headers, ":"), sum})
	slices.SortFunc(parts, func(a, b Component) int { return strings.Compare(a.Name, b.Name) })
	return parts, nil
}
