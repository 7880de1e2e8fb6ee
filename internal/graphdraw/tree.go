package graphdraw

import (
	"bufio"
	"fmt"
	"io"
)

// branches are what a tree's lines are drawn with.
type branches struct{ fork, last, bar, none, weak, dash string }

var (
	lines      = branches{"├─ ", "└─ ", "│  ", "   ", "after ", "—"}
	asciiLines = branches{"|- ", "`- ", "|  ", "   ", "after ", "-"}
)

// Tree writes a tree for each group: a node, and below it what it needs. What several need is unfolded where it comes first;
// elsewhere it is named with "(above)".
func (g *Graph) Tree(w io.Writer, ascii bool) error {
	t := &tree{g: g, needs: g.needs(), shown: make([]bool, len(g.Nodes)), w: bufio.NewWriter(w), branches: lines}
	if ascii {
		t.branches = asciiLines
	}
	for i, group := range g.Groups {
		if i > 0 {
			fmt.Fprintln(t.w)
		}
		fmt.Fprintln(t.w, joined(group.Title, "  ", group.Place))
		for j, n := range group.Nodes {
			t.node(Edge{From: n}, "", j == len(group.Nodes)-1)
		}
	}
	return t.w.Flush()
}

type tree struct {
	branches
	g     *Graph
	needs [][]Edge
	shown []bool
	w     *bufio.Writer
}

// node writes a node and what it needs; before is what stands before the lines of its level.
func (t *tree) node(e Edge, before string, last bool) {
	n := t.g.Nodes[e.From]
	branch, below := t.fork, t.bar
	if last {
		branch, below = t.last, t.none
	}
	if e.Weak {
		branch += t.weak
	}
	fmt.Fprint(t.w, before, branch, n.ID)
	if t.shown[e.From] {
		fmt.Fprintln(t.w, " (above)")
		return
	}
	t.shown[e.From] = true
	fmt.Fprintln(t.w, joined("", " "+t.dash+" ", n.Title))
	for i, need := range t.needs[e.From] {
		t.node(need, before+below, i == len(t.needs[e.From])-1)
	}
}

// joined puts two texts together, or gives the first where there is no second.
func joined(a, between, b string) string {
	if b == "" {
		return a
	}
	return a + between + b
}
