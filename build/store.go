package build

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	rex "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"golang.org/x/sys/unix"
	"google.golang.org/protobuf/proto"
)

// Store is the Cache on this machine's disk:
//
//	cas/ab/abcd…      contents by SHA-256, read-only
//	trees/abcd…/      large trees, unpacked once, by their root directory's digest
//	results/ab/…      action results by the action's digest, each with a checksum of its own
//	stamps/           what the file system said of each content and tree when it was put; the time of the last use
//	logs/abcd….log    the last output of each action, kept for failed ones too
//	plans/            what the last plan of each large graph has read
//	tools/            what is known of the host's tools
//	last/             what the last build of each target was made of
//	roots/            what the files of each output directory need; gc keeps that
//	kept/abcd…/       the directories of the last actions that failed, for a shell there (kept.go)
//	damaged/          what was found damaged and set aside
//	running/          one locked file for each running mini
//	tmp/NAME/         work in progress of the mini that has running/NAME
//	tmp/fetch-…       downloads, which the next run continues
//	locks/            one file for each key that is being made
//	apt/, ccache/, modules/  what others keep here
//	cache.lock        held for one while things are removed, and for many for a moment by who begins to use old ones
//
// Everything is written below tmp, synced, and renamed into place: contents first, the result last, so what is not
// published never existed. Nothing is ever hard-linked out: a write through such a link would change the store's copy.
// Files of trees keep their owner's write permission, because an action that overlays a tree could not write otherwise.
type Store struct {
	// Note is told, in a sentence, of what was found damaged. It may be nil, and is set before the store is used.
	Note func(text string)

	dir     string
	disk    disk
	grain   time.Duration // how old a noted use may grow before a new one is noted
	present *presence
	closed  error // why this user can't write here; then there is no presence
	temps   atomic.Int64

	mu      sync.Mutex
	checked map[string]bool // by digest: trees that this process has compared with their stamps
}

// useGrain is how exactly the last use of things is known: noting it more often would make reading a cache a writing affair.
const useGrain = 24 * time.Hour

// OpenStore opens the store at dir, an absolute path, and makes it where there is none. It removes what interrupted
// runs left in tmp. The store must be closed.
func OpenStore(dir string) (*Store, error) { return openStore(dir, osDisk{}, useGrain) }

func openStore(dir string, d disk, grain time.Duration) (*Store, error) {
	if !filepath.IsAbs(dir) {
		return nil, fmt.Errorf("the cache directory must be an absolute path, not %q", dir)
	}
	s := &Store{dir: dir, disk: d, grain: grain, checked: map[string]bool{}}
	for _, sub := range []string{"cas", "trees", "results", "stamps", "logs", "tools", "running", "tmp", "locks"} {
		if err := mkdirs(d, filepath.Join(dir, sub)); err != nil {
			return nil, s.explain(fmt.Errorf("make the cache %s: %w", dir, err))
		}
	}
	s.sweep() // first, for it may make the room that the rest needs
	var err error
	s.present, err = s.arrive()
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, unix.EROFS) {
		s.closed = err // who only looks, as a plan does, needs no more
		return s, nil
	}
	if err != nil {
		return nil, s.explain(fmt.Errorf("open the cache: %w", err))
	}
	return s, nil
}

// InspectStore opens a store that is there already, to look at it or to remove from it: even where the disk is full. Where there is
// none, the error is fs.ErrNotExist.
func InspectStore(dir string) (*Store, error) {
	if _, err := os.Stat(filepath.Join(dir, "cas")); err != nil {
		return nil, err
	}
	s := &Store{dir: dir, disk: osDisk{}, grain: useGrain, checked: map[string]bool{}}
	s.sweep()
	return s, nil
}

// Close ends the use of the store and removes what of its work is still there. Closing twice does nothing.
func (s *Store) Close() error {
	p := s.present
	if s.present = nil; p == nil {
		return nil
	}
	return p.leave(s)
}

// Dir is where the store lies.
func (s *Store) Dir() string { return s.dir }

// ToolsDir is where facts about the host's tools are kept.
func (s *Store) ToolsDir() string { return filepath.Join(s.dir, "tools") }

// LogPath is the file that takes the output of an action.
func (s *Store) LogPath(action Digest) string {
	return filepath.Join(s.dir, "logs", action.Hash+".log")
}

// BlobPath is where a content lies, whether or not it is there. It must not be written to or linked.
func (s *Store) BlobPath(d Digest) string { return s.path(contents, d.Hash) }

// TreePath is where a tree lies, whether or not it is there. It must not be written to.
func (s *Store) TreePath(root Digest) string { return s.path(trees, root.Hash) }

// table is one of the three tables of the store.
type table string

const (
	contents table = "cas"
	trees    table = "trees"
	results  table = "results"
)

func (s *Store) path(t table, hash string) string {
	if t == trees {
		return filepath.Join(s.dir, string(t), hash)
	}
	return filepath.Join(s.dir, string(t), hash[:2], hash)
}

// Result reads an action's result; nil when there is none. A damaged one is set aside and counts as none.
func (s *Store) Result(_ context.Context, action Digest) (*rex.ActionResult, error) {
	b, used, err := s.disk.ReadFile(s.path(results, action.Hash))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil && !isDamage(err) {
		return nil, err
	}
	r, err := openResult(action.Hash, b)
	if err != nil {
		return nil, s.setAside(results, action.Hash, err)
	}
	if still, err := s.noteUse(results, action.Hash, used); !still || err != nil {
		return nil, err
	}
	return r, nil
}

// PutResult publishes a result.
func (s *Store) PutResult(_ context.Context, action Digest, r *rex.ActionResult) error {
	_, b := digestMessage(r)
	return s.write(s.path(results, action.Hash), sealed(resultMagic, action.Hash, b))
}

const resultMagic = "mini result 1"

// openResult decodes a result and makes sure that it is whole and that of the action: nothing else would notice a flipped
// bit, which names other contents that may well be there.
func openResult(action string, b []byte) (*rex.ActionResult, error) {
	body, ok := unsealed(resultMagic, action, b)
	if !ok {
		return nil, errors.New("its checksum is wrong")
	}
	r := &rex.ActionResult{}
	if err := proto.Unmarshal(body, r); err != nil {
		return nil, err
	}
	if !wellFormed(r) {
		return nil, errors.New("it names no contents")
	}
	return r, nil
}

// wellFormed reports whether every digest of r can be a digest: paths are made of them.
func wellFormed(r *rex.ActionResult) bool {
	for _, f := range r.OutputFiles {
		if !isHash(f.GetDigest().GetHash()) {
			return false
		}
	}
	for _, d := range r.OutputDirectories {
		if !isHash(d.GetRootDirectoryDigest().GetHash()) || !isHash(d.GetTreeDigest().GetHash()) {
			return false
		}
	}
	return len(r.OutputFiles)+len(r.OutputDirectories) > 0
}

// sealed puts a line with a checksum before body. The checksum covers the name as well: a file that got another's name
// is as wrong as one with a flipped bit.
func sealed(magic, name string, body []byte) []byte {
	return append([]byte(seal(magic, name, body)+"\n"), body...)
}

// unsealed returns the body of what sealed made, if it is whole.
func unsealed(magic, name string, b []byte) (body []byte, ok bool) {
	head, body, ok := bytes.Cut(b, []byte("\n"))
	return body, ok && string(head) == seal(magic, name, body)
}

func seal(magic, name string, body []byte) string {
	h := sha256.New()
	h.Write([]byte(magic + "\n" + name + "\n"))
	h.Write(body)
	return magic + " " + hex.EncodeToString(h.Sum(nil))
}

// Has reports whether an object's content is there: the file with its size and stamp, or the tree with its listing. What
// is there and damaged is set aside. The files of a tree are not looked at before UseTree.
func (s *Store) Has(ctx context.Context, o Object) (bool, error) {
	if o.IsTree {
		if ok, err := s.use(trees, o.Digest.Hash); !ok || err != nil {
			return false, err
		}
		return s.hasBlob(ctx, o.Tree)
	}
	return s.hasBlob(ctx, o.Digest)
}

func (s *Store) hasBlob(ctx context.Context, d Digest) (bool, error) {
	info, err := os.Lstat(s.BlobPath(d))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if info.Size() != d.Size {
		return false, s.setAside(contents, d.Hash, fmt.Errorf("it has %d bytes, not %d", info.Size(), d.Size))
	}
	return s.sound(ctx, contents, d.Hash)
}

// Bytes reads a content and checks it. One that is not there, or is damaged, is a *LostError.
func (s *Store) Bytes(_ context.Context, d Digest) ([]byte, error) {
	b, _, err := s.disk.ReadFile(s.BlobPath(d))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, &LostError{Digest: d}
	case err != nil && !isDamage(err):
		return nil, err
	case err == nil && digestBytes(b) == d:
		still, err := s.useFound(contents, d.Hash)
		if err == nil && !still {
			err = &LostError{Digest: d}
		}
		return b, err
	case err == nil:
		err = errOtherBytes
	}
	return nil, s.lost(contents, d, err)
}

// PutBytes stores a content.
func (s *Store) PutBytes(ctx context.Context, d Digest, content []byte) error {
	if ok, err := s.hasBlob(ctx, d); ok || err != nil {
		return err
	}
	if err := s.write(s.BlobPath(d), content); err != nil {
		return err
	}
	s.note(contents, d.Hash)
	return nil
}

// write creates path with content: a temporary file, synced, renamed, and the directory synced.
func (s *Store) write(path string, content []byte) error {
	temp, err := s.temp("put")
	if err != nil {
		return s.explain(err)
	}
	if err = s.fill(temp, content); err == nil {
		err = s.publishFile(temp, path)
	}
	if err != nil {
		_ = s.disk.Remove(temp) // not there after the rename
	}
	return s.explain(err)
}

func (s *Store) fill(path string, content []byte) error {
	f, err := s.disk.Create(path)
	if err != nil {
		return err
	}
	if _, err := f.Write(content); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// publishFile moves a finished file of tmp into the store. The file is synced before it gets its name.
func (s *Store) publishFile(from, to string) error {
	if err := s.disk.Chmod(from, 0o444); err != nil {
		return err
	}
	if err := s.disk.Sync(from); err != nil {
		return err
	}
	if err := mkdirs(s.disk, filepath.Dir(to)); err != nil {
		return err
	}
	if err := s.disk.Rename(from, to); err != nil {
		return err
	}
	return s.disk.Sync(filepath.Dir(to))
}

// AdoptBlob moves a file of tmp, whose digest the caller computed, into the content table.
func (s *Store) AdoptBlob(ctx context.Context, file string, d Digest) error {
	if ok, err := s.hasBlob(ctx, d); ok || err != nil {
		return err
	}
	if err := s.publishFile(file, s.BlobPath(d)); err != nil {
		return s.explain(err)
	}
	s.note(contents, d.Hash)
	return nil
}

// AdoptTree moves a finished directory of tmp, whose root digest the caller computed, beside the content table. One
// sync of the whole file system is quicker than one for each of 80,000 files.
func (s *Store) AdoptTree(ctx context.Context, dir string, root Digest) error {
	if ok, err := s.sound(ctx, trees, root.Hash); ok || err != nil {
		return err
	}
	return s.explain(s.publishTree(dir, root))
}

func (s *Store) publishTree(dir string, root Digest) error {
	to := s.TreePath(root)
	// Who may not write to a directory can't move it, because of the name .. in it.
	if err := s.disk.Chmod(dir, 0o755); err != nil {
		return err
	}
	if err := s.disk.SyncAll(s.dir); err != nil {
		return err
	}
	if err := s.disk.Rename(dir, to); err != nil {
		if _, existsErr := os.Lstat(to); existsErr == nil { // somebody made the same tree meanwhile
			return nil
		}
		return err
	}
	if err := s.disk.Sync(filepath.Dir(to)); err != nil {
		return err
	}
	s.note(trees, root.Hash)
	return nil
}
