package build

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	rex "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"golang.org/x/sys/unix"
	"google.golang.org/protobuf/proto"
)

// Store is the Cache on this machine's disk:
//
//	cas/ab/abcd…    contents by SHA-256, read-only
//	trees/abcd…/    large trees, unpacked once, by their root directory's digest
//	actions/ab/…    action results by the action's digest
//	logs/abcd….log  the last output of each action, kept for failed ones too
//	tools/          what is known of the host's tools
//	last/           what the last build of each target was made of
//	tmp/            work in progress; whatever lies here when nobody holds its lock is thrown away
//	locks/          one lock a key
//
// Everything is written below tmp, synced, and renamed into place: contents first, the result last, so what is not
// published never existed. Nothing is ever hard-linked out: a write through such a link would change the store's copy.
type Store struct{ dir string }

// OpenStore opens the store at dir, an absolute path, and makes it where there is none. It removes what interrupted
// runs left in tmp.
func OpenStore(dir string) (*Store, error) {
	if !filepath.IsAbs(dir) {
		return nil, fmt.Errorf("the cache directory must be an absolute path, not %q", dir)
	}
	for _, sub := range []string{"cas", "trees", "actions", "logs", "tools", "tmp", "locks"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
			return nil, fmt.Errorf("make the cache: %w", err)
		}
	}
	s := &Store{dir}
	return s, s.sweep()
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
func (s *Store) BlobPath(d Digest) string { return s.sharded("cas", d.Hash) }

// TreePath is where a tree lies, whether or not it is there. It must not be written to.
func (s *Store) TreePath(root Digest) string { return filepath.Join(s.dir, "trees", root.Hash) }

func (s *Store) sharded(table, hash string) string {
	return filepath.Join(s.dir, table, hash[:2], hash)
}

// Result reads an action's result; nil when there is none. A damaged one counts as none.
func (s *Store) Result(_ context.Context, action Digest) (*rex.ActionResult, error) {
	b, err := os.ReadFile(s.sharded("actions", action.Hash))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	r := &rex.ActionResult{}
	if proto.Unmarshal(b, r) != nil || !wellFormed(r) {
		return nil, nil
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

// PutResult publishes a result.
func (s *Store) PutResult(_ context.Context, action Digest, r *rex.ActionResult) error {
	_, b := digestMessage(r)
	return s.write(s.sharded("actions", action.Hash), b)
}

// Has reports whether an object's content is there: the file with its size, or the tree with its listing.
func (s *Store) Has(_ context.Context, o Object) (bool, error) {
	if o.IsTree {
		if ok, err := exists(s.TreePath(o.Digest)); !ok || err != nil {
			return false, err
		}
		return s.hasBlob(o.Tree)
	}
	return s.hasBlob(o.Digest)
}

func (s *Store) hasBlob(d Digest) (bool, error) {
	info, err := os.Lstat(s.BlobPath(d))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil && info.Size() == d.Size, err
}

// Bytes reads a content and checks it.
func (s *Store) Bytes(_ context.Context, d Digest) ([]byte, error) {
	b, err := os.ReadFile(s.BlobPath(d))
	if err != nil {
		return nil, err
	}
	if digestBytes(b) != d {
		return nil, fmt.Errorf("the cache is damaged: %s holds other bytes than its name says; remove it", s.BlobPath(d))
	}
	return b, nil
}

// PutBytes stores a content.
func (s *Store) PutBytes(_ context.Context, d Digest, content []byte) error {
	if ok, err := s.hasBlob(d); ok || err != nil {
		return err
	}
	return s.write(s.BlobPath(d), content)
}

// write creates path with content: a temporary file, synced, renamed, and the directory synced.
func (s *Store) write(path string, content []byte) error {
	f, err := os.CreateTemp(filepath.Join(s.dir, "tmp"), "put-")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // fails after the rename, as it should
	if _, err := f.Write(content); err != nil {
		f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return s.adoptFile(f.Name(), path)
}

// adoptFile moves a finished file of tmp into the store. The file is synced before it gets its name.
func (s *Store) adoptFile(from, to string) error {
	if err := os.Chmod(from, 0o444); err != nil {
		return err
	}
	if err := syncPath(from); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return syncPath(filepath.Dir(to))
}

// AdoptBlob moves a file of tmp, whose digest the caller computed, into the content table.
func (s *Store) AdoptBlob(file string, d Digest) error {
	if ok, err := s.hasBlob(d); ok || err != nil {
		return err
	}
	return s.adoptFile(file, s.BlobPath(d))
}

// AdoptTree moves a finished directory of tmp, whose root digest the caller computed, beside the content table. One
// sync of the whole file system is quicker than one for each of 80,000 files.
func (s *Store) AdoptTree(dir string, root Digest) error {
	to := s.TreePath(root)
	if ok, err := exists(to); ok || err != nil {
		return err
	}
	if err := syncFileSystem(s.dir); err != nil {
		return err
	}
	if err := os.Rename(dir, to); err != nil {
		if ok, _ := exists(to); ok { // somebody made the same tree meanwhile
			return nil
		}
		return err
	}
	return syncPath(filepath.Dir(to))
}

func exists(path string) (bool, error) {
	_, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

func syncFileSystem(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return unix.Syncfs(int(f.Fd()))
}
