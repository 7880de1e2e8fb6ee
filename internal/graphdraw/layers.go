package graphdraw

import (
	"cmp"
	"slices"
)

// The picture is laid out in the way of Sugiyama, Tagawa and Toda (Methods for visual understanding of hierarchical system
// structures, 1981): each node gets a layer, an edge over several layers a point in each, the layers are ordered so that few
// edges cross, and then all get their places.

// point is a node of the picture, or a bend of an edge.
type point struct {
	node   int // in Graph.Nodes; -1 for a bend
	layer  int
	left   []*point // that it is joined with in the layer before
	right  []*point
	order  int // from above, in its layer
	x, y   float64
	width  float64
	height float64
	mean   float64 // of its neighbours' orders
}

// layout is the points of a graph by layers.
type layout struct {
	layers [][]*point
	nodes  []*point   // by their index in Graph.Nodes
	chains [][]*point // of each edge, its ends included
	edges  []Edge
}

func (g *Graph) layout() *layout {
	l := &layout{edges: reduced(len(g.Nodes), g.edges())}
	depth := depths(len(g.Nodes), l.edges)
	for i := range g.Nodes {
		l.nodes = append(l.nodes, l.add(i, depth[i]))
	}
	for _, e := range l.edges {
		from, to := l.nodes[e.From], l.nodes[e.To]
		chain := []*point{from}
		for layer := from.layer + 1; layer < to.layer; layer++ {
			chain = append(chain, l.add(-1, layer))
		}
		chain = append(chain, to)
		for i, p := range chain[1:] {
			p.left = append(p.left, chain[i])
			chain[i].right = append(chain[i].right, p)
		}
		l.chains = append(l.chains, chain)
	}
	l.uncross()
	return l
}

func (l *layout) add(node, layer int) *point {
	for len(l.layers) <= layer {
		l.layers = append(l.layers, nil)
	}
	p := &point{node: node, layer: layer, order: len(l.layers[layer])}
	l.layers[layer] = append(l.layers[layer], p)
	return p
}

// depths puts every node behind those that it needs, and then as near as that allows to the first that needs it: a source
// stands before its program and not at the edge of the picture.
func depths(nodes int, edges []Edge) []int {
	depth := make([]int, nodes)
	for _, e := range edges { // by their To
		depth[e.To] = max(depth[e.To], depth[e.From]+1)
	}
	needed := make([][]int, nodes)
	for _, e := range edges {
		needed[e.From] = append(needed[e.From], e.To)
	}
	for i := nodes - 1; i >= 0; i-- { // those that need it stand behind it, and have their places
		first := depth[i] + 1
		for j, by := range needed[i] {
			if j == 0 || depth[by] < first {
				first = depth[by]
			}
		}
		depth[i] = first - 1
	}
	return depth
}

// sweeps is how often the layers are gone through. More change little, by what people have measured.
const sweeps = 12

// uncross orders the layers by the mean of their neighbours, back and forth, and keeps the best of what came out.
func (l *layout) uncross() {
	best, least := l.orders(), l.crossings()
	for i := 0; i < sweeps && least > 0; i++ {
		if i%2 == 0 {
			for _, layer := range l.layers {
				arrange(layer, func(p *point) []*point { return p.left })
			}
		} else {
			for j := len(l.layers) - 1; j >= 0; j-- {
				arrange(l.layers[j], func(p *point) []*point { return p.right })
			}
		}
		if n := l.crossings(); n < least {
			best, least = l.orders(), n
		}
	}
	for i, layer := range l.layers {
		copy(layer, best[i])
		number(layer)
	}
}

func (l *layout) orders() [][]*point {
	var all [][]*point
	for _, layer := range l.layers {
		all = append(all, slices.Clone(layer))
	}
	return all
}

func arrange(layer []*point, neighbours func(*point) []*point) {
	for _, p := range layer {
		p.mean = float64(p.order)
		if near := neighbours(p); len(near) > 0 {
			sum := 0
			for _, q := range near {
				sum += q.order
			}
			p.mean = float64(sum) / float64(len(near))
		}
	}
	slices.SortStableFunc(layer, func(a, b *point) int { return cmp.Compare(a.mean, b.mean) })
	number(layer)
}

func number(layer []*point) {
	for i, p := range layer {
		p.order = i
	}
}

// crossings counts the pairs of edges that cross, as inversions with a Fenwick tree (Barth, Mutzel and Jünger, Simple and
// efficient bilayer cross counting, 2004).
func (l *layout) crossings() int {
	n := 0
	for _, layer := range l.layers {
		var ends []int
		for _, p := range layer {
			from := len(ends)
			for _, q := range p.right {
				ends = append(ends, q.order)
			}
			slices.Sort(ends[from:])
		}
		n += inversions(ends)
	}
	return n
}

func inversions(list []int) int {
	if len(list) == 0 {
		return 0
	}
	tree := make([]int, slices.Max(list)+2)
	n := 0
	for i, v := range list {
		notAbove := 0
		for j := v + 1; j > 0; j -= j & -j {
			notAbove += tree[j]
		}
		n += i - notAbove
		for j := v + 1; j < len(tree); j += j & -j {
			tree[j]++
		}
	}
	return n
}
