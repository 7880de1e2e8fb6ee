package build

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path"
	"path/filepath"
	"sort"

	rex "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"google.golang.org/protobuf/proto"
)

// A Mismatch is a path of an output that is not the same in two stores.
type Mismatch struct {
	Path string       `json:"path,omitempty"` // below the output; "" for an output that is a file
	What MismatchKind `json:"what"`
	// Files are where the two contents lie, to be read only; Links are the two targets.
	Files [2]string `json:"-"`
	Links [2]string `json:"links,omitzero"`
}

// MismatchKind says in which way two things differ.
type MismatchKind string

// The ways in which two outputs can differ.
const (
	OtherContent MismatchKind = "content"
	OtherMode    MismatchKind = "permission to execute"
	OtherTarget  MismatchKind = "link target"
	OtherKind    MismatchKind = "kind"
	OnlyFirst    MismatchKind = "only in the first"
	OnlySecond   MismatchKind = "only in the second"
)

// Compare lists what differs between an output in one store and the same output in another, sorted by path. Equal
// directories are not looked into.
func Compare(ctx context.Context, first *Store, a Object, second *Store, b Object) ([]Mismatch, error) {
	switch {
	case sameInput(a, b):
		return nil, nil
	case a.IsTree != b.IsTree:
		return []Mismatch{{What: OtherKind}}, nil
	case !a.IsTree && a.Digest == b.Digest:
		return []Mismatch{{What: OtherMode}}, nil
	case !a.IsTree:
		return []Mismatch{{What: OtherContent, Files: [2]string{first.BlobPath(a.Digest), second.BlobPath(b.Digest)}}}, nil
	}
	c := &treeComparer{roots: [2]string{first.TreePath(a.Digest), second.TreePath(b.Digest)}}
	var tops [2]*rex.Directory
	for i, side := range []struct {
		store *Store
		tree  Digest
	}{{first, a.Tree}, {second, b.Tree}} {
		listing, err := side.store.Bytes(ctx, side.tree)
		if err != nil {
			return nil, err
		}
		tree := &rex.Tree{}
		if err := proto.Unmarshal(listing, tree); err != nil {
			return nil, err
		}
		tops[i], c.dirs[i] = tree.Root, map[string]*rex.Directory{}
		for _, child := range tree.Children {
			d, _ := digestMessage(child)
			c.dirs[i][d.Hash] = child
		}
	}
	c.compare("", tops)
	sort.SliceStable(c.found, func(i, j int) bool { return c.found[i].Path < c.found[j].Path })
	return c.found, nil
}

type treeComparer struct {
	roots [2]string
	dirs  [2]map[string]*rex.Directory
	found []Mismatch
}

func (c *treeComparer) compare(at string, dirs [2]*rex.Directory) {
	a, b := entriesOf(dirs[0]), entriesOf(dirs[1])
	for _, name := range unionKeys(a, b) {
		p := path.Join(at, name)
		x, inFirst := a[name]
		y, inSecond := b[name]
		switch {
		case !inSecond:
			c.found = append(c.found, Mismatch{Path: p, What: OnlyFirst})
		case !inFirst:
			c.found = append(c.found, Mismatch{Path: p, What: OnlySecond})
		case x == y:
		case x.kind != y.kind:
			c.found = append(c.found, Mismatch{Path: p, What: OtherKind})
		case x.kind == "directory":
			c.compare(p, [2]*rex.Directory{c.dirs[0][x.value], c.dirs[1][y.value]})
		case x.kind == "link":
			c.found = append(c.found, Mismatch{Path: p, What: OtherTarget, Links: [2]string{x.value, y.value}})
		case x.value == y.value:
			c.found = append(c.found, Mismatch{Path: p, What: OtherMode})
		default:
			local := filepath.FromSlash(p)
			c.found = append(c.found, Mismatch{Path: p, What: OtherContent,
				Files: [2]string{filepath.Join(c.roots[0], local), filepath.Join(c.roots[1], local)}})
		}
	}
}

type treeEntry struct {
	kind, value string // value is a digest's hash or a link's target
	exec        bool
}

func entriesOf(d *rex.Directory) map[string]treeEntry {
	all := map[string]treeEntry{}
	for _, f := range d.GetFiles() {
		all[f.Name] = treeEntry{"file", f.Digest.GetHash(), f.IsExecutable}
	}
	for _, s := range d.GetSymlinks() {
		all[s.Name] = treeEntry{"link", s.Target, false}
	}
	for _, s := range d.GetDirectories() {
		all[s.Name] = treeEntry{"directory", s.Digest.GetHash(), false}
	}
	return all
}

// Spot is the first place where two files differ.
type Spot struct {
	Offset int64 // in bytes from the beginning
	Line   int   // counted from 1; 0 when the files are no text
	// Around are up to 16 bytes of each file from there on, or the whole line when the files are text.
	Around [2][]byte
}

// FirstDifference finds where two files begin to differ; nil when they don't.
func FirstDifference(first, second string) (*Spot, error) {
	var files [2]*os.File
	var readers [2]*bufio.Reader
	for i, name := range []string{first, second} {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		files[i], readers[i] = f, bufio.NewReaderSize(f, 1<<16)
	}
	spot := &Spot{Line: 1}
	var lineStart int64
	for ; ; spot.Offset++ {
		a, errA := readers[0].ReadByte()
		b, errB := readers[1].ReadByte()
		if errA != nil && !errors.Is(errA, io.EOF) || errB != nil && !errors.Is(errB, io.EOF) {
			return nil, errors.Join(errA, errB)
		}
		if errA != nil && errB != nil {
			return nil, nil
		}
		if errA != nil || errB != nil || a != b {
			break
		}
		switch {
		case a == '\n' && spot.Line > 0:
			spot.Line, lineStart = spot.Line+1, spot.Offset+1
		case a == 0:
			spot.Line = 0 // for good: a text has no such byte
		}
		if spot.Line == 0 {
			lineStart = -1
		}
	}
	for i, f := range files {
		if err := spot.lookAround(i, f, lineStart); err != nil {
			return nil, err
		}
	}
	if bytes.IndexByte(spot.Around[0], 0) >= 0 || bytes.IndexByte(spot.Around[1], 0) >= 0 || spot.Line == 0 {
		spot.Line = 0
		for i, f := range files {
			if err := spot.lookAround(i, f, -1); err != nil {
				return nil, err
			}
		}
	}
	return spot, nil
}

// lookAround reads a line from its start, or where there are no lines a few bytes from the difference on.
func (s *Spot) lookAround(i int, f *os.File, lineStart int64) error {
	from, length := s.Offset, int64(16)
	if lineStart >= 0 {
		const longestLine = 400 // bytes; enough to see what it is about
		from, length = lineStart, longestLine
	}
	b := make([]byte, length)
	n, err := f.ReadAt(b, from)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if s.Around[i] = b[:n]; lineStart >= 0 {
		s.Around[i], _, _ = bytes.Cut(b[:n], []byte("\n"))
	}
	return nil
}
