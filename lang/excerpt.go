package lang

import (
	"strings"
	"unicode"
)

// The widest source line that is shown whole, and how much of a longer one is kept before the caret, in characters.
const (
	wholeLine  = 200
	beforeMark = 80
)

// excerpt renders a source line, indented by four, with a caret under column col (from 1). Tabs stay tabs in both
// lines, so that the caret stands right whatever the terminal's tab stops are. Other control characters are
// replaced: a script must not be able to drive the terminal through its error messages.
func excerpt(source string, col int) string {
	line := []rune(source)
	at := min(max(col-1, 0), len(line))
	if len(line) > wholeLine {
		line, at = window(line, at)
	}
	var text, mark strings.Builder
	for i, r := range line {
		if r != '\t' && unicode.IsControl(r) {
			r = unicode.ReplacementChar
		}
		text.WriteRune(r)
		if i < at {
			mark.WriteString(blank(r))
		}
	}
	out := "    " + strings.TrimRight(text.String(), " \t")
	if col > 0 {
		out += "\n    " + mark.String() + "^"
	}
	return out
}

// blank is as wide as r on a terminal, as far as that can be known without tables of East Asian width.
func blank(r rune) string {
	switch {
	case r == '\t':
		return "\t"
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return "" // combining marks and joiners take no column of their own
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul):
		return "  "
	}
	return " "
}

// window cuts a long line down to the part around at, and returns where at is in that part.
func window(line []rune, at int) ([]rune, int) {
	from := max(at-beforeMark, 0)
	to := min(from+wholeLine, len(line))
	var cut []rune
	if from > 0 {
		cut = append(cut, '…')
	}
	cut = append(cut, line[from:to]...)
	if to < len(line) {
		cut = append(cut, '…')
	}
	if from > 0 {
		return cut, at - from + 1
	}
	return cut, at
}
