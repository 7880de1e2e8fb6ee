package treemap

import (
	"bufio"
	"cmp"
	_ "embed"
	"fmt"
	"html"
	"io"
	"path"
	"slices"
	"strings"
	"unicode/utf8"
)

// Group is things of one kind, which lie together and look alike.
type Group struct {
	Name  string
	Items []Item
}

// Item is one of them.
type Item struct {
	Name string
	Size int64
	Text string // the size, for people
}

//go:embed style.css
var style string

// Style is the look of the pictures, for the page that has them.
func Style() string { return style }

// kinds is how many looks the style has.
const kinds = 5

// Sizes of the picture, in CSS pixels.
const (
	charWidth = 6.8 // of the font that style.css names, at 12 px; a little generous
	heading   = 18
	gap       = 2
)

// SVG draws groups in a picture of a size. What the picture says is not to be had from it alone: a reader who can't see it
// needs a table.
func SVG(w io.Writer, label string, groups []Group, width, height float64) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, `<svg xmlns="http://www.w3.org/2000/svg" class="treemap" viewBox="0 0 %.0f %.0f" role="img" aria-label="%s">`+"\n",
		width, height, escape(label))
	sizes := make([]float64, len(groups))
	for i, g := range groups {
		for _, item := range g.Items {
			sizes[i] += float64(item.Size)
		}
	}
	order := make([]int, len(groups)) // the largest first, as Squarify wants it
	for i := range groups {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(sizes[j], sizes[i]) })
	var sorted []float64
	for _, at := range order {
		sorted = append(sorted, sizes[at])
	}
	for i, r := range Squarify(sorted, Rect{0, 0, width, height}) {
		draw(b, groups[order[i]], order[i]%kinds, r)
	}
	fmt.Fprintln(b, "</svg>")
	return b.Flush()
}

func draw(b *bufio.Writer, g Group, kind int, r Rect) {
	fmt.Fprintf(b, "<g class=\"kind%d\">", kind)
	inner := r
	if r.H > 3*heading && r.W > 60 {
		fmt.Fprintf(b, `<g><rect class="group" x="%.1f" y="%.1f" width="%.1f" height="%.1f"/><text class="heading" x="%.1f" y="%.1f">%s</text></g>`,
			r.X, r.Y, max(r.W-gap, 0), r.H, r.X+5, r.Y+13, escape(fit(g.Name, r.W-10)))
		inner.Y, inner.H = r.Y+heading, r.H-heading
	}
	items := slices.Clone(g.Items)
	slices.SortStableFunc(items, func(a, b Item) int { return cmp.Compare(b.Size, a.Size) })
	var sizes []float64
	for _, item := range items {
		sizes = append(sizes, float64(item.Size))
	}
	for i, r := range Squarify(sizes, inner) {
		if r.W > 0 && r.H > 0 {
			items[i].draw(b, r)
		}
	}
	fmt.Fprintln(b, "</g>")
}

func (i Item) draw(b *bufio.Writer, r Rect) {
	w, h := max(r.W-gap, 0.5), max(r.H-gap, 0.5)
	fmt.Fprintf(b, `<g><title>%s: %s</title><rect x="%.1f" y="%.1f" width="%.1f" height="%.1f"/>`, escape(i.Name), escape(i.Text), r.X, r.Y, w, h)
	if name := fit(i.Name, w-8); h >= 16 && name != "" {
		fmt.Fprintf(b, `<text x="%.1f" y="%.1f">%s</text>`, r.X+4, r.Y+13, escape(name))
		if h >= 32 && fit(i.Text, w-8) == i.Text {
			fmt.Fprintf(b, `<text class="size" x="%.1f" y="%.1f">%s</text>`, r.X+4, r.Y+28, escape(i.Text))
		}
	}
	fmt.Fprintln(b, "</g>")
}

// fit cuts a name to a width. Of a path the last name says most. A cut of which little is left says nothing.
func fit(s string, width float64) string {
	n := int(width / charWidth)
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	if n < 4 {
		return ""
	}
	if strings.HasPrefix(s, "/") {
		return fit(path.Base(s), width)
	}
	return string([]rune(s)[:n-1]) + "…"
}

func escape(s string) string { return html.EscapeString(strings.ToValidUTF8(s, "\uFFFD")) }
