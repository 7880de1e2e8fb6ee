package build

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Kind is what a thing in the cache is to people.
type Kind string

// The kinds, in the order in which they are shown.
const (
	KindContents  Kind = "contents"
	KindTrees     Kind = "trees"
	KindResults   Kind = "results"
	KindLogs      Kind = "logs"
	KindPlans     Kind = "plans"
	KindModules   Kind = "modules"
	KindLists     Kind = "package lists"
	KindObjects   Kind = "compiled objects"
	KindDownloads Kind = "unfinished downloads"
	KindWork      Kind = "work in progress"
	KindKept      Kind = "kept work"
	KindDamaged   Kind = "damaged"
	KindOld       Kind = "from an older mini"
	KindNotes     Kind = "notes"
)

// kept reports whether things of a kind are kept by others than the store, who have locks of their own: it doesn't know
// which of them are in use.
func (k Kind) kept() bool { return k == KindLists || k == KindObjects || k == KindModules }

// Kinds lists them.
func Kinds() []Kind {
	return []Kind{KindContents, KindTrees, KindResults, KindLogs, KindPlans, KindModules, KindLists, KindObjects, KindDownloads, KindWork, KindKept,
		KindDamaged, KindOld, KindNotes}
}

// Thing is something in the cache.
type Thing struct {
	Kind  Kind
	Path  string
	Bytes int64     // that it takes up on the disk
	Used  time.Time // the last time, to about a day
	ref   ref       // for what is in a table
}

// Things lists all that the cache holds, the one used longest ago first, and of those used at the same time the larger.
func (s *Store) Things(ctx context.Context) ([]Thing, error) {
	var all []Thing
	for _, t := range []struct {
		table table
		kind  Kind
	}{{contents, KindContents}, {trees, KindTrees}, {results, KindResults}} {
		hashes, err := s.list(t.table)
		if err != nil {
			return nil, err
		}
		for _, h := range hashes {
			thing := Thing{Kind: t.kind, Path: s.path(t.table, h), Used: s.lastUse(t.table, h), ref: ref{t.table, h}}
			if thing.Bytes, err = s.size(ctx, t.table, h); errors.Is(err, fs.ErrNotExist) {
				continue
			} else if err != nil {
				return nil, err
			}
			all = append(all, thing)
		}
	}
	for _, d := range []struct {
		dir  string
		kind Kind
	}{{"logs", KindLogs}, {"plans", KindPlans}, {"tmp", KindWork}, {"kept", KindKept}, {"damaged", KindDamaged}} {
		things, err := s.thingsIn(ctx, d.dir, d.kind)
		if err != nil {
			return nil, err
		}
		all = append(all, things...)
	}
	for dir, kind := range map[string]Kind{"apt": KindLists, "modules": KindModules, "ccache": KindObjects, "actions": KindOld, "tools": KindNotes, "last": KindNotes,
		"stamps": KindNotes, "roots": KindNotes} {
		thing, err := s.whole(ctx, filepath.Join(s.dir, dir), kind)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, thing)
	}
	sort.SliceStable(all, func(i, j int) bool {
		a, b := all[i], all[j]
		return a.Used.Before(b.Used) || a.Used.Equal(b.Used) && a.Bytes > b.Bytes
	})
	return all, nil
}

// size is what an object takes up, from its stamp where there is one: a tree of 80,000 files is not counted each time.
func (s *Store) size(ctx context.Context, t table, hash string) (int64, error) {
	if t == trees {
		b, _, err := s.disk.ReadFile(s.stampPath(t, hash))
		if st, ok := parseStamp(string(b)); err == nil && ok {
			return st.bytes, nil
		}
	}
	st, err := s.stampOf(ctx, t, hash)
	return st.bytes, err
}

// thingsIn takes each name of a directory for one thing.
func (s *Store) thingsIn(ctx context.Context, dir string, kind Kind) ([]Thing, error) {
	names, err := readDirNames(filepath.Join(s.dir, dir))
	if err != nil {
		return nil, err
	}
	var all []Thing
	for _, name := range names {
		k := kind
		if kind == KindWork && strings.HasPrefix(name, "fetch-") {
			k = KindDownloads
		}
		thing, err := s.whole(ctx, filepath.Join(s.dir, dir, name), k)
		if errors.Is(err, fs.ErrNotExist) {
			continue // work ends beside us
		}
		if err != nil {
			return nil, err
		}
		all = append(all, thing)
	}
	return all, nil
}

// whole takes a file, or a directory with all in it, for one thing. A directory was used when a name in it changed last.
func (s *Store) whole(ctx context.Context, path string, kind Kind) (Thing, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return Thing{}, err
	}
	thing := Thing{Kind: kind, Path: path, Used: changed(path)}
	of := stampFile
	if info.IsDir() {
		of = func(path string) (stamp, error) { return stampTree(ctx, path) }
	}
	st, err := of(path)
	thing.Bytes = st.bytes
	if kind.kept() {
		thing.Used = newest(path)
	}
	if errors.Is(err, fs.ErrPermission) { // what an action left is its own; it counts as nothing
		err = nil
	}
	return thing, err
}

// changed is the time of the last change of a file or directory, which nobody can set back.
func changed(path string) time.Time {
	var st unix.Stat_t
	if err := unix.Lstat(path, &st); err != nil {
		return time.Time{}
	}
	return time.Unix(st.Ctim.Unix())
}

// newest is the time of the last change of anything below path.
func newest(path string) (last time.Time) {
	_ = filepath.WalkDir(path, func(p string, _ fs.DirEntry, _ error) error { // what can't be read counts as unchanged
		if t := changed(p); t.After(last) {
			last = t
		}
		return nil
	})
	return last
}
