package lsp

import (
	"strings"
	"unicode"
)

// cursor is what can be told of a place in a script by the text before it, whether or not that could be parsed.
type cursor struct {
	comment bool
	str     *openString // that the place is in
	word    string      // the letters right before it
	dot     string      // the name before the dot before word: the x of x.wo
	calls   []*openCall // the brackets around it, the innermost last
}

// openString is a string that begins before the cursor and doesn't end there.
type openString struct{ text string }

// openCall is an open bracket. For a call, callee is what stands before the parenthesis, "" for other brackets.
type openCall struct {
	callee  string
	commas  int      // before the cursor, which is the number of the argument
	strs    []string // the strings among the arguments that are done
	given   []string // the names of keywords before the cursor
	keyword string   // the name of the argument that the cursor is in, "" if it has none
}

// call is the innermost call, nil if the innermost bracket is something else.
func (c *cursor) call() *openCall {
	if len(c.calls) == 0 || c.calls[len(c.calls)-1].callee == "" {
		return nil
	}
	return c.calls[len(c.calls)-1]
}

func isWord(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// look reads the text before the cursor as Starlark's scanner would, as far as brackets and strings go.
func look(text string) *cursor {
	c := &cursor{}
	src := []rune(text)
	name, dotted := "", false // the last name, and whether it goes on after a dot
	for i := 0; i < len(src); {
		r := src[i]
		switch {
		case r == '#':
			end := lineEnd(src, i)
			c.comment = end == len(src)
			i = end
			continue
		case r == '"' || r == '\'':
			s, end := readString(src, i)
			if end < 0 {
				c.str = &openString{s}
				return c
			}
			if n := len(c.calls); n > 0 {
				c.calls[n-1].strs = append(c.calls[n-1].strs, s)
			}
			name, dotted, i = "", false, end
			continue
		case isWord(r):
			start := i
			for i < len(src) && isWord(src[i]) {
				i++
			}
			word := string(src[start:i])
			if dotted {
				c.dot, name = name, name+"."+word
			} else {
				c.dot, name = "", word
			}
			dotted = false
			c.word = ""
			if i == len(src) {
				c.word = word
			}
			continue
		case r == '.' && name != "":
			dotted = true
			c.dot = name
		case r == '\n' && i+1 < len(src) && isWord(src[i+1]):
			c.calls = nil // a statement begins: a bracket above it was left open, since arguments are indented
		case r == ' ' || r == '\t':
			i++ // a name stays the last one: f (x) is a call
			continue
		case r == '(' || r == '[' || r == '{':
			callee := ""
			if r == '(' && !reserved[name] {
				callee = name
			}
			c.calls = append(c.calls, &openCall{callee: callee})
		case (r == ')' || r == ']' || r == '}') && len(c.calls) > 0:
			c.calls = c.calls[:len(c.calls)-1]
		case r == ',' && len(c.calls) > 0:
			open := c.calls[len(c.calls)-1]
			open.commas++
			open.keyword = ""
		case r == '=' && len(c.calls) > 0 && name != "" && (i+1 == len(src) || src[i+1] != '='):
			open := c.calls[len(c.calls)-1]
			open.keyword = name
			open.given = append(open.given, name)
		}
		if r == '\n' && len(c.calls) == 0 || r != '\n' && r != '.' {
			name = ""
		}
		if r != '.' {
			dotted, c.dot = false, ""
		}
		i++
	}
	if !dotted && c.word == "" {
		c.dot = ""
	}
	return c
}

// reserved is the words after which a parenthesis calls nothing.
var reserved = map[string]bool{
	"and": true, "or": true, "not": true, "in": true, "if": true, "elif": true, "else": true, "return": true, "for": true, "lambda": true,
}

func lineEnd(src []rune, i int) int {
	for i < len(src) && src[i] != '\n' {
		i++
	}
	return i
}

// readString reads the string that begins at i; end is behind it, -1 if it doesn't end.
func readString(src []rune, i int) (text string, end int) {
	quote := string(src[i])
	if i+2 < len(src) && src[i+1] == src[i] && src[i+2] == src[i] {
		quote = strings.Repeat(quote, 3)
	}
	i += len(quote)
	start := i
	for i < len(src) {
		switch {
		case src[i] == '\\':
			i++
		case src[i] == '\n' && len(quote) == 1: // an unfinished string ends with its line, as typing goes
			return string(src[start:i]), i
		case strings.HasPrefix(string(src[i:min(i+len(quote), len(src))]), quote):
			return string(src[start:i]), i + len(quote)
		}
		i++
	}
	return string(src[start:]), -1
}
