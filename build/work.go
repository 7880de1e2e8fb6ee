package build

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Work is a private directory below the store's tmp, on the same file system, so that what is finished can be renamed
// into place. An interrupted one is never used again: make leaves half-written targets behind.
type Work struct {
	Dir   string
	store *Store
}

// NewWork makes one. It is removed by whoever finds that this process is dead.
func (s *Store) NewWork() (*Work, error) {
	dir, err := s.temp("work")
	if err == nil {
		err = s.disk.Mkdir(dir)
	}
	if err != nil {
		return nil, s.explain(err)
	}
	return &Work{dir, s}, nil
}

// Remove throws the directory away.
func (w *Work) Remove() error { return w.store.disk.RemoveAll(w.Dir) }

// KeyLock is the right to make one thing. It ends with Close, or with the process.
type KeyLock struct {
	file *os.File
	disk disk
}

// Close lets go. The file is removed while it is locked: who waits for it sees that its name is gone, and starts over.
func (l *KeyLock) Close() error {
	return errors.Join(l.disk.Remove(l.file.Name()), l.file.Close())
}

// Lock takes the lock of one key, so that two runs don't make the same thing at the same time. waiting is called once
// if somebody else has it, and told who.
func (s *Store) Lock(ctx context.Context, key Digest, waiting func(who string)) (*KeyLock, error) {
	for told := false; ; {
		lock, err := s.tryLock(key.Hash)
		if lock != nil || err != nil {
			return lock, s.explain(err)
		}
		if !told {
			waiting(s.whoHas(key.Hash))
			told = true
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// tryLock takes the lock of one key; nil when somebody else has it.
func (s *Store) tryLock(hash string) (*KeyLock, error) {
	f, err := s.disk.Lock(filepath.Join(s.dir, "locks", hash), true)
	if f == nil || err != nil {
		return nil, err
	}
	_ = f.Truncate(0) // what a dead process wrote
	_, _ = fmt.Fprintf(f, "%d %d\n", os.Getpid(), time.Now().UnixNano())
	return &KeyLock{f, s.disk}, nil
}

// whoHas says in words who has the lock of a key.
func (s *Store) whoHas(hash string) string {
	h, ok := readHolder(filepath.Join(s.dir, "locks", hash))
	switch {
	case !ok:
		return "another mini"
	case h.pid == os.Getpid():
		return "this mini"
	}
	return fmt.Sprintf("another mini (process %d, since %s)", h.pid, h.since.Format("15:04:05"))
}
