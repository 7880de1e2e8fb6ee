package build

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
)

// root says what of the cache the files of an output directory need. It counts while the directory and the script's
// mini.lock are there.
type root struct {
	Dir    string   `json:"dir"`
	Script string   `json:"script"`
	Lock   string   `json:"lock"`
	Needs  []string `json:"needs"` // as table/hash
}

const rootMagic = "mini root 1"

// KeepFor records that the directory out holds artifacts of the script, with sources pinned in lock (all absolute paths), so that
// gc keeps what they need: the artifacts themselves and the sources, which may not be had again, and the results and
// listings by which the next build sees that there is nothing to do. What lies between can be made again.
func (r *Run) KeepFor(out, script, lock string, artifacts []*Artifact) error {
	needs := map[string]bool{}
	need := func(t table, hash string) { needs[string(t)+"/"+hash] = true }
	exported := map[*Node]bool{}
	for _, a := range artifacts {
		exported[a.Node] = true
	}
	for n, res := range r.results() {
		if res.Action != nil {
			need(results, res.Action.Digest.Hash)
			for d := range res.Action.blobs {
				need(contents, d.Hash)
			}
		}
		for name, o := range res.Outputs {
			if name == n.HostFiles { // without it the result doesn't count
				need(contents, o.Digest.Hash)
			}
			if o.IsTree {
				need(contents, o.Tree.Hash)
			}
			if exported[n] || n.Fetch != nil {
				if o.IsTree {
					need(trees, o.Digest.Hash)
				} else {
					need(contents, o.Digest.Hash)
				}
			}
		}
	}
	of := root{Dir: out, Script: script, Lock: lock}
	for n := range needs {
		of.Needs = append(of.Needs, n)
	}
	sort.Strings(of.Needs)
	return r.Store.putRoot(of)
}

// results are all that this run knows.
func (r *Run) results() map[*Node]*Result {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := map[*Node]*Result{}
	for _, futures := range []map[*Node]*future{r.known, r.there} {
		for n, fut := range futures {
			select {
			case <-fut.done:
				if fut.err == nil {
					all[n] = fut.result
				}
			default:
			}
		}
	}
	return all
}

// putRoot writes a root, unless it is there already: an export of what did not change is quick.
func (s *Store) putRoot(of root) error {
	b, err := json.MarshalIndent(of, "", "  ")
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(of.Dir + "\x00" + of.Script))
	name := hex.EncodeToString(sum[:])
	path := filepath.Join(s.dir, "roots", name)
	text := sealed(rootMagic, name, append(b, '\n'))
	if old, _, err := s.disk.ReadFile(path); err == nil && bytes.Equal(old, text) {
		return nil
	}
	return s.write(path, text)
}

// needed is what gc must keep, as table/hash, and the directories it is for. A record that can't be read is an error: what it
// kept is not known.
func (s *Store) needed() (needs map[ref]bool, dirs []string, err error) {
	names, err := readDirNames(filepath.Join(s.dir, "roots"))
	if err != nil {
		return nil, nil, err
	}
	needs = map[ref]bool{}
	for _, name := range names {
		path := filepath.Join(s.dir, "roots", name)
		of, err := s.readRoot(path, name)
		if err != nil {
			return nil, nil, fmt.Errorf("%s, which says what an output directory needs, is damaged (%w); remove it, and build with -o again what should be kept", path, err)
		}
		if !isThere(of.Dir) || !isThere(of.Lock) {
			continue
		}
		dirs = append(dirs, of.Dir)
		for _, n := range of.Needs {
			needs[ref{table(filepath.Dir(n)), filepath.Base(n)}] = true
		}
	}
	sort.Strings(dirs)
	return needs, dirs, nil
}

func (s *Store) readRoot(path, name string) (of root, err error) {
	b, _, err := s.disk.ReadFile(path)
	if err != nil {
		return of, err
	}
	body, ok := unsealed(rootMagic, name, b)
	if !ok {
		return of, errors.New("its checksum is wrong")
	}
	return of, json.Unmarshal(body, &of)
}

// isThere reports whether a path leads somewhere. What can't be looked at counts as being there.
func isThere(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}
