package lang

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// lexer cuts a script into names, signs and line ends, well enough to find brackets: strings and comments are left out.
type lexer struct {
	src       []byte
	pos       int // behind the current token
	line, col int32
	tok       string // "" at the end
	start     int    // of the token
	at        spot   // the same, as a place
}

// next moves to the next token, and reports whether there is one.
func (l *lexer) next() bool {
	l.tok = ""
	for l.pos < len(l.src) {
		l.start, l.at = l.pos, spot{l.line, l.col}
		switch c := l.src[l.pos]; {
		case c == ' ' || c == '\t' || c == '\f':
			l.advance(1)
		case c == '\\' && l.pos+1 < len(l.src):
			l.advance(2)
		case c == '#':
			for l.pos < len(l.src) && l.src[l.pos] != '\n' && l.src[l.pos] != '\r' {
				l.advance(1)
			}
		case c == '"' || c == '\'':
			l.skipString(c)
			l.tok = "\"" // some string
			return true
		case c == '\n' || c == '\r':
			l.advance(1)
			l.tok = "\n"
			return true
		case isNamed(c):
			for l.pos < len(l.src) && isNamed(l.src[l.pos]) {
				l.advance(1)
			}
			l.tok = string(l.src[l.start:l.pos])
			return true
		default:
			l.advance(l.sign())
			l.tok = string(l.src[l.start:l.pos])
			return true
		}
	}
	return false
}

// sign is the length of the sign here. Of those with two characters only these matter.
func (l *lexer) sign() int {
	if l.pos+1 < len(l.src) {
		switch string(l.src[l.pos : l.pos+2]) {
		case "->", "**", "==", "!=", "<=", ">=":
			return 2
		}
	}
	return 1
}

// advance passes n bytes, and counts lines and characters as the interpreter's scanner does.
func (l *lexer) advance(n int) {
	for ; n > 0 && l.pos < len(l.src); n-- {
		c := l.src[l.pos]
		l.pos++
		switch {
		case c == '\n' || c == '\r' && (l.pos == len(l.src) || l.src[l.pos] != '\n'):
			l.line, l.col = l.line+1, 1
		case utf8.RuneStart(c) && c != '\r':
			l.col++
		}
	}
}

func (l *lexer) skipString(quote byte) {
	long := strings.Repeat(string(quote), 3)
	end := long
	if !strings.HasPrefix(string(l.src[l.pos:min(l.pos+3, len(l.src))]), long) {
		end = string(quote)
	}
	l.advance(len(end))
	for l.pos < len(l.src) {
		switch c := l.src[l.pos]; {
		case c == '\\':
			l.advance(2)
		case c == '\n' && end != long:
			return // the string was not closed
		case strings.HasPrefix(string(l.src[l.pos:min(l.pos+3, len(l.src))]), end):
			l.advance(len(end))
			return
		default:
			l.advance(1)
		}
	}
}

// isNamed reports whether a byte is part of a name or a number. All of Unicode's letters have bytes above 0x7f.
func isNamed(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= utf8.RuneSelf
}

func isName(tok string) bool {
	r, _ := utf8.DecodeRuneInString(tok)
	return r == '_' || unicode.IsLetter(r)
}
