package build

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"mini/internal/sandbox"
)

// Contains reports whether this host lets steps be contained in full, so that they see nothing of it that is not in their
// keys. Finding out takes a sandbox, some tens of milliseconds, so that it does is remembered until the next boot. That
// it doesn't is not: a person may be at work to allow it.
func (s *Store) Contains(ctx context.Context) bool {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return sandbox.Probe(ctx).Exact
	}
	if known, err := os.ReadFile(s.containedPath()); err == nil && string(known) == string(boot) {
		return true
	}
	if !sandbox.Probe(ctx).Exact {
		return false
	}
	_ = s.write(s.containedPath(), boot) // only a memory
	return true
}

func (s *Store) containedPath() string {
	return filepath.Join(s.ToolsDir(), fmt.Sprintf("contained-%d", os.Getuid()))
}

// kept decides whether what a step made may be kept under its key. The key of a contained step says nothing of what a less
// contained one may have seen.
func (l *Local) kept(res sandbox.Result) error {
	if res.Exact || l.Apart {
		return nil
	}
	why := "the host's own headers and libraries can't be hidden from it"
	if len(res.Off) > 0 {
		why = strings.Join(res.Off, "; ")
	}
	err := os.Remove(l.Store.containedPath())
	if errors.Is(err, os.ErrNotExist) {
		err = nil
	}
	return errors.Join(fmt.Errorf("this step was not contained although this host allows that (%s), so what it made is not kept; run mini again", why), err)
}
