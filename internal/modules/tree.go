package modules

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"golang.org/x/mod/module"
	"golang.org/x/mod/sumdb/dirhash"
)

// Tree is a module's files, unpacked.
type Tree struct {
	Version module.Version
	Dir     string // absolute path of its root
	Sum     string // h1: of the files as they were published

	sums map[string]string // hex SHA-256 of each file, by its path with slashes

	mu      sync.Mutex
	checked map[string]error // what Check said of a file
}

// listed is the text whose hash a sum is: one line for each file, sorted by name, with the name in the form that it has
// in the module's zip (see golang.org/x/mod/sumdb/dirhash).
func listed(v module.Version, dir string) ([]byte, error) {
	prefix := v.String()
	names, err := dirhash.DirFiles(dir, prefix)
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	var list bytes.Buffer
	for _, name := range names {
		inside := strings.TrimPrefix(name, prefix+"/")
		info, err := os.Lstat(filepath.Join(dir, filepath.FromSlash(inside)))
		if err != nil {
			return nil, err
		}
		if !info.Mode().IsRegular() { // no zip has such a thing: somebody put it there
			return nil, fmt.Errorf("%s is not a plain file", inside)
		}
		sum, err := hashFile(filepath.Join(dir, filepath.FromSlash(inside)))
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&list, "%s  %s\n", sum, name)
	}
	return list.Bytes(), nil
}

func hashFile(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	_, err = io.Copy(h, f)
	return hex.EncodeToString(h.Sum(nil)), err
}

// sumOf is the h1: checksum of a list.
func sumOf(list []byte) string {
	sum := sha256.Sum256(list)
	return "h1:" + base64.StdEncoding.EncodeToString(sum[:])
}

// newTree makes a tree of a directory and the list of what its files have to be. Nothing of the directory is read.
func newTree(v module.Version, dir string, list []byte) (*Tree, error) {
	t := &Tree{Version: v, Dir: dir, Sum: sumOf(list), sums: map[string]string{}, checked: map[string]error{}}
	for line := range strings.Lines(string(list)) {
		sum, name, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		inside, prefixed := strings.CutPrefix(name, v.String()+"/")
		if !ok || !prefixed || len(sum) != 64 {
			return nil, fmt.Errorf("the list of the files of %s is damaged", v)
		}
		t.sums[inside] = sum
	}
	return t, nil
}

// Check says whether a file, or all files below a directory, are still what was published; name is relative to the
// root, with slashes.
func (t *Tree) Check(name string) error {
	name = path.Clean(name)
	t.mu.Lock()
	defer t.mu.Unlock()
	if err, known := t.checked[name]; known {
		return err
	}
	err := t.check(name)
	t.checked[name] = err
	return err
}

func (t *Tree) check(name string) error {
	host := filepath.Join(t.Dir, filepath.FromSlash(name))
	info, err := os.Lstat(host)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return t.checkFile(name)
	}
	found := 0
	err = filepath.WalkDir(host, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		inside, err := filepath.Rel(t.Dir, p)
		if err != nil {
			return err
		}
		found++
		return t.checkFile(filepath.ToSlash(inside))
	})
	if err != nil {
		return err
	}
	wanted := 0
	for file := range t.sums {
		if name == "." || strings.HasPrefix(file, name+"/") {
			wanted++
		}
	}
	if found != wanted {
		return t.changed(name, "files are missing in it")
	}
	return nil
}

func (t *Tree) checkFile(name string) error {
	want, known := t.sums[name]
	if !known {
		return t.changed(name, "it was not published with the module")
	}
	host := filepath.Join(t.Dir, filepath.FromSlash(name))
	if info, err := os.Lstat(host); err != nil || !info.Mode().IsRegular() {
		return errors.Join(t.changed(name, "it is no plain file"), err)
	}
	got, err := hashFile(host)
	if err != nil {
		return err
	}
	if got != want {
		return t.changed(name, "its sha256 is "+got+", and was "+want)
	}
	return nil
}

func (t *Tree) changed(name, how string) error {
	return errorf("remove "+t.Dir+", and it is brought again; to work on a module, take a copy with --override "+t.Version.Path+"=DIR",
		"%s//%s is not what was published: %s", t.Version, name, how)
}

// Files lists the module's files, sorted, with slashes.
func (t *Tree) Files() []string {
	names := make([]string, 0, len(t.sums))
	for name := range t.sums {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
