package build

import "time"

// Span is when a node was made, in a run.
type Span struct {
	Node     string        `json:"node"` // its name in the graph
	Title    string        `json:"title"`
	Start    time.Duration `json:"start_ns"` // from the run's beginning
	End      time.Duration `json:"end_ns"`
	Critical bool          `json:"critical,omitempty"` // the end of the run waited for it
}

// Spans are what was made, in the order in which it was begun. What has not ended is not among it.
func (t *Trace) Spans() []Span {
	t.mu.Lock()
	defer t.mu.Unlock()
	waited := map[*span]bool{}
	for _, s := range t.critical() {
		waited[s] = true
	}
	var list []Span
	for _, s := range t.spans {
		if !s.end.IsZero() {
			list = append(list, Span{t.graph.ID(s.node), s.node.Title, s.start.Sub(t.begin), s.end.Sub(t.begin), waited[s]})
		}
	}
	return list
}

// Took is how long the node took when it was made here the last time, as far as that is remembered; 0 when nobody knows.
func (s *Store) Took(n *Node) time.Duration { return s.history().of(n).Elapsed }
