package build

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"golang.org/x/sync/errgroup"
)

// Verified is what a look at all bytes of a store found.
type Verified struct {
	Contents, Trees, Results int      // that were looked at
	Bytes                    int64    // that they take up on the disk
	Damaged                  []string // a sentence for each that was set aside
}

// Verify reads all contents, trees and results and compares them with their names and checksums. What is damaged is set
// aside, and the next build that needs it makes it again. progress may be nil; it counts objects.
func (s *Store) Verify(ctx context.Context, progress func(done, total int64)) (*Verified, error) {
	if progress == nil {
		progress = func(int64, int64) {}
	}
	v := &verifier{store: s, progress: progress, found: &Verified{}}
	for _, t := range []table{contents, results, trees} {
		hashes, err := s.list(t)
		if err != nil {
			return nil, err
		}
		for _, h := range hashes {
			v.todo = append(v.todo, ref{t, h})
		}
	}
	// Many small ones side by side; a tree's files are side by side already.
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for _, r := range v.todo {
		group.Go(func() error { return v.look(ctx, r) })
	}
	return v.found, group.Wait()
}

// ref names one thing of a table.
type ref struct {
	table table
	hash  string
}

type verifier struct {
	store    *Store
	todo     []ref
	progress func(done, total int64)

	mu    sync.Mutex
	done  int64
	found *Verified
}

func (v *verifier) look(ctx context.Context, r ref) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s := v.store
	now, err := s.stampOf(ctx, r.table, r.hash)
	if err == nil {
		err = s.read(ctx, r.table, r.hash)
	}
	if _, gone := os.Lstat(s.path(r.table, r.hash)); errors.Is(gone, fs.ErrNotExist) {
		return nil // by a gc beside us
	}
	if err != nil {
		if err := s.orAside(r.table, r.hash, err); err != nil {
			return err
		}
	} else if r.table != results && !s.stampIs(r.table, r.hash, now) {
		s.noteAt(r.table, r.hash, s.lastUse(r.table, r.hash))
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.done++
	v.found.Bytes += now.bytes
	switch r.table {
	case contents:
		v.found.Contents++
	case trees:
		v.found.Trees++
	case results:
		v.found.Results++
	}
	if err != nil {
		v.found.Damaged = append(v.found.Damaged, r.table.noun()+" "+r.hash+": "+err.Error())
	}
	v.progress(v.done, int64(len(v.todo)))
	return nil
}

// list names what is in a table. Names that are no digests are not the store's.
func (s *Store) list(t table) ([]string, error) {
	dirs := []string{filepath.Join(s.dir, string(t))}
	if t != trees {
		shards, err := readDirNames(dirs[0])
		if err != nil {
			return nil, err
		}
		top := dirs[0]
		dirs = nil
		for _, shard := range shards {
			if len(shard) == 2 { // hash[:2]
				dirs = append(dirs, filepath.Join(top, shard))
			}
		}
	}
	var hashes []string
	for _, dir := range dirs {
		names, err := readDirNames(dir)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			if isHash(name) && s.path(t, name) == filepath.Join(dir, name) {
				hashes = append(hashes, name)
			}
		}
	}
	return hashes, nil
}
