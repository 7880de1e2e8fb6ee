package term

import (
	"strings"

	"github.com/fatih/color"
)

// style is how the display looks: its colours and the few characters that are not letters.
type style struct {
	good, bad, warn, faint, accent, strong *color.Color

	spinner []string // each one column wide
	full    string   // of a bar
	empty   string
	dot     string // between two facts
	more    string // where something was cut off
}

// newStyle makes the colours say themselves whether they are on: the colour package would look at the environment and
// at the standard output, which isn't where we write.
func newStyle(colours, ascii bool) *style {
	paint := func(attributes ...color.Attribute) *color.Color {
		c := color.New(attributes...)
		if colours {
			c.EnableColor()
		} else {
			c.DisableColor()
		}
		return c
	}
	s := &style{
		good: paint(color.FgGreen), bad: paint(color.FgRed, color.Bold), warn: paint(color.FgYellow),
		faint: paint(color.Faint), accent: paint(color.FgCyan), strong: paint(color.Bold),
		spinner: []string{"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"},
		full:    "━", empty: "─", dot: "·", more: "…",
	}
	if ascii {
		s.spinner = []string{"|", "/", "-", `\`}
		s.full, s.empty, s.dot, s.more = "#", ".", "-", "~"
	}
	return s
}

// A row is a line in pieces, so that it can be measured and cut before it is coloured.
type row struct {
	pieces []piece
	wide   int // columns
}

type piece struct {
	paint *color.Color // nil for the terminal's own
	text  string
}

func (r *row) add(paint *color.Color, text string) {
	r.pieces = append(r.pieces, piece{paint, text})
	r.wide += columns(text)
}

// render returns the row in at most limit columns, and how many it took. A limit of 0 is none.
func (r *row) render(limit int, more string) (string, int) {
	var b strings.Builder
	used := 0
	for _, p := range r.pieces {
		text := p.text
		last := limit > 0 && r.wide > limit && used+columns(text) >= limit
		if last { // it reaches the edge, and the row goes beyond
			text = cut(text+"  ", limit-used, more)
		}
		if p.paint != nil && text != "" {
			b.WriteString(p.paint.Sprint(text))
		} else {
			b.WriteString(text)
		}
		used += columns(text)
		if last {
			break
		}
	}
	return b.String(), used
}
