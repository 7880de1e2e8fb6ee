package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"mini/internal/modules"
	"mini/internal/source"
	"mini/lang"
)

// rootOf is the directory of the mini.lock that is for a script in dir: dir itself or one above it, up to the root of a
// repository; dir if there is none. It is named as dir is. A directory that everybody may write to is not looked at: what
// somebody leaves in /tmp must not be for all scripts below it.
func rootOf(dir string) string {
	for at := dir; ; at = filepath.Join(at, "..") {
		info, err := os.Stat(at)
		if err != nil || at != dir && info.Mode().Perm()&0o002 != 0 {
			return dir
		}
		if info, err := os.Stat(filepath.Join(at, "mini.lock")); err == nil && !info.IsDir() {
			return at
		}
		abs, err := filepath.Abs(at)
		if _, gitErr := os.Stat(filepath.Join(at, ".git")); err != nil || gitErr == nil || abs == filepath.Dir(abs) {
			return dir
		}
	}
}

// root is the directory that // means in the script, as the user would name it.
func (s *script) root() string { return rootOf(filepath.Dir(s.path)) }

func (s *script) lockPath() string { return filepath.Join(s.root(), "mini.lock") }

// readLock reads the lock beside the script; there need not be one.
func readLock(path string) (*source.Lock, error) {
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	lock, err := source.ParseLock(text)
	if wrong := (*source.LineError)(nil); errors.As(err, &wrong) {
		return nil, atLine(path, wrong.Line, wrong.Msg, wrong.Hint)
	}
	return lock, err
}

// atLine is a mistake in a mini.lock.
func atLine(path string, line int, msg, hint string) error {
	return &lang.Error{Pos: lang.Position{File: path, Line: line}, Msg: msg, Hint: hint}
}

// required reads the modules that a lock requires.
func required(path string, lock *source.Lock) ([]modules.Requirement, error) {
	var all []modules.Requirement
	at := map[string]int{}
	for _, line := range lock.Modules() {
		r, err := modules.ParseRequirement(line.Text, line.Number)
		if err != nil {
			return nil, atLine(path, line.Number, err.Error(), "")
		}
		if first, twice := at[r.Path]; twice {
			return nil, atLine(path, line.Number, fmt.Sprintf("%s is there already in line %d", r.Path, first),
				"keep the line with the higher version, and settle the versions anew with: mini get")
		}
		at[r.Path] = line.Number
		all = append(all, r)
	}
	return all, nil
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
