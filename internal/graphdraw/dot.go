package graphdraw

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// DOT writes the graph as Graphviz reads it (https://graphviz.org/doc/info/lang.html).
func (g *Graph) DOT(w io.Writer) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "digraph %s {\n\trankdir=LR;\n\tnode [shape=box, style=rounded, fontname=\"sans-serif\", fontsize=11];\n", dotText(g.Name))
	for _, n := range g.Nodes {
		label := strings.Replace(n.Title, ": ", ":\n", 1)
		if len(n.Names) > 0 {
			label += "\n" + strings.Join(n.Names, ", ")
		}
		fmt.Fprintf(b, "\t%s [label=%s, tooltip=%s", dotText(n.ID), dotText(label), dotText(joined(n.ID, " ", n.Place)))
		if n.Link != "" {
			fmt.Fprintf(b, ", URL=%s", dotText(n.Link))
		}
		if len(n.Names) > 0 {
			fmt.Fprint(b, ", penwidth=2")
		}
		fmt.Fprintln(b, "];")
	}
	for _, e := range g.edges() {
		style := ""
		if e.Weak {
			style = " [style=dashed]"
		}
		fmt.Fprintf(b, "\t%s -> %s%s;\n", dotText(g.Nodes[e.From].ID), dotText(g.Nodes[e.To].ID), style)
	}
	fmt.Fprintln(b, "}")
	return b.Flush()
}

// dotText is a quoted string. A quote is all that DOT itself escapes, but labels read backslashes once more, and a NUL
// ends Graphviz's strings.
func dotText(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\x00", "").Replace(strings.ToValidUTF8(s, "\uFFFD")) + `"`
}
