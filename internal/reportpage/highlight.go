package reportpage

import (
	"html"
	"html/template"
	"strings"
)

// keywords are Starlark's (https://github.com/google/starlark-go/blob/master/doc/spec.md#lexical-elements).
var keywords = map[string]bool{
	"and": true, "break": true, "continue": true, "def": true, "elif": true, "else": true, "for": true, "if": true, "in": true,
	"lambda": true, "load": true, "not": true, "or": true, "pass": true, "return": true, "while": true,
	"None": true, "True": true, "False": true,
}

// highlight gives each line of a script as markup: comments, strings, numbers, keywords and calls. It never fails: what it
// does not know stays as it is.
func highlight(text string) []template.HTML {
	var out []template.HTML
	var line strings.Builder
	put := func(class, s string) { // may go over lines
		for i, part := range strings.Split(s, "\n") {
			if i > 0 {
				out = append(out, template.HTML(line.String())) // #nosec: every part was escaped
				line.Reset()
			}
			switch {
			case part == "":
			case class == "":
				line.WriteString(html.EscapeString(part))
			default:
				line.WriteString(`<span class="` + class + `">` + html.EscapeString(part) + `</span>`)
			}
		}
	}
	text = strings.TrimSuffix(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for text != "" {
		class, n := token(text)
		put(class, text[:n])
		text = text[n:]
	}
	return append(out, template.HTML(line.String()))
}

// token is how many bytes belong together at the beginning of a text, and what they are. It is at least one.
func token(text string) (class string, n int) {
	switch c := text[0]; {
	case c == '#':
		if end := strings.IndexByte(text, '\n'); end >= 0 {
			return "comment", end
		}
		return "comment", len(text)
	case c == '"' || c == '\'':
		return "string", quoted(text)
	case c >= '0' && c <= '9':
		return "number", span(text, func(c byte) bool { return letter(c) || c == '.' })
	case letter(c):
		n = span(text, letter)
		if rest := text[n:]; n <= 2 && strings.Trim(text[:n], "rb") == "" && rest != "" && (rest[0] == '"' || rest[0] == '\'') {
			return "string", n + quoted(rest)
		}
		switch {
		case keywords[text[:n]]:
			return "keyword", n
		case strings.HasPrefix(text[n:], "("):
			return "call", n
		}
		return "", n
	}
	return "", span(text, func(c byte) bool {
		return c != '#' && c != '"' && c != '\'' && !letter(c) // digits count as letters
	})
}

func letter(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c >= 0x80
}

func span(text string, in func(byte) bool) int {
	n := 1
	for n < len(text) && in(text[n]) {
		n++
	}
	return n
}

// quoted is the length of a string literal; one that isn't closed ends with its line, or with the text if it has three
// quotes.
func quoted(text string) int {
	mark := text[:1]
	if triple := strings.Repeat(mark, 3); strings.HasPrefix(text, triple) {
		mark = triple
	}
	for i := len(mark); i < len(text); i++ {
		switch {
		case text[i] == '\\':
			i++
		case strings.HasPrefix(text[i:], mark):
			return i + len(mark)
		case text[i] == '\n' && len(mark) == 1:
			return i
		}
	}
	return len(text)
}
