package build

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"sort"
)

// Leftover is what is known of a failed action whose directory was kept.
type Leftover struct {
	Step     string `json:"step"` // the last command that began
	ExitCode int    `json:"exit_code,omitempty"`
	Ended    string `json:"ended,omitempty"` // why it was ended, if it was not for itself
	// Was is where the directory was then: where steps are not contained they have seen that path.
	Was string `json:"was"`
}

const leftoverFile = "leftover.json"

func (s *Store) keptPath(action Digest) string { return filepath.Join(s.dir, "kept", action.Hash) }

// keep moves the directory of a failed action to where a shell finds it. Of all that are there only the newest stay, and of
// one action only the last. Nothing is ever made of them: what failed, or was interrupted, is half done.
func (w *Work) keep(action Digest, limit int, failed *ActionError) error {
	s := w.store
	lock, err := s.tryLock(keptLock(action.Hash))
	if err != nil {
		return err
	}
	if lock == nil {
		return errors.New("somebody is in what the last run left")
	}
	defer lock.Close()
	left := Leftover{Step: failed.Step, ExitCode: failed.ExitCode, Was: w.Dir}
	if failed.Ended != nil {
		left.Ended = failed.Ended.Error()
	}
	text, err := json.Marshal(left)
	if err == nil {
		err = s.write(filepath.Join(w.Dir, leftoverFile), text)
	}
	if err != nil {
		return err
	}
	at := s.keptPath(action)
	if err := mkdirs(s.disk, filepath.Dir(at)); err != nil {
		return err
	}
	if err := s.disk.RemoveAll(at); err != nil {
		return err
	}
	if err := s.disk.Rename(w.Dir, at); err != nil {
		return err
	}
	s.thinKept(limit)
	return nil
}

// thinKept removes the oldest of what failed actions left. What it can't remove, because somebody is in it, stays.
func (s *Store) thinKept(limit int) {
	names, _ := readDirNames(filepath.Join(s.dir, "kept"))
	sort.Slice(names, func(i, j int) bool {
		return changed(filepath.Join(s.dir, "kept", names[i])).After(changed(filepath.Join(s.dir, "kept", names[j])))
	})
	for _, name := range names[min(limit, len(names)):] {
		s.dropKept(Digest{Hash: name})
	}
}

// dropKept removes what a failed action left, unless somebody is in it.
func (s *Store) dropKept(action Digest) {
	at := s.keptPath(action)
	if _, err := os.Lstat(at); err != nil {
		return
	}
	if lock, err := s.tryLock(keptLock(action.Hash)); lock != nil && err == nil {
		_ = s.disk.RemoveAll(at) // gc removes what stays
		_ = lock.Close()
	}
}

// keptLock is the name of the lock that who is in a kept directory has.
func keptLock(hash string) string { return "kept-" + hash }

// Left tells what an action left when it failed; nil if it didn't, or nothing is kept of it.
func (s *Store) Left(action Digest) *Leftover {
	text, err := os.ReadFile(filepath.Join(s.keptPath(action), leftoverFile))
	if err != nil {
		return nil
	}
	var left Leftover
	if json.Unmarshal(text, &left) != nil {
		return nil
	}
	return &left
}
