package build

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"mini/internal/sandbox"

	"golang.org/x/sys/unix"
)

// disk is all that the store does to the file system. It is an interface so that a test can let the N-th call fail or
// end the process there; osDisk is the real one.
type disk interface {
	Mkdir(path string) error
	// Create makes a file that must not be there yet.
	Create(path string) (diskFile, error)
	// ReadFile also tells when the file was changed last (its mtime).
	ReadFile(path string) ([]byte, time.Time, error)
	Chmod(path string, perm fs.FileMode) error
	// Sync makes a file's content, or a directory's names, last.
	Sync(path string) error
	// SyncAll does it for the whole file system that dir is on.
	SyncAll(dir string) error
	Rename(from, to string) error
	Remove(path string) error
	RemoveAll(path string) error
	// Touch sets the modification time, which is how the use of a thing is noted.
	Touch(path string, t time.Time) error
	// Lock opens path, makes it where there is none, and locks it for one (exclusive) or for many. It doesn't wait:
	// nil means that somebody else has it. Closing lets go, and so does the end of the process.
	Lock(path string, exclusive bool) (*os.File, error)
}

type diskFile interface {
	io.WriteCloser
	Sync() error
}

type osDisk struct{}

func (osDisk) Mkdir(path string) error { return os.Mkdir(path, 0o755) }

func (osDisk) Create(path string) (diskFile, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	return f, nil
}

func (osDisk) Chmod(path string, perm fs.FileMode) error { return os.Chmod(path, perm) }
func (osDisk) Rename(from, to string) error              { return os.Rename(from, to) }
func (osDisk) Remove(path string) error                  { return os.Remove(path) }
func (osDisk) RemoveAll(path string) error               { return sandbox.RemoveAll(path) }
func (osDisk) Touch(path string, t time.Time) error      { return os.Chtimes(path, time.Time{}, t) }

// ReadFile takes four system calls where os.ReadFile takes seven: a plan of a large graph reads a file or two for each node.
func (osDisk) ReadFile(path string) ([]byte, time.Time, error) {
	failed := func(op string, err error) ([]byte, time.Time, error) {
		return nil, time.Time{}, &fs.PathError{Op: op, Path: path, Err: err}
	}
	fd, err := again(func() (int, error) { return unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0) })
	if err != nil {
		return failed("open", err)
	}
	defer unix.Close(fd)
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return failed("stat", err)
	}
	b := make([]byte, 0, st.Size+1) // with room for one more, so that the first read also tells that this was all
	for {
		free := b[len(b):cap(b)]
		n, err := again(func() (int, error) { return unix.Read(fd, free) })
		if err != nil {
			return failed("read", err)
		}
		b = b[:len(b)+n]
		if n == 0 || int64(len(b)) == st.Size && len(b) < cap(b) {
			return b, time.Unix(st.Mtim.Unix()), nil
		}
		if len(b) == cap(b) { // it grew
			b = slices.Grow(b, 512)
		}
	}
}

// again calls f until no signal interrupts it.
func again(f func() (int, error)) (int, error) {
	for {
		n, err := f()
		if err != unix.EINTR {
			return n, err
		}
	}
}

func (osDisk) Sync(path string) error {
	return opened(path, func(f *os.File) error { return f.Sync() })
}

func (osDisk) SyncAll(dir string) error {
	return opened(dir, func(f *os.File) error {
		if err := unix.Syncfs(int(f.Fd())); err != nil {
			return &fs.PathError{Op: "sync", Path: dir, Err: err}
		}
		return nil
	})
}

func opened(path string, do func(*os.File) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return do(f)
}

func (osDisk) Lock(path string, exclusive bool) (*os.File, error) {
	how := unix.LOCK_SH
	if exclusive {
		how = unix.LOCK_EX
	}
	for {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
		if err != nil {
			return nil, err
		}
		err = unix.Flock(int(f.Fd()), how|unix.LOCK_NB)
		if err == nil && stillNamed(f, path) {
			return f, nil
		}
		f.Close()
		switch {
		case errors.Is(err, unix.EWOULDBLOCK):
			return nil, nil
		case err != nil && !errors.Is(err, unix.EINTR):
			return nil, &fs.PathError{Op: "lock", Path: path, Err: err}
		}
	}
}

// stillNamed reports whether path leads to the open file f. Who lets a lock go removes its file while it is held, so a
// lock on a file without a name locks nobody out.
func stillNamed(f *os.File, path string) bool {
	held, err1 := f.Stat()
	named, err2 := os.Lstat(path)
	return err1 == nil && err2 == nil && os.SameFile(held, named)
}

// mkdirs makes a directory of the store with those above it, and makes each new name last: a synced file in a directory
// whose own name is lost is lost as well.
func mkdirs(d disk, path string) error {
	if info, err := os.Stat(path); err == nil {
		if !info.IsDir() {
			return &fs.PathError{Op: "mkdir", Path: path, Err: unix.ENOTDIR}
		}
		return nil
	}
	parent := filepath.Dir(path)
	if parent != path {
		if err := mkdirs(d, parent); err != nil {
			return err
		}
	}
	if err := d.Mkdir(path); err != nil && !errors.Is(err, fs.ErrExist) { // somebody else may have been quicker
		return err
	}
	// A directory above the cache may be closed to reading, and then can't be synced by us.
	if err := d.Sync(parent); err != nil && !errors.Is(err, fs.ErrPermission) {
		return err
	}
	return nil
}
