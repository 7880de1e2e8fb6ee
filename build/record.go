package build

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
)

// A Record is what one build of a target was made of, so that a later run can tell what has changed since. It names
// actions only; what their keys were made of lies in the content table.
type Record struct {
	Script string            `json:"script"` // its absolute path
	Target string            `json:"target"`
	Params map[string]string `json:"params,omitempty"`
	Nodes  []Recorded        `json:"nodes"`
}

// Recorded is one node of a Record: its action, or which bytes were brought.
type Recorded struct {
	ID     string         `json:"id"`
	Action string         `json:"action,omitempty"` // as Digest.String has it
	Fetch  *RecordedFetch `json:"fetch,omitempty"`
}

// RecordedFetch says which bytes a source was.
type RecordedFetch struct {
	File    string `json:"file"`
	SHA256  string `json:"sha256"`
	Name    string `json:"name,omitempty"`
	Version string `json:"version,omitempty"`
	From    string `json:"from,omitempty"`
}

// node finds a node by its ID.
func (r *Record) node(id string) *Recorded {
	if r == nil {
		return nil
	}
	for i := range r.Nodes {
		if r.Nodes[i].ID == id {
			return &r.Nodes[i]
		}
	}
	return nil
}

// recordPath is where the last build of a target is remembered: a name as long as any script's path is short enough.
func (s *Store) recordPath(script, target string) string {
	sum := sha256.Sum256([]byte(script + "\x00" + target))
	return filepath.Join(s.dir, "last", hex.EncodeToString(sum[:])+".json")
}

// LastBuild reads what is remembered of a target; nil when nothing is. A damaged record counts as none: it is only a
// memory.
func (s *Store) LastBuild(script, target string) (*Record, error) {
	b, err := os.ReadFile(s.recordPath(script, target))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	r := &Record{}
	if json.Unmarshal(b, r) != nil || r.Script != script || r.Target != target {
		return nil, nil
	}
	return r, nil
}

// Remember keeps what a target was made of, after a build of it that ended well; roots are the target's nodes. When
// nothing changed since the last time, nothing is written, so that a build with nothing to do stays quick.
func (r *Run) Remember(ctx context.Context, script, target string, params map[string]string, roots []*Node) error {
	last, err := r.Store.LastBuild(script, target)
	if err != nil {
		return err
	}
	now := &Record{Script: script, Target: target, Params: params}
	var actions []*Action
	graph := NewGraph(roots) // of this target alone: its IDs don't depend on what else was built
	for _, n := range graph.Nodes {
		rec := Recorded{ID: graph.ID(n)}
		if f := n.Fetch; f != nil {
			rec.Fetch = &RecordedFetch{f.File, f.SHA256, f.Name, f.Version, f.From}
		} else if res := r.found(r.graph.Node(n)); res != nil {
			rec.Action = res.Action.Digest.String()
			actions = append(actions, res.Action)
		} else if old := last.node(rec.ID); old != nil {
			rec = *old // nobody asked now: it only had to be done before something that was a hit
		} else {
			continue
		}
		now.Nodes = append(now.Nodes, rec)
	}
	if last != nil && same(last, now) {
		return nil
	}
	for _, a := range actions { // a hit may have been made by somebody who kept nothing but the result
		if err := r.keep(ctx, a); err != nil {
			return err
		}
	}
	return r.Store.writeRecord(now)
}

func same(a, b *Record) bool {
	return reflect.DeepEqual(a.Nodes, b.Nodes) && len(a.Params) == len(b.Params) &&
		(len(a.Params) == 0 || reflect.DeepEqual(a.Params, b.Params))
}

// found is a node's result if this run knows it.
func (r *Run) found(n *Node) *Result {
	for _, res := range r.soFar(n) {
		if res != nil && res.Action != nil {
			return res
		}
	}
	return nil
}

// keep stores what an action's key is made of: its messages, and the texts among its inputs.
func (r *Run) keep(ctx context.Context, a *Action) error {
	for d, b := range a.messages() {
		if err := r.Cache.PutBytes(ctx, d, b); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) writeRecord(r *Record) error {
	b, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	path := s.recordPath(r.Script, r.Target)
	return s.write(path, append(b, '\n'))
}
