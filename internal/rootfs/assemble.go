package rootfs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Assemble carries spec out: it reads the inputs below the host directory root and returns the list, and for each digest in
// it the absolute path of a file with that content.
//
// origins[i] is the place of directive i in the user's terms, such as distro.star:6:18; it becomes the Origin of the entries
// and begins the errors. Where origins is nil or too short, that is "entry N", counted from 1. Origins are kept apart from the
// spec so that the spec's bytes can be a cache key.
//
// No link that leads out of root is followed; links in a folder are entries, not followed at all. Owners in folders are 0:0.
func Assemble(ctx context.Context, root string, spec []Directive, origins []string) (List, map[string]string, error) {
	base, err := filepath.Abs(root)
	if err != nil {
		return nil, nil, err
	}
	inputs, err := os.OpenRoot(base)
	if err != nil {
		return nil, nil, hostError(root, err)
	}
	defer inputs.Close()

	a := assembly{root: inputs}
	for i, d := range spec {
		origin := fmt.Sprintf("entry %d", i+1)
		if i < len(origins) && origins[i] != "" {
			origin = origins[i]
		}
		if err := a.collect(ctx, d, origin); err != nil {
			return nil, nil, at(origin, err)
		}
	}
	if err := hashFiles(ctx, inputs, a.files); err != nil {
		return nil, nil, err
	}
	list, err := a.merge()
	if err != nil {
		return nil, nil, err
	}
	return list, a.content(base), nil
}

// at puts the place of a directive before an error of it, but leaves a cancelled context and a conflict as they are: the
// conflict names both of its places.
func at(origin string, err error) error {
	var conflict *Conflict
	if errors.As(err, &conflict) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return fmt.Errorf("%s: %w", origin, err)
}

// assembly is a spec on its way to a list: everything is found first, then read, then merged.
type assembly struct {
	root    *os.Root
	entries []layered
	files   []pending
}

// layered is an entry and how much its attributes count. It is a pointer since the digest comes later.
type layered struct {
	entry    *Entry
	strength strength
}

func (a *assembly) put(e Entry, s strength, host, origin string) {
	e.Origin = origin
	entry := &e
	a.entries = append(a.entries, layered{entry, s})
	if e.Type == File {
		a.files = append(a.files, pending{entry, host, origin})
	}
}

// collect finds what one directive means, without reading contents.
func (a *assembly) collect(ctx context.Context, d Directive, origin string) error {
	if err := d.check(); err != nil {
		return err
	}
	switch d.Kind {
	case TreeKind:
		return a.collectTree(ctx, d, origin)
	case FileKind:
		info, err := a.root.Stat(d.Host)
		if err != nil {
			return hostError(d.Host, err)
		}
		if !info.Mode().IsRegular() { // opening a fifo would wait for ever
			return fmt.Errorf("%s is not a regular file, so it can't be the content of %s", word(d.Host), word(d.Path))
		}
		e := d.entry()
		if e.Mode == KeepMode {
			e.Mode = modeOf(info)
		}
		a.put(e, explicit, d.Host, origin)
	default:
		a.put(d.entry(), explicit, "", origin)
	}
	return nil
}

func (a *assembly) collectTree(ctx context.Context, d Directive, origin string) error {
	info, err := a.root.Stat(d.Host)
	if err != nil {
		return hostError(d.Host, err)
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is not a folder: a single file needs a path, as in {\"/etc/motd\": …}", word(d.Host))
	}
	top := d.Path
	if top == "/" {
		top = ""
	} else {
		a.put(Entry{Path: top, Type: Dir, Mode: 0o755}, implied, "", origin)
	}
	return walk(ctx, a.root, d.Host, "", func(host, rel string, info fs.FileInfo) error {
		e, err := treeEntry(a.root, host, top+rel, info)
		if err == nil {
			a.put(e, fromTree, host, origin)
		}
		return err
	})
}

func (a *assembly) merge() (List, error) {
	b := NewBuilder()
	for _, l := range a.entries {
		if err := b.add(*l.entry, l.strength); err != nil {
			return nil, at(l.entry.Origin, err)
		}
	}
	return b.Finish()
}

// content maps each digest to the first file that has it.
func (a *assembly) content(base string) map[string]string {
	paths := make(map[string]string, len(a.files))
	for _, f := range a.files {
		if _, ok := paths[f.entry.SHA256]; !ok {
			paths[f.entry.SHA256] = filepath.Join(base, f.host)
		}
	}
	return paths
}
