package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"mini/internal/source"
)

func (s *script) lockPath() string { return filepath.Join(filepath.Dir(s.path), "mini.lock") }

// readLock reads the lock beside the script; there need not be one.
func readLock(path string) (*source.Lock, error) {
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	lock, err := source.ParseLock(text)
	if err != nil {
		return nil, usageError{fmt.Errorf("%s: %w", path, err)}
	}
	return lock, nil
}

// pinned finds a pin by what it pins.
func (s *script) pinned(sha256 string) (source.Pin, bool) {
	for _, p := range s.lock.Pins() {
		if p.SHA256 == sha256 {
			return p, true
		}
	}
	return source.Pin{}, false
}
