package build

import (
	"io/fs"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"
)

// faulty is a disk that asks before each operation whether it may go on.
type faulty struct {
	disk
	// before is called with the operation's name and path; what it returns is the operation's error. half means that a
	// write is to end after half of its bytes.
	before func(op, path string) error
}

// failAt lets the operation number at fail with err, counted from 1. With 0 none fails and count counts.
type failAt struct {
	mu    sync.Mutex
	only  string // operations to count, separated by blanks; "" for all
	at    int
	err   error
	count int
	hit   string // the operation that failed
}

func (f *failAt) before(op, path string) error {
	if f.only != "" && !strings.Contains(" "+f.only+" ", " "+op+" ") {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.count++
	if f.count != f.at {
		return nil
	}
	f.hit = op + " " + path
	if f.err == errKill {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	}
	return &fs.PathError{Op: op, Path: path, Err: f.err}
}

func (d *faulty) Mkdir(path string) error {
	if err := d.before("mkdir", path); err != nil {
		return err
	}
	return d.disk.Mkdir(path)
}

func (d *faulty) Create(path string) (diskFile, error) {
	if err := d.before("create", path); err != nil {
		return nil, err
	}
	f, err := d.disk.Create(path)
	if err != nil {
		return nil, err
	}
	return &faultyFile{f, d, path}, nil
}

func (d *faulty) ReadFile(path string) ([]byte, time.Time, error) {
	if err := d.before("read", path); err != nil {
		return nil, time.Time{}, err
	}
	return d.disk.ReadFile(path)
}

func (d *faulty) Chmod(path string, perm fs.FileMode) error {
	if err := d.before("chmod", path); err != nil {
		return err
	}
	return d.disk.Chmod(path, perm)
}

func (d *faulty) Sync(path string) error {
	if err := d.before("sync", path); err != nil {
		return err
	}
	return d.disk.Sync(path)
}

func (d *faulty) SyncAll(dir string) error {
	if err := d.before("syncfs", dir); err != nil {
		return err
	}
	return d.disk.SyncAll(dir)
}

func (d *faulty) Rename(from, to string) error {
	if err := d.before("rename", to); err != nil {
		return err
	}
	return d.disk.Rename(from, to)
}

func (d *faulty) Remove(path string) error {
	if err := d.before("remove", path); err != nil {
		return err
	}
	return d.disk.Remove(path)
}

func (d *faulty) RemoveAll(path string) error {
	if err := d.before("removeall", path); err != nil {
		return err
	}
	return d.disk.RemoveAll(path)
}

func (d *faulty) Touch(path string, t time.Time) error {
	if err := d.before("touch", path); err != nil {
		return err
	}
	return d.disk.Touch(path, t)
}

func (d *faulty) Lock(path string, exclusive bool) (*os.File, error) {
	if err := d.before("lock", path); err != nil {
		return nil, err
	}
	return d.disk.Lock(path, exclusive)
}

type faultyFile struct {
	diskFile
	disk *faulty
	path string
}

// Write writes half of what it should when it fails, as a disk that fills up does.
func (f *faultyFile) Write(b []byte) (int, error) {
	if err := f.disk.before("write", f.path); err != nil {
		n, _ := f.diskFile.Write(b[:len(b)/2])
		return n, err
	}
	return f.diskFile.Write(b)
}

func (f *faultyFile) Close() error {
	if err := f.disk.before("close", f.path); err != nil {
		f.diskFile.Close()
		return err
	}
	return f.diskFile.Close()
}
