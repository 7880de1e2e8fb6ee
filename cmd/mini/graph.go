package main

import (
	"context"
	"encoding/json"
	"strings"

	"mini/build"
	"mini/internal/graphdraw"

	"github.com/spf13/pflag"
)

const graphHelp = `Shows every step that the targets need, and what each of them needs: as a tree below each target, in which what several need
is unfolded where it comes first and is "(above)" from then on. A step "after" which another one is done is only waited for.

--svg prints a picture for a browser instead, --dot a program for Graphviz (mini graph --dot SCRIPT | dot -Tpdf -o graph.pdf),
and --json all there is to know of the steps, their inputs, tools and commands, for programs: each step stands behind those
that it depends on.

Of a matrix it is one graph, in which what its systems share is one step. Nothing is built, no program of this machine is
looked at, and nothing is asked of the network. The same script gives the same bytes.`

func (a *app) graphCommand(f *pflag.FlagSet) func(context.Context, []string) error {
	c := &selection{}
	c.selectFlags(f)
	c.cacheFlags(f)
	dot := f.Bool("dot", false, "print a program for Graphviz")
	svg := f.Bool("svg", false, "print a picture")
	data := f.Bool("json", false, "print all there is to know of the steps, for programs")
	return func(ctx context.Context, args []string) error {
		if *dot && *svg || *data && (*dot || *svg) {
			return usagef("graph: --dot, --svg and --json are three forms; ask for one")
		}
		rows, err := a.rows(ctx, c, args)
		if err != nil {
			return err
		}
		var sets [][]*build.Node
		for _, r := range whole(rows) {
			sets = append(sets, roots(r.targets))
		}
		graph := build.Merge(sets...)
		if len(sets) == 1 {
			graph = build.NewGraph(sets[0])
		}
		switch {
		case *data:
			err = a.encode(graph)
		case *dot:
			err = drawing(graph, rows).DOT(a.stdout)
		case *svg:
			err = drawing(graph, rows).SVG(a.stdout)
		default:
			err = drawing(graph, rows).Tree(a.stdout, !a.utf8())
		}
		if err != nil {
			return err
		}
		return a.failures(c, rows, nil)
	}
}

// encode prints a value for programs.
func (a *app) encode(value any) error {
	out := json.NewEncoder(a.stdout)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(value)
}

// drawing is a graph for people's eyes.
func drawing(graph *build.Graph, rows []*row) *graphdraw.Graph {
	g := &graphdraw.Graph{Name: rows[0].path}
	index := map[*build.Node]int{}
	for i, n := range graph.Nodes {
		index[n] = i
		g.Nodes = append(g.Nodes, graphdraw.Node{
			ID: graph.ID(n), Title: clean(n.Title), Place: n.Pos, Kind: kindOf(n), Link: linkOf(n),
		})
		for _, in := range n.Inputs {
			if in.From != nil {
				g.Edges = append(g.Edges, graphdraw.Edge{From: index[in.From.Node], To: i})
			}
		}
	}
	for i, n := range graph.Nodes { // these may lead backwards
		for _, before := range append([][]*build.Node{n.After}, n.OrAfter...) {
			for _, b := range before {
				g.Edges = append(g.Edges, graphdraw.Edge{From: index[b], To: i, Weak: true})
			}
		}
	}
	for _, r := range whole(rows) {
		for _, t := range r.targets {
			group := graphdraw.Group{Title: strings.TrimSpace(t.name + " " + r.title), Place: t.pos.String()}
			for i, n := range roots([]target{t}) {
				at := index[graph.Node(n)]
				group.Nodes = append(group.Nodes, at)
				if node := &g.Nodes[at]; i == 0 && !oneOf(group.Title, node.Names...) {
					node.Names = append(node.Names, group.Title)
				}
			}
			g.Groups = append(g.Groups, group)
		}
	}
	return g
}

func kindOf(n *build.Node) graphdraw.Kind {
	switch {
	case n.Fetch != nil:
		return graphdraw.Brought
	case n.InProcess():
		return graphdraw.Own
	}
	return graphdraw.Run
}

// linkOf is where a source comes from, if that is a page's address.
func linkOf(n *build.Node) string {
	if n.Fetch == nil {
		return ""
	}
	for _, from := range append([]string{n.Fetch.From}, n.Fetch.URLs...) {
		if strings.HasPrefix(from, "https://") || strings.HasPrefix(from, "http://") {
			return from
		}
	}
	return ""
}
