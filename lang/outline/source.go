package outline

import (
	"strings"

	"mini/lang"

	"go.starlark.net/syntax"
)

// source is the text of a script by lines, to show parts of it.
type source struct {
	file     *lang.File
	lines    []string
	comments map[int32]int32 // by the line, the column in which a comment begins
}

func sourceOf(f *lang.File) source {
	s := source{f, f.Lines(), make(map[int32]int32)}
	syntax.Walk(f.Tree, func(n syntax.Node) bool {
		if n == nil {
			return false
		}
		if c := n.Comments(); c != nil {
			for _, list := range [][]syntax.Comment{c.Before, c.Suffix, c.After} {
				for _, one := range list {
					s.comments[one.Start.Line] = one.Start.Col
				}
			}
		}
		return true
	})
	return s
}

// of is the text of an expression on one line and without its comments, "" for nil.
func (s source) of(e syntax.Expr) string {
	if e == nil {
		return ""
	}
	start, end := e.Span()
	var parts []string
	for n := start.Line; n <= end.Line && int(n) <= len(s.lines); n++ {
		line := []rune(s.lines[n-1])
		from, to := 0, len(line)
		if n == start.Line {
			from = min(int(start.Col)-1, len(line))
		}
		if col, found := s.comments[n]; found {
			to = int(col) - 1
		}
		if n == end.Line {
			to = min(max(int(end.Col)-1, from), len(line))
		}
		from = min(from, to)
		parts = append(parts, strings.TrimSpace(string(line[from:to])))
	}
	return joined(parts)
}

// joined puts lines into one, as the layout would have it: without a blank after an opening bracket, or a comma before
// a closing one.
func joined(lines []string) string {
	out := ""
	for _, line := range lines {
		switch {
		case line == "":
		case out == "" || strings.ContainsAny(out[len(out)-1:], "([{"):
			out += line
		case strings.ContainsAny(line[:1], ")]}"):
			out = strings.TrimSuffix(out, ",") + line
		default:
			out += " " + line
		}
	}
	return out
}

// commentAbove is the comment on the lines right above a statement that begins at pos.
func (s source) commentAbove(pos syntax.Position) string {
	var lines []string
	for n := int(pos.Line) - 2; n >= 0; n-- {
		text, found := strings.CutPrefix(strings.TrimSpace(s.lines[n]), "#")
		if !found {
			break
		}
		if !strings.HasPrefix(strings.TrimSpace(text), "mini: ignore") {
			lines = append([]string{strings.TrimPrefix(text, " ")}, lines...)
		}
	}
	return strings.Join(lines, "\n")
}
