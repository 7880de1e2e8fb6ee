package toolchain

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// Digests remembers the SHA-256 of files, and what drivers answered, from one run to the next. It is safe for concurrent use.
// What it says is always as good as reading the file: an entry counts only while stat finds the file unchanged.
type Digests struct {
	path string
	now  func() time.Time

	mu    sync.Mutex
	kept  kept
	used  map[string]bool // keys of all tables that this run asked for
	dirty bool

	dirs    []string            // where this host's loader looks, found out once
	located map[string][]string // libraries found there in this run, by name
}

// kept is what goes into the file.
type kept struct {
	Files   map[string]fileDigest `json:"files"`   // by path
	Trees   map[string]treeDigest `json:"trees"`   // by the list of directories
	Answers map[string]answers    `json:"answers"` // by driver and environment
	Needs   map[string]needs      `json:"needs"`   // by path
}

type fileDigest struct {
	stamp
	SHA256 string `json:"d"`
	Real   string `json:"r,omitempty"` // the path with links followed, if it is another
}

// maxKept is how many files are remembered beyond those of this run: tools come and go with upgrades.
const maxKept = 4096

// maxFile bounds what is read of a cache file, in bytes.
const maxFile = 64 << 20

// magic begins the file, and is changed with its form. The digest of what follows comes behind it, since a damaged
// entry would be a wrong cache key.
const magic = "mini digests 2 "

// LoadDigests reads a cache file. Where there is none, or it is damaged or of another version of mini, the cache is
// empty. With the path "" nothing is kept from run to run.
func LoadDigests(path string) *Digests {
	c := &Digests{path: path, now: time.Now, used: map[string]bool{}, located: map[string][]string{}}
	if path != "" {
		if k, ok := readKept(path); ok {
			c.kept = k
		}
	}
	if c.kept.Files == nil {
		c.kept.Files = map[string]fileDigest{}
	}
	if c.kept.Trees == nil {
		c.kept.Trees = map[string]treeDigest{}
	}
	if c.kept.Answers == nil {
		c.kept.Answers = map[string]answers{}
	}
	if c.kept.Needs == nil {
		c.kept.Needs = map[string]needs{}
	}
	return c
}

func readKept(path string) (k kept, ok bool) {
	f, err := os.Open(path)
	if err != nil {
		return k, false
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxFile))
	if err != nil {
		return k, false
	}
	head, body, _ := strings.Cut(string(b), "\n")
	if sum, found := strings.CutPrefix(head, magic); !found || sum != sumOf(body) {
		return k, false
	}
	if err := json.Unmarshal([]byte(body), &k); err != nil {
		return kept{}, false
	}
	return k, true
}

func sumOf(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// Save writes the cache file, if anything new was learned. It appears whole or not at all; of two processes that save at once, the
// later wins and the other's news are learned again.
func (c *Digests) Save() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.path == "" || !c.dirty {
		return nil
	}
	forget(c.kept.Files, c.used, maxKept)
	forget(c.kept.Trees, c.used, 64)
	forget(c.kept.Answers, c.used, 64)
	forget(c.kept.Needs, c.used, maxKept)
	body, err := json.Marshal(c.kept)
	if err != nil {
		return err
	}
	if err := writeWhole(c.path, magic+sumOf(string(body))+"\n"+string(body)); err != nil {
		return fmt.Errorf("can't keep the digests of tools: %w", err)
	}
	c.dirty = false
	return nil
}

// forget drops what this run did not ask for, once a table has grown too large.
func forget[V any](table map[string]V, used map[string]bool, limit int) {
	if len(table) <= limit {
		return
	}
	for key := range table {
		if !used[key] {
			delete(table, key)
		}
	}
}

func writeWhole(path, text string) (err error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	_, err = f.WriteString(text)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// Refresh forgets what was looked up for the length of a run, so that what is asked next is asked of the host as it is then.
func (c *Digests) Refresh() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dirs = nil
	clear(c.located)
}

// File returns the SHA-256 of a regular file, in hexadecimal. Links are followed.
func (c *Digests) File(path string) (string, error) {
	d, err := c.file(path)
	return d.SHA256, err
}

// file takes one stat call while the file, or what a link leads to, is the same.
func (c *Digests) file(path string) (fileDigest, error) {
	before, err := regular(path)
	if err != nil {
		return fileDigest{}, err
	}
	if before == nil {
		return fileDigest{}, fmt.Errorf("%s is not a regular file", path)
	}
	c.mu.Lock()
	known, ok := c.kept.Files[path]
	c.used[path] = true
	c.mu.Unlock()
	if ok && known.stamp == *before {
		return known, nil
	}
	began := c.now()
	d := fileDigest{stamp: *before}
	if d.SHA256, err = hashFile(path); err != nil {
		return fileDigest{}, err
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return fileDigest{}, err
	}
	if real != path {
		d.Real = real
	}
	after, err := regular(path)
	if err != nil {
		return fileDigest{}, err
	}
	if after != nil && *after == *before && before.settled(began) {
		c.mu.Lock()
		c.kept.Files[path] = d
		c.dirty = true
		c.mu.Unlock()
	}
	return d, nil
}

// regular returns the stamp of a regular file, or nil for anything else: to open a named pipe would wait for ever.
func regular(path string) (*stamp, error) {
	var st unix.Stat_t
	if err := unix.Stat(path, &st); err != nil {
		return nil, &os.PathError{Op: "stat", Path: path, Err: err}
	}
	if st.Mode&unix.S_IFMT != unix.S_IFREG {
		return nil, nil
	}
	s := stampStat(&st)
	return &s, nil
}

func hashFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// Tool returns a program as a component, named by the last part of path. Links are followed, as those of
// /etc/alternatives.
func (c *Digests) Tool(path string) (Component, error) {
	d, err := c.file(path)
	if err != nil {
		return Component{}, err
	}
	return Component{Name: filepath.Base(path), Path: cmp.Or(d.Real, path), SHA256: d.SHA256}, nil
}
