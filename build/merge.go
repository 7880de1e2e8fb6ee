package build

import (
	"encoding/json"
	"fmt"
	"slices"
)

// Merge joins graphs that were described apart, such as those of a script under several sets of parameters: what would
// be made in the same way is one node of the result, and is made once. The nodes that the sets lead to are not changed;
// [Graph.Node] tells which node stands for one of them.
func Merge(sets ...[]*Node) *Graph {
	m := &merger{
		of:    map[*Node]*Node{},
		byKey: map[string]*Node{},
		ids:   map[*Node]int{},
	}
	var roots []*Node
	all := NewGraph(slices.Concat(sets...))
	for _, n := range all.Nodes { // each after those it depends on
		m.add(n, all.after(n))
	}
	for _, n := range slices.Concat(sets...) {
		roots = append(roots, m.of[n])
	}
	g := NewGraph(roots)
	g.of = m.of
	return g
}

// merger sorts nodes by what they describe.
type merger struct {
	of    map[*Node]*Node
	byKey map[string]*Node
	ids   map[*Node]int // of merged nodes, to name them in the keys of others
}

func (m *merger) add(n *Node, waits []*Node) {
	key := m.key(n)
	one, seen := m.byKey[key]
	if !seen {
		one = m.copy(n)
		m.byKey[key] = one
		m.ids[one] = len(m.ids)
	}
	m.of[n] = one
	after := m.all(waits)
	if !seen {
		one.After = after
	} else if !slices.Equal(one.After, after) && !slices.ContainsFunc(one.OrAfter, func(l []*Node) bool { return slices.Equal(l, after) }) {
		one.OrAfter = append(one.OrAfter, after)
	}
}

// key is all of a node that matters to what is made. It is the whole node less what is for people and less what only
// orders the work, so that a field that is new to Node keeps nodes apart until somebody decides otherwise.
func (m *merger) key(n *Node) string {
	bare := *n
	bare.Title, bare.Pos, bare.Origins, bare.Quirks, bare.Causes, bare.After, bare.OrAfter, bare.Before = "", "", nil, nil, nil, nil, nil, nil
	bare.Inputs = slices.Clone(n.Inputs)
	from := make([]string, len(n.Inputs))
	for i, in := range n.Inputs {
		if in.From != nil {
			from[i] = fmt.Sprintf("%d %q %q", m.ids[m.of[in.From.Node]], in.From.Output, in.From.Sub)
		}
		bare.Inputs[i].From, bare.Inputs[i].Label = nil, ""
	}
	text, err := json.Marshal(struct {
		Node Node
		From []string
	}{bare, from})
	if err != nil { // strings, numbers and lists of them: there is nothing that could fail
		panic(fmt.Sprintf("build: describe %s: %v", n.Title, err))
	}
	return string(text)
}

// copy makes the node that stands for n: the same, but for reading from nodes that stand for others.
func (m *merger) copy(n *Node) *Node {
	one := *n
	one.Before = nil // add has made it the After of those
	one.Inputs = slices.Clone(n.Inputs)
	for i, in := range n.Inputs {
		if in.From != nil {
			a := *in.From
			a.Node = m.of[a.Node]
			one.Inputs[i].From = &a
		}
	}
	return &one
}

func (m *merger) all(nodes []*Node) []*Node {
	var all []*Node
	for _, n := range nodes {
		all = append(all, m.of[n])
	}
	return all
}
