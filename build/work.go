package build

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"mini/internal/sandbox"

	"golang.org/x/sys/unix"
)

// Work is a private directory below the store's tmp, on the same file system, so that what is finished can be renamed
// into place. An interrupted one is never used again: make leaves half-written targets behind.
type Work struct {
	Dir  string
	lock *os.File
}

// NewWork makes one. Its lock dies with the process, however that ends, and tells later runs what they may remove.
func (s *Store) NewWork() (*Work, error) {
	dir, err := os.MkdirTemp(filepath.Join(s.dir, "tmp"), "work-")
	if err != nil {
		return nil, err
	}
	lock, err := tryLock(dir + ".lock")
	if err == nil && lock == nil {
		err = errors.New("somebody swept the new work directory; run mini again")
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return &Work{dir, lock}, nil
}

// Remove throws the directory away.
func (w *Work) Remove() error {
	err := sandbox.RemoveAll(w.Dir)
	return errors.Join(err, os.Remove(w.lock.Name()), w.lock.Close())
}

// sweep removes what nobody works on any more. A file that was being written is young; a work directory has a lock.
func (s *Store) sweep() error {
	tmp := filepath.Join(s.dir, "tmp")
	entries, err := os.ReadDir(tmp)
	if err != nil {
		return err
	}
	for _, e := range entries {
		path := filepath.Join(tmp, e.Name())
		switch {
		case strings.HasPrefix(e.Name(), "work-") && strings.HasSuffix(e.Name(), ".lock"):
			lock, err := tryLock(path)
			if err != nil || lock == nil {
				continue // in use
			}
			_ = sandbox.RemoveAll(strings.TrimSuffix(path, ".lock"))
			_ = os.Remove(path)
			lock.Close()
		case strings.HasPrefix(e.Name(), "put-"):
			if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > time.Hour {
				_ = os.Remove(path)
			}
		}
	}
	return nil
}

// Lock takes the lock of one key, so that two runs don't make the same thing at the same time. waiting is called once
// if somebody else has it. The lock is let go by closing it, or by the end of the process.
func (s *Store) Lock(ctx context.Context, key Digest, waiting func()) (*os.File, error) {
	path := filepath.Join(s.dir, "locks", key.Hash)
	for told := false; ; {
		f, err := tryLock(path)
		if f != nil || err != nil {
			return f, err
		}
		if !told {
			waiting()
			told = true
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// tryLock opens and locks path; nil when somebody else holds it.
func tryLock(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if err == nil {
		return f, nil
	}
	f.Close()
	if errors.Is(err, unix.EWOULDBLOCK) {
		return nil, nil
	}
	return nil, fmt.Errorf("lock %s: %w", path, err)
}
