package term

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// maxRunes bounds a line before anything is measured: a step can be a page of shell, an error a megabyte of log.
const maxRunes = 2000

// sequence matches the escape sequences that programs colour their output with (CSI and OSC of ECMA-48). Dropping only
// the escape character would leave "[31m" to be read.
var sequence = regexp.MustCompile(`\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?`)

// clean makes one line of s that can't do anything to a terminal: no control characters, nothing that turns the
// direction of writing, no invalid bytes, no pile of accents that grows into the lines above.
func clean(s string) string {
	// A rune is at most utf8.UTFMax bytes; looking at more of a long text is wasted.
	if len(s) > maxRunes*utf8.UTFMax {
		s = s[:maxRunes*utf8.UTFMax]
	}
	s = sequence.ReplaceAllString(s, "")
	var b strings.Builder
	accents, n := 0, 0
	for _, r := range s {
		switch {
		case r == '\t', r == '\n', unicode.Is(unicode.Zs, r), unicode.Is(unicode.Zl, r), unicode.Is(unicode.Zp, r):
			r = ' '
		case r == utf8.RuneError, unicode.In(r, unicode.Cc, unicode.Cf, unicode.Cs):
			continue
		case r >= 0xfe00 && r <= 0xfe0f: // variation selectors: some terminals draw what they follow wider
			continue
		}
		if runeWidth(r) > 0 {
			accents = 0
		} else if accents++; accents > 2 {
			continue
		}
		if n++; n > maxRunes {
			break
		}
		b.WriteRune(r)
	}
	return strings.TrimSpace(b.String())
}

// cleanLines cleans each line of s and drops the empty ones at its ends.
func cleanLines(s string) []string {
	var lines []string
	for line := range strings.Lines(strings.Trim(s, "\r\n")) {
		// Indentation means something in errors: the caret below a script's line.
		indent := line[:len(line)-len(strings.TrimLeft(line, " "))]
		lines = append(lines, strings.TrimRight(indent[:min(len(indent), 200)]+clean(line), " "))
	}
	return lines
}

// firstLine is what a step is called by: the first line of it that says something, with its blanks made single.
func firstLine(s string) string {
	for line := range strings.Lines(s) {
		line = strings.TrimSuffix(clean(line), `\`)
		if words := strings.Fields(line); len(words) > 0 && !strings.HasPrefix(words[0], "#") {
			return strings.Join(words, " ")
		}
	}
	return ""
}

// runeWidth is how many columns a terminal gives a rune (Unicode Standard Annex 11, East Asian Width).
func runeWidth(r rune) int {
	if r < 0x7f {
		return 1
	}
	if unicode.In(r, unicode.Mn, unicode.Me) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// columns is how wide a cleaned text is on the terminal.
func columns(s string) int {
	n := 0
	for _, r := range s {
		n += runeWidth(r)
	}
	return n
}

// cut shortens s to at most n columns; mark, one column wide, tells that something is missing.
func cut(s string, n int, mark string) string {
	if columns(s) <= n {
		return s
	}
	if n <= 0 {
		return ""
	}
	used := 0
	for i, r := range s {
		if used+runeWidth(r) > n-1 {
			return strings.TrimRight(s[:i], " ") + mark
		}
		used += runeWidth(r)
	}
	return s
}

// pad fills s with blanks up to n columns.
func pad(s string, n int) string { return s + strings.Repeat(" ", max(n-columns(s), 0)) }

// padLeft is pad for what is aligned at its right end.
func padLeft(s string, n int) string { return strings.Repeat(" ", max(n-columns(s), 0)) + s }
