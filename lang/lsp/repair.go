package lsp

import (
	"errors"
	"slices"
	"strings"

	"mini/lang"
)

// repairs is how many broken places a script may have and still be read around them.
const repairs = 4

// readAround reads a script that is being typed: what can't be parsed is left out, without moving the rest. It returns
// nil if that doesn't help.
func readAround(name string, lines []string, opts lang.Options) *lang.File {
	lines = slices.Clone(lines)
	for range repairs {
		file, err := lang.Check(name, []byte(strings.Join(lines, "\n")), opts)
		if file != nil {
			return file
		}
		var e *lang.Error
		if !errors.As(err, &e) || e.Pos.Line < 1 || e.Pos.Line > len(lines) {
			return nil
		}
		// The line with the error, or the one before, whose end was missed, is where people type: the rest of the
		// function around it should stay.
		wrong := e.Pos.Line - 1
		for _, from := range []int{wrong, above(lines, wrong)} {
			if file, _ := lang.Check(name, []byte(strings.Join(without(lines, from, wrong+1), "\n")), opts); file != nil {
				return file
			}
		}
		start := wrong
		for start > 0 && !begins(lines[start]) {
			start--
		}
		end := wrong + 1
		for end < len(lines) && !begins(lines[end]) {
			end++
		}
		lines = without(lines, start, end)
	}
	return nil
}

// begins reports whether a line begins a statement of the top level.
func begins(line string) bool { return line != "" && !strings.ContainsAny(line[:1], " \t)]}#") }

// above is the nearest line above n that isn't empty, n if there is none.
func above(lines []string, n int) int {
	for i := n - 1; i >= 0; i-- {
		if strings.TrimSpace(lines[i]) != "" {
			return i
		}
	}
	return n
}

// without takes the lines from one up to another out: a pass stands for all of them.
func without(lines []string, from, to int) []string {
	out := slices.Clone(lines)
	for i := from; i < to; i++ {
		out[i] = ""
	}
	indent := len(lines[from]) - len(strings.TrimLeft(lines[from], " \t"))
	out[from] = lines[from][:indent] + "pass"
	return out
}
