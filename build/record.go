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
	"slices"
)

// A Record is what one build of a target was made of, so that a later run can tell what has changed since. It names
// actions only; what their keys were made of lies in the content table.
type Record struct {
	Script string            `json:"script"` // its absolute path
	Target string            `json:"target"`
	Params map[string]string `json:"params,omitempty"`
	Nodes  []Recorded        `json:"nodes"`
	// Beside names the systems of a matrix that were built in the same run, which have records of their own.
	Beside []string `json:"beside,omitempty"`
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

// systemName names a system of a matrix by its parameters, in records and as a part of a target's name.
func systemName(params map[string]string) string {
	text, _ := json.Marshal(params) // of strings, and sorted: it can't fail
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

func (s *Store) systemPath(script, target, system string) string {
	return s.recordPath(script, target+"\x00"+system)
}

// LastBuild reads what is remembered of a target; nil when nothing is. A damaged record counts as none: it is only a
// memory. If the last build was one of a matrix, and the parameters are those of one of its systems, it is that one.
func (s *Store) LastBuild(script, target string, params map[string]string) (*Record, error) {
	last, err := readRecord(s.recordPath(script, target), script, target)
	if err != nil || last == nil || !slices.Contains(last.Beside, systemName(params)) {
		return last, err
	}
	own, err := readRecord(s.systemPath(script, target, systemName(params)), script, target)
	if own == nil {
		own = last
	}
	return own, err
}

func readRecord(path, script, target string) (*Record, error) {
	b, err := os.ReadFile(path)
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
// nothing changed since the last time, nothing is written, so that a build with nothing to do stays quick. matrix is the
// parameters of all systems of the run, if there are several.
func (r *Run) Remember(ctx context.Context, script, target string, params map[string]string, roots []*Node, matrix ...map[string]string) error {
	last, err := r.Store.LastBuild(script, target, params)
	if err != nil {
		return err
	}
	now := &Record{Script: script, Target: target, Params: params}
	for _, m := range matrix {
		now.Beside = append(now.Beside, systemName(m))
	}
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
	if now.Beside != nil {
		if err := r.Store.writeRecord(r.Store.systemPath(script, target, systemName(params)), now); err != nil {
			return err
		}
	}
	return r.Store.writeRecord(r.Store.recordPath(script, target), now)
}

func same(a, b *Record) bool {
	return reflect.DeepEqual(a.Nodes, b.Nodes) && slices.Equal(a.Beside, b.Beside) && len(a.Params) == len(b.Params) &&
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

func (s *Store) writeRecord(path string, r *Record) error {
	b, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return s.write(path, append(b, '\n'))
}
