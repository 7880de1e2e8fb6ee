package graphdraw

import (
	"bufio"
	_ "embed"
	"fmt"
	"html"
	"io"
	"strings"
	"unicode/utf8"
)

//go:embed style.css
var style string

// Style is the picture's look, for a page that has several of them.
func Style() string { return style }

// SVG writes the graph as a picture that needs nothing else: what is needed stands on the left of what needs it, and an edge
// that a way over other nodes stands for is left out. It is
// dark where the reader's screen is.
func (g *Graph) SVG(w io.Writer) error {
	return g.svg(w, "<style>"+style+"</style>")
}

// Inline writes the same for a page that has Style already.
func (g *Graph) Inline(w io.Writer) error { return g.svg(w, "") }

func (g *Graph) svg(w io.Writer, style string) error {
	l := g.layout()
	texts := make([]label, len(g.Nodes))
	for _, p := range l.all() {
		p.height = bendSize
		if p.node >= 0 {
			texts[p.node] = g.Nodes[p.node].label()
			p.width, p.height = texts[p.node].size()
		}
	}
	width, height := l.place()
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, `<svg xmlns="http://www.w3.org/2000/svg" class="graph" width="%.0f" height="%.0f" viewBox="0 0 %.0f %.0f" role="group" aria-label="%s">`+"\n",
		width, height, width, height, escape("what "+g.Name+" is made of, from left to right"))
	fmt.Fprintf(b, "%s<rect class=\"back\" width=\"100%%\" height=\"100%%\"/>\n", style)
	for i, chain := range l.chains {
		class := "edge"
		if l.edges[i].Weak {
			class += " weak"
		}
		fmt.Fprintf(b, "<path class=\"%s\" d=\"%s\"/><path class=\"head\" d=\"%s\"/>\n", class, curve(chain), head(chain[len(chain)-1]))
	}
	for i, n := range g.Nodes {
		n.write(b, l.nodes[i], texts[i])
	}
	fmt.Fprintln(b, "</svg>")
	return b.Flush()
}

// curve is a path through a chain: straight through columns and bent between them.
func curve(chain []*point) string {
	var d strings.Builder
	fmt.Fprintf(&d, "M%.1f %.1f", chain[0].x+chain[0].width, chain[0].y)
	for i, q := range chain[1:] {
		p := chain[i]
		from, to := p.x+p.width, q.x
		if i == len(chain)-2 {
			to -= arrow
		}
		middle := (from + to) / 2
		fmt.Fprintf(&d, "C%.1f %.1f %.1f %.1f %.1f %.1f", middle, p.y, middle, q.y, to, q.y)
		if i < len(chain)-2 {
			fmt.Fprintf(&d, "H%.1f", q.x+q.width)
		}
	}
	return d.String()
}

const arrow = 6

func head(p *point) string {
	return fmt.Sprintf("M%.1f %.1fl-%d -3.5v7z", p.x, p.y, arrow)
}

// label is what stands in a box.
type label struct {
	of    []string // "linux 6.1.192 x86_64"
	what  []string // "compile"
	names []string
}

func (n Node) label() label {
	of, what, ok := strings.Cut(n.Title, ": ")
	if !ok {
		of, what = "", n.Title
	}
	var l label
	if of != "" {
		l.of = wrap(of, maxWidth)
	}
	l.what = wrap(what, maxWidth)
	if len(n.Names) > 0 {
		l.names = wrap(strings.Join(n.Names, ", "), maxWidth)
	}
	return l
}

func (l label) lines() []string {
	return append(append(append([]string{}, l.of...), l.what...), l.names...)
}

func (l label) size() (width, height float64) {
	for _, line := range l.lines() {
		width = max(width, textWidth(line))
	}
	return min(max(width+2*padding, minWidth), maxWidth+2*padding), float64(len(l.lines())*lineStep + 2*padding - 3)
}

func textWidth(s string) float64 { return float64(utf8.RuneCountInString(s)) * charWidth }

// wrap breaks a text between its words into at most three lines. A word that is too long alone ends in a dot-dot-dot: the
// whole is in the box's title.
func wrap(s string, width float64) []string {
	var lines []string
	for _, word := range strings.Fields(s) {
		if n := len(lines); n > 0 && textWidth(lines[n-1]+" "+word) <= width {
			lines[n-1] += " " + word
		} else {
			lines = append(lines, word)
		}
	}
	const most = 3
	if len(lines) > most {
		lines[most-1] += " " + lines[most]
		lines = lines[:most]
	}
	for i, line := range lines {
		if fits := int(width / charWidth); utf8.RuneCountInString(line) > fits {
			lines[i] = string([]rune(line)[:fits-1]) + "…"
		}
	}
	return lines
}

func (n Node) write(b *bufio.Writer, p *point, l label) {
	class := "node " + string(n.Kind)
	if len(n.Names) > 0 {
		class += " named"
	}
	element, end := "<g", "</g>"
	if n.Link != "" {
		element, end = fmt.Sprintf(`<a href="%s"`, escape(n.Link)), "</a>"
	}
	top := p.y - p.height/2
	fmt.Fprintf(b, "%s class=\"%s\"><title>%s</title><rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"5\"/>",
		element, class, escape(joined(n.ID+": "+n.Title, " — ", n.Place)), p.x, top, p.width, p.height)
	y := top + padding + 8
	for _, part := range []struct {
		class string
		lines []string
	}{{"of", l.of}, {"what", l.what}, {"names", l.names}} {
		for _, line := range part.lines {
			fmt.Fprintf(b, `<text class="%s" x="%.1f" y="%.1f">%s</text>`, part.class, p.x+padding, y, escape(line))
			y += lineStep
		}
	}
	fmt.Fprintln(b, end)
}

// escape makes a text safe in XML, whose parsers refuse control characters whatever is done to them.
func escape(s string) string {
	return html.EscapeString(strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' || r == 0xFFFE || r == 0xFFFF {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD")))
}
