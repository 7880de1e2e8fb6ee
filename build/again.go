package build

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
)

// maxTries bounds how often one node is tried when its inputs turn out to be lost: a disk that damages faster than we
// make things again can't be worked with.
const maxTries = 3

// build makes a node. What turns out on the way to be damaged or gone of its inputs is made again first.
func (r *Run) build(ctx context.Context, n *Node) (*Result, error) {
	for try := 1; ; try++ {
		res, err := r.buildOnce(ctx, n)
		lost := (*LostError)(nil)
		if !errors.As(err, &lost) {
			return res, err
		}
		if try == maxTries {
			// Nobody above may try again for the same reason, so it is no LostError any more.
			return nil, r.failed(ctx, n, Event{}, fmt.Errorf("its inputs don't stay whole in the cache: %v", lost))
		}
		r.forget(n, lost)
	}
}

// forget makes the run ask again for those that n reads from and that made what is lost.
func (r *Run) forget(n *Node, lost *LostError) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, d := range n.deps() {
		for _, table := range []map[*Node]*future{r.known, r.there} {
			if fut := table[d]; fut != nil && fut.made(lost.Digest.Hash) {
				delete(table, d)
			}
		}
	}
}

// made reports whether the result is known and names a content or tree. One that came with an error counts too.
func (f *future) made(hash string) bool {
	select {
	case <-f.done:
		return f.result != nil && f.result.names(hash)
	default:
		return false
	}
}

// names reports whether a content or tree is one of the outputs, or the listing of one.
func (r *Result) names(hash string) bool {
	for _, o := range r.Outputs {
		if o.Digest.Hash == hash || o.Tree.Hash == hash {
			return true
		}
	}
	return false
}

// CheckedPath is where the content of an artifact lies in the store, to be read and never to be written to or linked. All its
// bytes are looked at: what is damaged is set aside and a *LostError, and another build makes it again.
func (e *Engine) CheckedPath(ctx context.Context, r *Result, a *Artifact) (string, Object, error) {
	l, err := locate(ctx, r, a, e.find)
	if err == nil {
		err = e.Store.checkLocated(ctx, l)
	}
	if err != nil {
		return "", Object{}, atNode(a.Node, err)
	}
	return e.Store.pathOf(l), l.object, nil
}

// CopyOut copies what an artifact is to the path to, outside of the store, where nothing must be. The copy is checked; if
// what it was made from is damaged, it is set aside and the error is a *LostError.
func (e *Engine) CopyOut(ctx context.Context, r *Result, a *Artifact, to string) error {
	l, err := locate(ctx, r, a, e.find)
	if err == nil {
		err = e.Store.copyTo(ctx, l, to)
	}
	return atNode(a.Node, err)
}

// pathOf is where a located object lies.
func (s *Store) pathOf(l located) string {
	switch {
	case l.object.IsTree:
		return s.TreePath(l.object.Digest)
	case l.sub != "":
		return filepath.Join(s.TreePath(l.inTree), filepath.FromSlash(l.sub))
	}
	return s.BlobPath(l.object.Digest)
}

// checkLocated reads all of an object.
func (s *Store) checkLocated(ctx context.Context, l located) error {
	if l.sub == "" {
		return s.Check(ctx, l.object)
	}
	d, err := digestFile(s.pathOf(l))
	if err == nil && d == l.object.Digest {
		return nil
	}
	return s.blame(ctx, l, err)
}

// copyTo copies an object out of the store and makes sure of the copy.
func (s *Store) copyTo(ctx context.Context, l located, to string) error {
	from := s.pathOf(l)
	var err error
	if l.object.IsTree {
		err = copyTreeChecked(ctx, from, to, l.object.Digest)
	} else {
		err = copyChecked(from, to, permOf(l.object.Exec), l.object.Digest)
	}
	if err == nil {
		return nil
	}
	return s.blame(ctx, l, err)
}

// blame finds out whether the store's object is why something went wrong with it: if so it is set aside, and a *LostError. If
// not (the place that was copied to is full), the error is what it was.
func (s *Store) blame(ctx context.Context, l located, err error) error {
	of := l.object
	if l.sub != "" {
		of = Object{Digest: l.inTree, IsTree: true}
	}
	if checkErr := s.Check(ctx, of); checkErr != nil {
		return checkErr
	}
	if err == nil {
		err = fmt.Errorf("%s is not what the listing of its tree says; run mini again", s.pathOf(l))
	}
	return s.explain(err)
}
