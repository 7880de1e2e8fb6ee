package build

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"unicode/utf8"
)

// A Reason says how a node's key differs from what it was in a target's last build. It is plain data: which words to
// use is up to who shows it.
type Reason struct {
	Node   *Node  `json:"-"`
	ID     string `json:"node"`
	Title  string `json:"title"`
	Pos    string `json:"pos,omitempty"`
	Status Status `json:"status"`

	// Differences are the node's own: of its steps, settings, tools, and of inputs that no other node makes.
	Differences []Difference `json:"differences,omitempty"`
	// Because are the nodes that it reads from and that differ themselves, or will be made before this one's key is known.
	Because []string `json:"because,omitempty"`
	// New says that the last build had no such node.
	New bool `json:"new,omitempty"`
	// Gone says that the key is the same, and what was made under it is not in the cache any more.
	Gone bool `json:"gone,omitempty"`
	// Forgotten says that the key differs, and what the last one was made of is not in the cache any more.
	Forgotten bool `json:"forgotten,omitempty"`
}

// Changed reports whether anything is to be said of the node.
func (r *Reason) Changed() bool {
	return r.Root() || len(r.Because) > 0
}

// Root reports whether the node has a reason of its own.
func (r *Reason) Root() bool {
	return len(r.Differences) > 0 || r.New || r.Gone || r.Forgotten
}

// A Difference is one part of a key. Was and Is are "" for what was not there or is not there any more.
type Difference struct {
	Kind PartKind `json:"kind"`
	Name string   `json:"name,omitempty"` // of the setting, the tool, or the input's path
	// Label is what a person calls an input whose path doesn't say it.
	Label string `json:"label,omitempty"`
	Was   string `json:"was"`
	Is    string `json:"is"`
	// Text says that Was and Is are whole texts, to be shown by their lines; otherwise those of an input are digests.
	Text bool `json:"text,omitempty"`
	// File is the host's file that an input is a copy of, From the node that makes it.
	File string `json:"file,omitempty"`
	From string `json:"from,omitempty"`
}

// PartKind is a part of a key.
type PartKind string

// The parts of a key.
const (
	PartSteps  PartKind = "steps"
	PartEnv    PartKind = "environment"
	PartOutput PartKind = "output"
	PartRecipe PartKind = "recipe"
	PartTool   PartKind = "tool"
	PartInput  PartKind = "input"
	PartMoved  PartKind = "moved input" // the same bytes at another path
	PartSource PartKind = "source"
)

// Why compares a plan with the last build of its target, node by node, each after those it depends on.
func (e *Engine) Why(ctx context.Context, plan []*Planned, last *Record) ([]*Reason, error) {
	w := &comparer{Engine: e, last: last, of: map[*Node]*Planned{}, reasons: map[*Node]*Reason{}}
	var all []*Reason
	for _, p := range plan {
		w.of[p.Node] = p
		r, err := w.compare(ctx, p)
		if err != nil {
			return nil, err
		}
		w.reasons[p.Node] = r
		all = append(all, r)
	}
	return all, nil
}

type comparer struct {
	*Engine
	last    *Record
	of      map[*Node]*Planned
	reasons map[*Node]*Reason
}

func (w *comparer) compare(ctx context.Context, p *Planned) (*Reason, error) {
	r := &Reason{Node: p.Node, ID: p.ID, Title: p.Node.Title, Pos: p.Node.Pos, Status: p.Status}
	was := w.last.node(p.ID)
	switch {
	case was == nil:
		w.compareNew(r)
		return r, nil
	case p.Node.Fetch != nil:
		w.compareFetch(r, was, p.Node.Fetch)
		return r, nil
	case p.Action != nil && p.Action.Digest.String() == was.Action:
		r.Gone = p.Status == StatusBuild
		return r, nil
	}
	is, err := w.current(ctx, p)
	if err != nil {
		return nil, err
	}
	before, err := w.remembered(ctx, was, is)
	if errors.Is(err, fs.ErrNotExist) {
		r.Forgotten = true
		return r, nil
	}
	if err != nil {
		return nil, err
	}
	r.Differences = append(r.Differences, before.differences(is)...)
	w.compareInputs(ctx, r, before, is)
	return r, nil
}

// compareNew is for a node that the last build doesn't know. It may have been left out because nobody asked for it (it
// only had to be done before something that was a hit): then it has no reason but those of what it reads.
func (w *comparer) compareNew(r *Reason) {
	if r.Status == StatusHit {
		return
	}
	for _, d := range r.Node.deps() {
		if w.reasons[d].Changed() {
			r.Because = appendNew(r.Because, w.reasons[d].ID)
		}
	}
	r.New = len(r.Because) == 0
}

func (w *comparer) compareFetch(r *Reason, was *Recorded, f *Fetch) {
	old := was.Fetch
	switch {
	case old == nil:
		r.New = r.Status != StatusHit
	case old.SHA256 != f.SHA256:
		r.Differences = []Difference{{Kind: PartSource, Name: f.Name, Was: sourceText(*old), Is: fetchText(f)}}
	default:
		r.Gone = r.Status == StatusFetch
	}
}

func fetchText(f *Fetch) string {
	if f.SHA256 == "" {
		return ""
	}
	return sourceText(RecordedFetch{f.File, f.SHA256, f.Name, f.Version, f.From})
}

// sourceText names a source for people: which file, and which bytes when the name doesn't tell.
func sourceText(f RecordedFetch) string {
	text := f.File
	if f.Version != "" {
		text = f.Name + " " + f.Version + ", " + f.File
	}
	if f.From != "" {
		text += " from " + f.From
	}
	return fmt.Sprintf("%s (sha256 %.12s…)", text, f.SHA256)
}

// current is the key that the node has now, as far as it is known.
func (w *comparer) current(ctx context.Context, p *Planned) (*keyParts, error) {
	id, err := w.Host.Identity(ctx, p.Node)
	if err != nil {
		return nil, atNode(p.Node, err)
	}
	command, salt := newCommand(p.Node)
	k := commandParts(command, salt, id.platform().message)
	for _, in := range p.Node.Inputs {
		var made *Result
		if in.From != nil {
			if made = w.of[in.From.Node].result; made == nil {
				k.inputs[in.Path] = leaf{}
				continue
			}
		}
		l, err := w.locateInput(ctx, in, made, w.find)
		if err != nil {
			return nil, atNode(p.Node, err)
		}
		k.inputs[in.Path] = leaf{l.object, true}
	}
	return k, nil
}

// compareInputs adds what differs below the action's root. What another node makes is that node's affair, as long as
// that node has something to say.
func (w *comparer) compareInputs(ctx context.Context, r *Reason, was, is *keyParts) {
	given := map[string]Input{}
	for _, in := range r.Node.Inputs {
		given[in.Path] = in
	}
	for _, p := range unionKeys(was.inputs, is.inputs) {
		old, before := was.inputs[p]
		now, after := is.inputs[p]
		in := given[p]
		if before && after && now.known && sameInput(old.object, now.object) {
			continue
		}
		if after && in.From != nil {
			maker := w.reasons[in.From.Node]
			if before && (!now.known || maker.Changed()) {
				r.Because = appendNew(r.Because, maker.ID)
				continue
			}
			if !now.known { // read for the first time, and not there yet
				r.Because = appendNew(r.Because, maker.ID)
			}
		}
		d := Difference{Kind: PartInput, Name: p, Label: in.Label, File: in.Host}
		if in.From != nil {
			d.From = w.of[in.From.Node].ID
		}
		if before {
			d.Was = describeObject(old.object)
		}
		if after && now.known {
			d.Is = describeObject(now.object)
		}
		if from := pathOf(was.inputs, now.object); after && now.known && from != "" && from != p {
			d.Kind, d.Was, d.Is = PartMoved, from, p
		} else if to := pathOf(is.inputs, old.object); !after && to != "" {
			continue // told where it went
		} else {
			w.texts(ctx, &d, in, old, before)
		}
		r.Differences = append(r.Differences, d)
	}
}

// texts puts the words themselves in the place of digests, where an input is a text of the script and what it was is
// still there.
func (w *comparer) texts(ctx context.Context, d *Difference, in Input, old leaf, before bool) {
	if in.Data == nil || !utf8.Valid(in.Data) {
		return
	}
	var was []byte
	if before {
		b, err := w.Cache.Bytes(ctx, old.object.Digest)
		if err != nil || old.object.IsTree || !utf8.Valid(b) || string(b) == string(in.Data) {
			return
		}
		was = b
	}
	d.Was, d.Is, d.Text = string(was), string(in.Data), true
}

func appendNew(list []string, s string) []string {
	for _, l := range list {
		if l == s {
			return list
		}
	}
	return append(list, s)
}
