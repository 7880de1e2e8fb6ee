package build

import (
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"time"
)

// planNotes are what the plans of one graph have read, in one file: a plan opens a file or two for each node, and of a graph of
// thousands nearly all are as they were the last time. What they say is never taken on trust. Which action it is follows
// from what it is made of, and which file is at a path of a tree from the tree's listing, so that holds for ever. A result
// counts while the file that it was read from is there with the stamp that it had then; else it is read.
//
// Nil ones know nothing and keep nothing.
type planNotes struct {
	results map[string]*noted // by Action.sum
	places  map[place]*placed
	news    bool // something was noted that the file doesn't have
}

// noted is an action with its result.
type noted struct {
	action  Digest
	outputs map[string]Object
	stamp   string // the sum of the stamp of the result's file
	used    bool   // by this plan
}

// place is a path in a tree, by the digest of the tree's listing.
type place struct{ listing, sub string }

// placed is what is there: a file, and where in the tree it lies when links were followed.
type placed struct {
	object Object
	sub    string
	used   bool
}

func newPlanNotes() *planNotes {
	return &planNotes{results: map[string]*noted{}, places: map[place]*placed{}}
}

// action is what is noted of an action; nil if nothing is.
func (t *planNotes) action(a *Action) *noted {
	if t == nil || t.results[a.sum] == nil {
		return nil
	}
	known := t.results[a.sum]
	known.used = true
	return known
}

// noteResult keeps an action's result, which was just read from the store.
func (t *planNotes) noteResult(s *Store, a *Action, res *Result) {
	if t == nil {
		return
	}
	if st, err := stampFile(s.path(results, a.Digest.Hash)); err == nil {
		t.results[a.sum] = &noted{action: a.Digest, outputs: res.Outputs, stamp: string(st.sum[:]), used: true}
		t.news = true
	}
}

// file is what is at a place; nil if that is not noted.
func (t *planNotes) file(at place) *placed {
	if t == nil || t.places[at] == nil {
		return nil
	}
	known := t.places[at]
	known.used = true
	return known
}

func (t *planNotes) noteFile(at place, object Object, sub string) {
	if t != nil {
		t.places[at] = &placed{object, sub, true}
		t.news = true
	}
}

// hasResult reports whether a result is there and its file as it was when it had that stamp. When its use would have to be noted
// it says no: who reads it does that.
func (s *Store) hasResult(action Digest, stamp string) bool {
	now, used, err := stampUsed(s.path(results, action.Hash))
	return err == nil && string(now.sum[:]) == stamp && (s.closed != nil || used.After(time.Now().Add(-s.grain)))
}

// largeGraph is the size of a graph, in nodes, from which on its plans are noted: smaller ones are planned in milliseconds.
const largeGraph = 500

// notesPath is where the notes of a graph lie. The nodes' IDs tell graphs apart, so that those of a script with other
// versions or parameters share a file, as they share nodes.
func (s *Store) notesPath(g *Graph) string {
	h := sha256.New()
	for _, n := range g.Nodes {
		h.Write([]byte(g.ID(n) + "\n"))
	}
	return filepath.Join(s.dir, "plans", hex.EncodeToString(h.Sum(nil)))
}

const notesMagic = "mini notes 1"

// readNotes reads the notes of a graph. Where there are none, or they are damaged, they are empty.
func (s *Store) readNotes(g *Graph) *planNotes {
	path := s.notesPath(g)
	b, _, err := s.disk.ReadFile(path)
	if err == nil {
		if body, whole := unsealed(notesMagic, filepath.Base(path), b); whole {
			if t, ok := decodeNotes(string(body)); ok {
				return t
			}
		}
	}
	return newPlanNotes()
}

// writeNotes keeps the notes of a graph, if there is anything new. They are a memory: where they can't be kept, the next plan
// reads what it needs.
func (s *Store) writeNotes(g *Graph, t *planNotes) {
	if t == nil || !t.news {
		return
	}
	t.forget()
	path := s.notesPath(g)
	temp, err := s.temp("notes")
	if err == nil {
		err = mkdirs(s.disk, filepath.Dir(path))
	}
	if err != nil {
		return
	}
	if err = s.fill(temp, sealed(notesMagic, filepath.Base(path), t.encode())); err == nil {
		err = s.disk.Rename(temp, path)
	}
	if err != nil {
		_ = s.disk.Remove(temp)
	}
}

// forget drops what this plan did not use, once that is more than what it did: two variants of a script, planned in turns, keep theirs.
func (t *planNotes) forget() {
	used := 0
	for _, n := range t.results {
		if n.used {
			used++
		}
	}
	if len(t.results) <= 2*used {
		return
	}
	for sum, n := range t.results {
		if !n.used {
			delete(t.results, sum)
		}
	}
	for at, p := range t.places {
		if !p.used {
			delete(t.places, at)
		}
	}
}
