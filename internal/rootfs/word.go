package rootfs

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// word writes s as one word of a line: as it is where it can't be misread, otherwise in quotes. Valid UTF-8 stays
// readable; a tab, a line break, quotes, backslashes and bytes that are not text are escaped. There is exactly one way to write
// each s, since texts of words are hashed; for the same reason no table of printable letters, which grows with Unicode,
// has a say.
func word(s string) string {
	if s != "" && !needsQuotes(s) {
		return s
	}
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\t':
			b.WriteString(`\t`)
		case c < ' ' || c == 0x7f || r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			b.WriteString(s[i : i+size])
		}
		i += size
	}
	b.WriteByte('"')
	return b.String()
}

func needsQuotes(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c <= ' ' || c == 0x7f || c == '"' || c == '\\' {
			return true
		}
	}
	return !utf8.ValidString(s)
}

// splitWords takes a line apart at its blanks, the inverse of word.
func splitWords(line string) ([]string, error) {
	var words []string
	for {
		line = strings.TrimLeft(line, " \t")
		switch {
		case line == "":
			return words, nil
		case line[0] == '"':
			w, rest, err := readQuoted(line[1:])
			if err != nil {
				return nil, err
			}
			if rest != "" && rest[0] != ' ' && rest[0] != '\t' {
				return nil, fmt.Errorf("a blank is missing after %s", word(w))
			}
			words, line = append(words, w), rest
		default:
			end := strings.IndexAny(line, " \t")
			if end < 0 {
				end = len(line)
			}
			if w := line[:end]; needsQuotes(w) {
				return nil, fmt.Errorf("%s must be written with quotes", word(w))
			}
			words, line = append(words, line[:end]), line[end:]
		}
	}
}

// readQuoted reads up to the closing quote and returns what follows it.
func readQuoted(s string) (w, rest string, err error) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			return b.String(), s[i+1:], nil
		case '\\':
			i++
			c, skip, err := readEscape(s[i:])
			if err != nil {
				return "", "", err
			}
			b.WriteByte(c)
			i += skip
		default:
			b.WriteByte(s[i])
		}
	}
	return "", "", errors.New("a quote is not closed")
}

// readEscape reads what follows a backslash; skip is the number of bytes after the first.
func readEscape(s string) (c byte, skip int, err error) {
	if s == "" {
		return 0, 0, errors.New("a quote is not closed")
	}
	switch s[0] {
	case '"', '\\':
		return s[0], 0, nil
	case 'n':
		return '\n', 0, nil
	case 't':
		return '\t', 0, nil
	case 'x':
		const digits = "0123456789abcdef"
		if len(s) >= 3 {
			high, low := strings.IndexByte(digits, s[1]), strings.IndexByte(digits, s[2])
			if high >= 0 && low >= 0 {
				return byte(high<<4 | low), 2, nil
			}
		}
		return 0, 0, errors.New(`\x must be followed by two hexadecimal digits in lower case`)
	}
	return 0, 0, fmt.Errorf(`\%c is no escape: there are \n, \t, \", \\ and \x with two digits`, s[0])
}
