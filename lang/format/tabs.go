package format

import (
	"slices"
	"strings"

	"mini/lang"

	"go.starlark.net/syntax"
)

// tabStop is how far apart the interpreter takes tabs to be.
const tabStop = 8

// untabbed returns the lines of a script with blanks in place of the tabs that it is indented by, which the interpreter
// takes and the printer's parser doesn't. The inside of a string stays as it is.
func untabbed(f *lang.File) []string {
	lines := slices.Clone(f.Lines())
	inString := make([]bool, len(lines)+1)
	syntax.Walk(f.Tree, func(n syntax.Node) bool {
		if lit, ok := n.(*syntax.Literal); ok {
			start, end := lit.Span()
			for line := start.Line + 1; line <= end.Line; line++ {
				inString[line] = true
			}
		}
		return true
	})
	for i, line := range lines {
		if !inString[i+1] {
			lines[i] = expand(line)
		}
	}
	return lines
}

// expand replaces the tabs before the first letter of a line.
func expand(line string) string {
	rest := strings.TrimLeft(line, " \t")
	width := 0
	for _, c := range line[:len(line)-len(rest)] {
		if c == '\t' {
			width += tabStop - width%tabStop
		} else {
			width++
		}
	}
	return strings.Repeat(" ", width) + rest
}
