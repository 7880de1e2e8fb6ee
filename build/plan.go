package build

import (
	"cmp"
	"context"
	"errors"
	"strings"
)

// Status says what a build would do with a node.
type Status string

// The states of a planned node.
const (
	StatusHit        Status = "hit"        // its result is known, and its content is here if anybody needs it
	StatusBuild      Status = "build"      // it would be made
	StatusFetch      Status = "fetch"      // it would be brought here
	StatusPending    Status = "pending"    // whether it has to be made is known when what it reads from has been made
	StatusUnresolved Status = "unresolved" // which bytes it is has to be found out first
)

// Planned is a node with what a build would do with it.
type Planned struct {
	Node   *Node
	ID     string
	Status Status
	Action *Action // nil where the key is not known yet
	Remark string  // what a result that is here has to tell, if anything
	result *Result
}

// Outputs are what the node makes, by name, as far as that is known; nil where it is not.
func (p *Planned) Outputs() map[string]Object {
	if p.result == nil {
		return nil
	}
	return p.result.Outputs
}

// Plan finds out what a build of the roots would do. It reads the store and changes nothing in it but, for a large graph, what
// the next plan of it is quicker by.
func (e *Engine) Plan(ctx context.Context, g *Graph, roots []*Node) ([]*Planned, error) {
	p := &planner{Engine: e, graph: g, of: make(map[*Node]*Planned, len(g.Nodes))}
	if cache, ok := e.Cache.(*Store); ok && cache == e.Store && len(g.Nodes) >= cmp.Or(e.notesFrom, largeGraph) {
		p.notes = e.Store.readNotes(g)
	}
	plan := make([]*Planned, 0, len(g.Nodes))
	for _, n := range g.Nodes { // each after those it depends on
		planned := &Planned{Node: n, ID: g.ID(n)}
		if err := p.look(ctx, planned); err != nil {
			return nil, err
		}
		p.of[n] = planned
		plan = append(plan, planned)
	}
	e.Store.writeNotes(g, p.notes)
	demanded := map[*Node]bool{}
	for _, n := range roots {
		demanded[n] = true
	}
	for i := len(plan) - 1; i >= 0; i-- { // each before those it depends on
		if demanded[plan[i].Node] {
			if err := p.demand(ctx, plan[i], demanded); err != nil {
				return nil, err
			}
		}
	}
	return plan, nil
}

type planner struct {
	*Engine
	graph *Graph
	of    map[*Node]*Planned
	notes *planNotes
}

// look finds out whether the node's result is known.
func (p *planner) look(ctx context.Context, planned *Planned) error {
	n := planned.Node
	if n.Fetch != nil {
		planned.Status = StatusFetch
		if n.Fetch.SHA256 == "" {
			planned.Status = StatusUnresolved
		} else if planned.result = p.fetched(n); planned.result != nil {
			planned.Status = StatusHit
		}
		return nil
	}
	planned.Status = StatusPending
	deps := make(map[*Node]*Result, len(n.Inputs))
	for _, in := range n.Inputs {
		if in.From == nil {
			continue
		}
		d := in.From.Node
		if deps[d] = p.of[d].result; deps[d] == nil {
			return nil
		}
	}
	inputs, err := p.locateAll(ctx, n, deps, p.find)
	if lost := (*LostError)(nil); errors.As(err, &lost) {
		// The listing of a tree that n reads is lost: the tree has to be made again before n's key is known.
		for d, res := range deps {
			if res.names(lost.Digest.Hash) {
				p.of[d].Status, p.of[d].result = StatusBuild, nil
			}
		}
		return nil
	}
	if err != nil {
		return err
	}
	id, err := p.Host.Identity(ctx, n)
	if err != nil {
		return atNode(n, err)
	}
	tools := id.platform()
	if planned.Action, err = describe(n, inputs, tools); err != nil {
		return err
	}
	planned.Status = StatusBuild
	if planned.result, planned.Remark, err = p.cached(ctx, n, planned.Action, tools); err != nil {
		return err
	}
	if planned.result != nil {
		planned.Status = StatusHit
		planned.Remark = p.remark(ctx, n, planned.result)
	}
	return nil
}

// find is a finder that asks the notes first.
func (p *planner) find(ctx context.Context, tree Object, a *Artifact) (file Object, sub string, err error) {
	at := place{tree.Tree.Hash, a.Sub}
	if known := p.notes.file(at); known != nil {
		return known.object, known.sub, nil
	}
	if file, sub, err = p.Engine.find(ctx, tree, a); err == nil {
		p.notes.noteFile(at, file, sub)
	}
	return file, sub, err
}

// cached gives an action its key, and is its result, as far as the notes know them.
func (p *planner) cached(ctx context.Context, n *Node, a *Action, tools *toolset) (res *Result, why string, err error) {
	known := p.notes.action(a)
	if known == nil {
		a.Digest = digestAction(a.Message, tools)
	} else {
		a.Digest = known.action
		if p.Store.hasResult(a.Digest, known.stamp) {
			return p.counting(ctx, n, &Result{Action: a, Outputs: known.outputs})
		}
	}
	found, err := p.Cache.Result(ctx, a.Digest)
	if found == nil || err != nil {
		return nil, "", err
	}
	res = newResult(a, found)
	p.notes.noteResult(p.Store, a, res)
	return p.counting(ctx, n, res)
}

// remark reads what a node's result has to tell. A content that is not here tells nothing.
func (p *planner) remark(ctx context.Context, n *Node, r *Result) string {
	if n.Remark == "" {
		return ""
	}
	text, err := p.Cache.Bytes(ctx, r.Outputs[n.Remark].Digest)
	if err != nil {
		return ""
	}
	line, _, _ := strings.Cut(string(text), "\n")
	remark, _ := strings.CutPrefix(line, remarkMark)
	if remark == line {
		return ""
	}
	return remark
}

// remarkMark begins the first line of a text that has something to tell.
const remarkMark = "# note: "

// demand looks at the content of a node that somebody needs, and passes the need on from one that has to be made.
func (p *planner) demand(ctx context.Context, planned *Planned, demanded map[*Node]bool) error {
	if planned.Status == StatusHit {
		whole, err := p.whole(ctx, planned.result)
		if err != nil || whole {
			return err
		}
		planned.Status = StatusBuild
		if planned.Node.Fetch != nil {
			planned.Status = StatusFetch
		}
	}
	for _, d := range append(planned.Node.deps(), p.graph.earlier(planned.Node)...) {
		demanded[d] = true
	}
	return nil
}

// Take tells a run what a plan of its graph found out, so that it need not be found out again.
func (r *Run) Take(plan []*Planned) {
	done := make(chan struct{})
	close(done)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.surveyed = true
	for _, p := range plan {
		if p.result != nil {
			r.known[p.Node] = &future{done: done, result: p.result}
		}
	}
}

// survey plans the graph first, unless that was done. A build asks for results from its roots down, side by side, which
// for a large graph is as many goroutines as it has nodes; a plan goes up through what is known already.
func (r *Run) survey(ctx context.Context, roots []*Node) error {
	if r.surveyed {
		return nil
	}
	plan, err := r.Plan(ctx, r.graph, roots)
	if err == nil {
		r.Take(plan)
	}
	return err
}
