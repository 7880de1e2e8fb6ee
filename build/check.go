package build

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// LostError says that a content or tree that should be in the store is not there, or was found damaged and set aside.
// Making it again helps.
type LostError struct {
	Digest Digest // for a tree its root directory's, and then only the hash counts
	Why    error  // nil if it is not there
}

func (e *LostError) Error() string {
	if e.Why == nil {
		return fmt.Sprintf("%s is not in the cache any more; run mini again", e.Digest.Hash)
	}
	return fmt.Sprintf("%s was damaged in the cache (%v) and is set aside; run mini again", e.Digest.Hash, e.Why)
}

// Unwrap makes a lost one fs.ErrNotExist, which it is now whatever the cause.
func (e *LostError) Unwrap() error { return fs.ErrNotExist }

func isLost(err error) bool {
	lost := (*LostError)(nil)
	return errors.As(err, &lost)
}

var errOtherBytes = errors.New("it holds other bytes than its name says")

// isDamage reports whether reading an object failed because of the object: it can't be read, or it holds something else.
// What may go well the next time is not its fault.
func isDamage(err error) bool {
	for _, passing := range []error{context.Canceled, context.DeadlineExceeded, unix.EMFILE, unix.ENFILE, unix.ENOMEM} {
		if errors.Is(err, passing) {
			return false
		}
	}
	return err != nil
}

// UseTree makes sure that a tree is there, and as it was when it was put, by its stamps. It is called whenever an action
// is about to read the tree, and looks at it once in a process. A tree that is missing or damaged is a *LostError.
func (s *Store) UseTree(ctx context.Context, root Digest) error {
	s.mu.Lock()
	done := s.checked[root.Hash]
	s.mu.Unlock()
	if done {
		if _, err := os.Lstat(s.TreePath(root)); err == nil {
			return nil
		}
	}
	ok, err := s.sound(ctx, trees, root.Hash)
	if err != nil {
		return err
	}
	if !ok {
		return &LostError{Digest: root}
	}
	s.mu.Lock()
	s.checked[root.Hash] = true
	s.mu.Unlock()
	return nil
}

// Check makes sure of an object by reading all of it. It is for bytes that leave the store.
func (s *Store) Check(ctx context.Context, o Object) error {
	t := contents
	if o.IsTree {
		t = trees
	}
	if still, err := s.use(t, o.Digest.Hash); err != nil {
		return err
	} else if !still {
		return &LostError{Digest: o.Digest}
	}
	if err := s.read(ctx, t, o.Digest.Hash); errors.Is(err, fs.ErrNotExist) {
		return &LostError{Digest: o.Digest}
	} else if err != nil {
		return s.lost(t, o.Digest, err)
	}
	return nil
}

// sound reports whether an object is there and as it was put. Where its stamp doesn't prove that, it is read, and the stamp
// noted anew. What is damaged is set aside.
func (s *Store) sound(ctx context.Context, t table, hash string) (bool, error) {
	if there, err := s.use(t, hash); !there || err != nil {
		return false, err
	}
	now, err := s.stampOf(ctx, t, hash)
	if errors.Is(err, fs.ErrNotExist) {
		return s.unlessGone(t, hash, err)
	}
	if err != nil {
		return false, s.orAside(t, hash, err)
	}
	if s.stampIs(t, hash, now) {
		return true, nil
	}
	if err := s.read(ctx, t, hash); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return s.unlessGone(t, hash, err)
		}
		return false, s.orAside(t, hash, err)
	}
	s.note(t, hash)
	return true, nil
}

// unlessGone tells an object that somebody removed from a tree in which something is missing.
func (s *Store) unlessGone(t table, hash string, err error) (bool, error) {
	if _, gone := os.Lstat(s.path(t, hash)); gone != nil {
		return false, nil
	}
	return false, s.setAside(t, hash, err)
}

// orAside sets an object aside if err is its fault.
func (s *Store) orAside(t table, hash string, err error) error {
	if !isDamage(err) {
		return err
	}
	return s.setAside(t, hash, err)
}

// read reads all of an object and compares it with its name.
func (s *Store) read(ctx context.Context, t table, hash string) error {
	var got Digest
	var err error
	switch t {
	case trees:
		var o Object
		o, _, err = digestTree(ctx, s.path(t, hash), nil)
		got = o.Digest
	case results:
		var b []byte
		if b, _, err = s.disk.ReadFile(s.path(t, hash)); err == nil {
			_, err = openResult(hash, b)
		}
		got.Hash = hash
	default:
		got, err = digestFile(s.path(t, hash))
	}
	if err == nil && got.Hash != hash {
		err = errOtherBytes
	}
	return err
}

func (s *Store) stampOf(ctx context.Context, t table, hash string) (stamp, error) {
	if t == trees {
		return stampTree(ctx, s.path(t, hash))
	}
	return stampFile(s.path(t, hash))
}

func (s *Store) stampPath(t table, hash string) string {
	return filepath.Join(s.dir, "stamps", string(t), hash[:2], hash)
}

// stampIs reports whether the stamp that was noted is this one.
func (s *Store) stampIs(t table, hash string, now stamp) bool {
	noted, _, err := s.disk.ReadFile(s.stampPath(t, hash))
	return err == nil && string(noted) == now.String()
}

// note keeps the stamp of an object that is being used.
func (s *Store) note(t table, hash string) { s.noteAt(t, hash, time.Now()) }

// noteAt keeps an object's stamp, with the time of its last use. It is a memory: where it can't be kept, the object is read
// when it is used next.
func (s *Store) noteAt(t table, hash string, used time.Time) {
	now, err := s.stampOf(context.Background(), t, hash)
	if err == nil {
		err = mkdirs(s.disk, filepath.Dir(s.stampPath(t, hash)))
	}
	if err != nil {
		return
	}
	temp, err := s.temp("stamp")
	if err != nil {
		return
	}
	err = s.fill(temp, []byte(now.String()))
	if err == nil {
		err = s.disk.Touch(temp, used)
	}
	if err == nil {
		err = s.disk.Rename(temp, s.stampPath(t, hash))
	}
	if err != nil {
		_ = s.disk.Remove(temp)
	}
}

// lastUse is when a thing was used, or when it came into the cache if nobody noted a use: the time of its last change, since what was
// unpacked has the times of its archive.
func (s *Store) lastUse(t table, hash string) time.Time {
	if info, err := os.Lstat(s.usePath(t, hash)); err == nil {
		return info.ModTime()
	}
	var st unix.Stat_t
	if err := unix.Lstat(s.path(t, hash), &st); err != nil {
		return time.Time{}
	}
	return time.Unix(st.Ctim.Unix())
}

// usePath is the file whose modification time is the last use.
func (s *Store) usePath(t table, hash string) string {
	if t == results {
		return s.path(t, hash)
	}
	return s.stampPath(t, hash)
}

// use reports whether a thing is there, and notes that it is in use: by the modification time of a result, and of the
// stamp of anything else, whose own times must not change. That is done once a day (Store.grain) only.
//
// A use noted within a day is enough for gc, which leaves alone what was used within a day of the oldest running mini's start. What
// was used longer ago could be removed at this moment, so its use is noted while nobody may remove.
func (s *Store) use(t table, hash string) (bool, error) {
	if ok, err := s.there(t, hash); !ok || err != nil {
		return ok, err
	}
	return s.useFound(t, hash)
}

// useFound is use for what was there a moment ago.
func (s *Store) useFound(t table, hash string) (bool, error) {
	info, err := os.Lstat(s.usePath(t, hash))
	if err != nil {
		return s.noteUse(t, hash, time.Time{})
	}
	return s.noteUse(t, hash, info.ModTime())
}

func (s *Store) there(t table, hash string) (bool, error) {
	_, err := os.Lstat(s.path(t, hash))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// noteUse notes a use of what was there a moment ago, if the last that was noted is too old.
func (s *Store) noteUse(t table, hash string, last time.Time) (bool, error) {
	now := time.Now()
	if s.closed != nil || last.After(now.Add(-s.grain)) {
		return true, nil
	}
	lock, err := s.holdCache(false)
	if err != nil {
		return false, err
	}
	defer lock.Close()
	if ok, err := s.there(t, hash); !ok || err != nil {
		return ok, err
	}
	mark := s.usePath(t, hash)
	if err := s.disk.Touch(mark, now); errors.Is(err, fs.ErrNotExist) && t != results {
		// An empty stamp proves nothing but the time. Without it the object is taken for as old as it is.
		if mkdirs(s.disk, filepath.Dir(mark)) == nil {
			_ = s.fill(mark, nil)
		}
	}
	return true, nil
}

// lost sets an object aside and returns the *LostError that says so.
func (s *Store) lost(t table, d Digest, why error) error {
	if !isDamage(why) {
		return why
	}
	if err := s.setAside(t, d.Hash, why); err != nil {
		return err
	}
	return &LostError{d, why}
}

// setAside moves what is damaged out of the table, so that nobody uses it and somebody can look at it.
func (s *Store) setAside(t table, hash string, why error) error {
	aside := filepath.Join(s.dir, "damaged", fmt.Sprintf("%s-%s-%d", t, hash, time.Now().UnixNano()))
	err := mkdirs(s.disk, filepath.Dir(aside))
	if err == nil {
		err = s.disk.Rename(s.path(t, hash), aside)
	}
	if errors.Is(err, fs.ErrNotExist) { // somebody else did
		return nil
	}
	if err != nil {
		return s.explain(fmt.Errorf("%s is damaged (%w) and can't be set aside: %w", s.path(t, hash), why, err))
	}
	_ = s.disk.Remove(s.stampPath(t, hash))
	s.mu.Lock()
	delete(s.checked, hash)
	s.mu.Unlock()
	if s.Note != nil {
		s.Note(fmt.Sprintf("the cache held a damaged %s (%v); it is made again when it is needed, and lies for a look in %s", t.noun(), why, aside))
	}
	return nil
}

// noun is what messages call one thing of the table.
func (t table) noun() string {
	switch t {
	case trees:
		return "tree"
	case results:
		return "result"
	}
	return "content"
}

// FullError says that the store's file system has no room.
type FullError struct {
	Dir  string // of the store
	Free int64  // bytes that are left
	Err  error  // what failed
}

func (e *FullError) Error() string {
	return fmt.Sprintf("the disk is full: %v\n  %s has %s left; `mini gc` makes room, or take another place with --cache DIR",
		e.Err, e.Dir, FormatSize(e.Free))
}

func (e *FullError) Unwrap() error { return e.Err }

// explain adds to an error of the file system what to do about it.
func (s *Store) explain(err error) error {
	if full := (*FullError)(nil); err == nil || errors.As(err, &full) {
		return err
	}
	if errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT) {
		return s.full(err)
	}
	return err
}

func (s *Store) full(err error) error { return &FullError{s.dir, s.Free(), err} }

// Free is how many bytes the store's file system has left.
func (s *Store) Free() int64 {
	var st unix.Statfs_t
	if unix.Statfs(s.dir, &st) != nil {
		return 0
	}
	return int64(st.Bavail) * st.Bsize
}
