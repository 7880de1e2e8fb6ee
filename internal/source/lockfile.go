package source

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
)

// WriteLock puts l at path in one step: a reader sees the old file or the new
// one. A file that says the same already is not touched; a symbolic link stays
// one, and the mode of an existing file is kept.
func WriteLock(path string, l *Lock) error {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	text := l.Format()
	mode := os.FileMode(0o644)
	old, err := os.ReadFile(path)
	switch {
	case err == nil && bytes.Equal(old, text):
		return nil
	case err == nil:
		if info, err := os.Stat(path); err == nil {
			mode = info.Mode().Perm()
		}
	case !errors.Is(err, os.ErrNotExist):
		return err
	}
	return writeFile(path, text, mode)
}

// writeFile writes a temporary name beside path, syncs it and renames it.
func writeFile(path string, text []byte, mode os.FileMode) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	_, err1 := f.Write(text)
	err = errors.Join(err1, f.Chmod(mode), f.Sync(), f.Close())
	if err != nil {
		return err
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// syncDir makes a rename in dir last.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
