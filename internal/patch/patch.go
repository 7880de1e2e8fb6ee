package patch

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"

	"github.com/bluekeyes/go-gitdiff/gitdiff"
)

// Apply changes the files below dir as a patch says, and tells note what it did. The first directory of the names in a patch is
// left out, as by patch -p1: git writes a/ and b/ there, others the name of a tree.
//
// A changed file keeps its time of modification, and a new one has that of 1970: a patch of configure.ac shall not start
// autoconf behind the back of who wrote the recipe, and a second that it was applied in shall not decide what make does.
// After an error the directory is in between.
func Apply(dir *os.Root, text []byte, note func(string)) error {
	return (&patcher{dir: dir, note: note}).all(text)
}

// Mend is Apply for a change that the files may have already: a hunk is passed over where what it makes is there.
func Mend(dir *os.Root, text []byte, note func(string)) error {
	return (&patcher{dir, note, true}).all(text)
}

type patcher struct {
	dir  *os.Root
	note func(string)
	mend bool
}

func (p *patcher) all(text []byte) error {
	files, _, err := gitdiff.Parse(bytes.NewReader(text))
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return errors.New("there is no diff in it")
	}
	byGit := bytes.HasPrefix(text, []byte("diff --git ")) || bytes.Contains(text, []byte("\ndiff --git "))
	for _, f := range files {
		if !byGit { // the parser does so for git's own headers
			f.OldName, f.NewName = withoutTop(f.OldName), withoutTop(f.NewName)
		}
		if err := p.one(f); err != nil {
			return err
		}
	}
	return nil
}

func withoutTop(name string) string {
	_, rest, ok := strings.Cut(name, "/")
	if !ok {
		return name
	}
	return rest
}

func (p *patcher) one(f *gitdiff.File) error {
	name := f.OldName
	if name == "" {
		name = f.NewName
	}
	if f.IsBinary {
		return fmt.Errorf("%s: binary patches are not supported", name)
	}
	if f.IsNew {
		return p.create(f)
	}
	text, err := p.dir.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no %s to patch (the first directory of a name counts for nothing, as with patch -p1)", name)
	} else if err != nil {
		return err
	}
	info, err := p.dir.Stat(name)
	if err != nil {
		return err
	}
	changed, err := p.apply(text, f, name)
	if err != nil {
		return err
	}
	if f.IsDelete {
		if len(changed) > 0 {
			return fmt.Errorf("%s is to be removed, and has more in it than the patch knows of", name)
		}
		p.note("removed " + name)
		return p.dir.Remove(name)
	}
	if f.IsRename {
		if err := p.dir.MkdirAll(path.Dir(f.NewName), 0o755); err != nil {
			return err
		}
		if err := p.dir.Rename(name, f.NewName); err != nil {
			return err
		}
		p.note("renamed " + name + " to " + f.NewName)
	}
	mode := info.Mode().Perm()
	if f.NewMode != 0 {
		mode = f.NewMode.Perm()
	}
	p.note("patched " + f.NewName)
	return write(p.dir, f.NewName, changed, mode, info.ModTime())
}

func (p *patcher) create(f *gitdiff.File) error {
	if _, err := p.dir.Lstat(f.NewName); err == nil {
		return fmt.Errorf("%s is to be made, and is there already: is the patch a part of this source?", f.NewName)
	}
	text, err := p.apply(nil, f, f.NewName)
	if err != nil {
		return err
	}
	if err := p.dir.MkdirAll(path.Dir(f.NewName), 0o755); err != nil {
		return err
	}
	mode := os.FileMode(0o644)
	if f.NewMode != 0 {
		mode = f.NewMode.Perm()
	}
	p.note("made " + f.NewName)
	return write(p.dir, f.NewName, text, mode, time.Unix(0, 0))
}

func write(dir *os.Root, name string, text []byte, mode os.FileMode, mtime time.Time) error {
	if err := dir.WriteFile(name, text, mode); err != nil {
		return err
	}
	if err := dir.Chmod(name, mode); err != nil { // that of a file that was there stays, and a umask takes from a new one's
		return err
	}
	return dir.Chtimes(name, mtime, mtime)
}

// apply makes the new text of a file.
func (p *patcher) apply(text []byte, f *gitdiff.File, name string) ([]byte, error) {
	e := edited{lines: strings.SplitAfter(string(text), "\n")}
	if last := len(e.lines) - 1; e.lines[last] == "" {
		e.lines = e.lines[:last]
	}
	for i, h := range f.TextFragments {
		moved, err := e.hunk(h)
		if there := (thereError{}); p.mend && errors.As(err, &there) {
			p.note(fmt.Sprintf("hunk %d of %s is there already, in line %d", i+1, name, there.line))
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("hunk %d of %d of %s does not apply: %w\n    %s", i+1, len(f.TextFragments), name, err, strings.TrimSpace(h.Header()))
		}
		if moved != 0 {
			p.note(fmt.Sprintf("hunk %d of %s fits %+d lines away", i+1, name, moved))
		}
	}
	return []byte(strings.Join(e.lines, "")), nil
}
