package modules

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// LockName is the file that says what a module requires, at its root; a script's own is the same kind of file.
const LockName = "mini.lock"

// requirementsIn reads the modules that the mini.lock in a directory names. There need not be one. Only the lines of
// modules are looked at: which bytes the sources of somebody else's examples were is nothing to a user of the module.
func requirementsIn(dir, shown string) ([]Requirement, error) {
	text, err := os.ReadFile(filepath.Join(dir, LockName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var rs []Requirement
	number := 0
	for line := range strings.Lines(string(text)) {
		number++
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "module ") {
			continue
		}
		// The check at the line's end tells its author of edits by hand; here the module's own checksum covers it.
		if at := strings.LastIndex(line, " check="); at > 0 {
			line = line[:at]
		}
		r, err := ParseRequirement(line, number)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", shown+LockName, number, err)
		}
		rs = append(rs, r)
	}
	return rs, nil
}

// requirements is what the module itself requires.
func (t *Tree) requirements() ([]Requirement, error) {
	if _, has := t.sums[LockName]; !has {
		return nil, nil
	}
	if err := t.Check(LockName); err != nil {
		return nil, err
	}
	return requirementsIn(t.Dir, t.Version.String()+"//")
}
