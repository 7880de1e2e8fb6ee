package build

import (
	"slices"
	"sync"
	"time"
)

// A Trace follows the events of one run and knows afterwards when what was done, and what the end had to wait for.
type Trace struct {
	graph *Graph
	nodes map[string]*Node // by their names in the graph
	begin time.Time

	mu    sync.Mutex
	spans []*span // in the order in which they began
	last  map[*Node]*span
	hits  []Event // and whatever else happens in a moment
}

// span is the time that a node took.
type span struct {
	node       *Node
	ready      time.Time // when all that it needs was there
	start, end time.Time // end is zero while it runs
	outcome    EventKind // Built or Failed; empty if it was ended from outside
	parts      []part    // one after the other
	usage      Usage
	log        string
	row        int // of those of its kind that run side by side, from 0
}

type part struct {
	name  string
	start time.Time
}

// maxParts bounds what is kept of one node: the shell reports each turn of a loop as a step.
const maxParts = 1000

// NewTrace begins to follow a run of g. The run's events must come to Event.
func NewTrace(g *Graph) *Trace {
	t := &Trace{graph: g, nodes: map[string]*Node{}, last: map[*Node]*span{}, begin: time.Now()}
	for _, n := range g.Nodes {
		t.nodes[g.ID(n)] = n
	}
	return t
}

// Event takes in one event.
func (t *Trace) Event(e Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := t.nodes[e.Node]
	s := t.last[n]
	switch {
	case n == nil:
	case e.Kind == Started:
		s = &span{node: n, ready: e.Time.Add(-e.Waited), start: e.Time, row: t.freeRow(n), log: e.Log}
		t.spans = append(t.spans, s)
		t.last[n] = s
	case e.Kind == Hit || e.Kind == Wait:
		t.hits = append(t.hits, e)
	case s == nil:
	case e.Kind == Step && len(s.parts) < maxParts:
		s.parts = append(s.parts, part{e.Text, e.Time})
	case e.Kind == Storing:
		s.parts = append(s.parts, part{"take the outputs into the store", e.Time})
	case e.Kind == Built || e.Kind == Failed:
		s.end, s.outcome, s.usage = e.Time, e.Kind, e.Usage
	}
}

// freeRow is the first row on which nothing of n's kind runs.
func (t *Trace) freeRow(n *Node) int {
	taken := map[int]bool{}
	for _, s := range t.spans {
		if s.end.IsZero() && (s.node.Fetch == nil) == (n.Fetch == nil) {
			taken[s.row] = true
		}
	}
	row := 0
	for taken[row] {
		row++
	}
	return row
}

// A Link is one node of a critical path.
type Link struct {
	Node    *Node
	Waited  time.Duration // between the end of the link before, or the run's beginning, and its own beginning
	Elapsed time.Duration
}

// CriticalPath returns the nodes that the end of the run had to wait for, each because it needed the one before, and how
// long the whole run took. To make any other node quicker would have changed nothing, but for the processors it kept busy.
func (t *Trace) CriticalPath() (path []Link, whole time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	spans := t.critical()
	at := t.begin
	for _, s := range spans {
		path = append(path, Link{s.node, s.start.Sub(at), s.end.Sub(s.start)})
		at = s.end
	}
	return path, at.Sub(t.begin)
}

func (t *Trace) critical() []*span {
	var list []*span
	for s := t.latest(t.spans, time.Time{}); s != nil; {
		list = append(list, s)
		s = t.latest(t.before(s.node), s.start)
	}
	slices.Reverse(list)
	return list
}

// latest is the span that ended last, of those that ended by a time, if one is given.
func (t *Trace) latest(spans []*span, by time.Time) *span {
	var last *span
	for _, s := range spans {
		if s.end.IsZero() || !by.IsZero() && s.end.After(by) {
			continue
		}
		if last == nil || s.end.After(last.end) {
			last = s
		}
	}
	return last
}

// before returns what was made of that which n needs, looking through nodes that were there already: one may have been
// known only after what it reads was made again.
func (t *Trace) before(n *Node) []*span {
	var found []*span
	seen := map[*Node]bool{}
	var look func(*Node)
	look = func(n *Node) {
		for _, d := range slices.Concat(n.deps(), t.graph.earlier(n)) {
			if seen[d] {
				continue
			}
			seen[d] = true
			if s := t.last[d]; s != nil {
				found = append(found, s)
			} else {
				look(d)
			}
		}
	}
	look(n)
	return found
}
