// Package graphdraw shows a graph of what depends on what to people: as a tree of text, as a program of Graphviz's language
// DOT, and as a picture in SVG that it lays out itself. It knows nothing of what the nodes are.
package graphdraw

import (
	"cmp"
	"slices"
)

// Graph is what to show. Each of Nodes stands behind those that it depends on.
type Graph struct {
	Name   string // what the whole is called
	Nodes  []Node
	Edges  []Edge
	Groups []Group // what a tree begins with
}

// Node is a box of the picture.
type Node struct {
	ID    string
	Title string // "linux 6.1.192 x86_64: compile"
	Place string // where a person finds it: "distro.star:9:9"
	Link  string // where a click leads; "" for nowhere
	Kind  Kind
	Names []string // that the reader knows it by: the script's own
}

// Kind is what a node does, which its look tells.
type Kind string

// The kinds.
const (
	Brought Kind = "brought" // from outside
	Run     Kind = "run"     // by programs of the host
	Own     Kind = "own"     // what the builder does itself
)

// Edge leads from what is needed to what needs it, by their indexes in Nodes.
type Edge struct {
	From, To int
	Weak     bool // To only waits for From, and reads nothing of it
}

// Group is something that a reader asked for, and the nodes that it consists of.
type Group struct {
	Title, Place string
	Nodes        []int
}

// edges are those of the graph once each and in a settled order; of a weak and a strong one of the same ends the strong. What
// leads backwards, as only an order of the work can, is left out: it would be a circle.
func (g *Graph) edges() []Edge {
	all := slices.DeleteFunc(slices.Clone(g.Edges), func(e Edge) bool { return e.From >= e.To })
	slices.SortStableFunc(all, func(a, b Edge) int {
		return cmp.Or(cmp.Compare(a.To, b.To), cmp.Compare(a.From, b.From), compareBool(a.Weak, b.Weak))
	})
	return slices.CompactFunc(all, func(a, b Edge) bool { return a.From == b.From && a.To == b.To })
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// needs are the edges by the node that they lead to, in the order in which they were given.
func (g *Graph) needs() [][]Edge {
	needs := make([][]Edge, len(g.Nodes))
	for _, e := range g.Edges {
		at := slices.IndexFunc(needs[e.To], func(o Edge) bool { return o.From == e.From })
		if at < 0 {
			needs[e.To] = append(needs[e.To], e)
		} else if !e.Weak {
			needs[e.To][at].Weak = false
		}
	}
	return needs
}
