package kconf

import "strings"

// A token is one word, string or operator of a line.
type token struct {
	kind tokenKind
	text string
}

type tokenKind uint8

const (
	wordToken tokenKind = iota
	stringToken
	opToken
)

// A scanner walks over the lines of one file. A line is logical: a backslash at its end joins the next one to it.
type scanner struct {
	file string
	src  string
	off  int
	line int // of off
}

// A statement is one logical line. An assignment has the text behind its operator in value.
type statement struct {
	pos    Pos
	tokens []token
	assign string // "=", ":=" or "+="
	value  string
}

// keyword is the word that the statement begins with.
func (s *statement) keyword() string {
	if len(s.tokens) > 0 && s.tokens[0].kind == wordToken {
		if w := s.tokens[0].text; strings.HasPrefix(w, "---") && strings.Trim(w, "-") == "help" {
			return "help"
		}
		return s.tokens[0].text
	}
	return ""
}

func wordByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '-'
}

// next reads the next line that says something, or returns nil at the end of the file. Macros are put in as the line is
// read, since what they say depends on where they stand.
func (p *parser) next() *statement {
	s := p.scan
	for s.off < len(s.src) {
		st := &statement{}
		p.readLine(st)
		if len(st.tokens) > 0 || st.assign != "" {
			return st
		}
	}
	return nil
}

func (p *parser) readLine(st *statement) {
	s := p.scan
	for s.off < len(s.src) {
		c := s.src[s.off]
		switch {
		case c == '\n':
			s.off++
			s.line++
			return
		case c == '\\' && strings.HasPrefix(s.src[s.off:], "\\\n"):
			s.off += 2
			s.line++
		case c == ' ' || c == '\t' || c == '\r':
			s.off++
		case c == '#':
			s.off += lineLength(s.src[s.off:])
		default:
			if len(st.tokens) == 0 {
				st.pos = Pos{s.file, s.line}
			}
			if p.tree.Style != Old && len(st.tokens) == 1 && st.tokens[0].kind == wordToken && p.readAssignment(st) {
				return
			}
			if t, ok := p.readToken(c); ok {
				st.tokens = append(st.tokens, t)
			}
		}
	}
}

func lineLength(s string) int {
	if n := strings.IndexByte(s, '\n'); n >= 0 {
		return n
	}
	return len(s)
}

// readAssignment reads the rest of a line of the form NAME = text. Its text is taken as it stands, # and all.
func (p *parser) readAssignment(st *statement) bool {
	s := p.scan
	for _, op := range []string{"=", ":=", "+="} {
		if strings.HasPrefix(s.src[s.off:], op) {
			s.off += len(op)
			n := lineLength(s.src[s.off:])
			st.assign, st.value = op, strings.TrimLeft(s.src[s.off:s.off+n], " \t")
			s.off = min(s.off+n+1, len(s.src))
			s.line++
			return true
		}
	}
	return false
}

// readToken reads what begins with c. Characters that mean nothing are passed over, as conf does.
func (p *parser) readToken(c byte) (token, bool) {
	s := p.scan
	for _, op := range []string{"||", "&&", "!=", "<=", ">=", "=", "<", ">", "!", "(", ")"} {
		if strings.HasPrefix(s.src[s.off:], op) {
			s.off += len(op)
			return token{opToken, op}, true
		}
	}
	macros := p.tree.Style != Old
	switch {
	case c == '"' || c == '\'':
		return token{stringToken, p.readString(c)}, true
	case wordByte(c) || macros && c == '$' || !macros && (c == '/' || c == '.'):
		text := p.readWord(macros)
		return token{wordToken, text}, text != ""
	}
	s.off++
	return token{}, false
}

// readWord reads a word. A macro in it may bring any text, which is a part of the word whatever characters it has.
func (p *parser) readWord(macros bool) string {
	s := p.scan
	var b strings.Builder
	for s.off < len(s.src) {
		c := s.src[s.off]
		switch {
		case macros && c == '$':
			b.WriteString(p.readMacro())
		case wordByte(c) || !macros && (c == '/' || c == '.'):
			b.WriteByte(c)
			s.off++
		default:
			return b.String()
		}
	}
	return b.String()
}

// readString reads text in quotes. It ends at its line's end at the latest.
func (p *parser) readString(quote byte) string {
	s := p.scan
	var b strings.Builder
	for s.off++; s.off < len(s.src); {
		switch c := s.src[s.off]; {
		case c == quote:
			s.off++
			return b.String()
		case c == '\n':
			p.warn(Pos{s.file, s.line}, "the text lacks its closing quote")
			return b.String()
		case c == '\\':
			s.off++
			if s.off < len(s.src) && s.src[s.off] != '\n' {
				b.WriteByte(s.src[s.off])
				s.off++
			}
		case c == '$' && p.tree.Style != Old:
			b.WriteString(p.readMacro())
		default:
			b.WriteByte(c)
			s.off++
		}
	}
	return b.String()
}

// readMacro puts in what stands at a dollar sign. Only $( begins a macro, and it ends on its line.
func (p *parser) readMacro() string {
	s := p.scan
	rest := s.src[s.off : s.off+lineLength(s.src[s.off:])]
	text, used := p.macros.dollar(rest, nil, Pos{s.file, s.line})
	s.off += used
	return text
}

// help reads the text below a help statement: it goes on as long as lines are indented at least as far as its first one.
func (p *parser) help() string {
	s := p.scan
	var lines []string
	first := 0
	for s.off < len(s.src) {
		n := lineLength(s.src[s.off:])
		text := s.src[s.off : s.off+n]
		if words := strings.TrimRight(text, " \t\r"); words == "" {
			lines = append(lines, "")
		} else {
			in, width := indentation(words)
			switch {
			case width == 0 && len(lines) > 0, width > 0 && width < first:
				return trimBlank(lines)
			case first == 0:
				first = width
			}
			lines = append(lines, strings.Repeat(" ", max(width-first, 0))+words[in:])
		}
		s.off = min(s.off+n+1, len(s.src))
		s.line++
	}
	return trimBlank(lines)
}

// indentation counts the white space at a line's start, in bytes and in columns.
func indentation(line string) (length, width int) {
	for length < len(line) {
		switch line[length] {
		case ' ':
			width++
		case '\t':
			width = width&^7 + 8
		default:
			return length, width
		}
		length++
	}
	return length, width
}

func trimBlank(lines []string) string { return strings.Trim(strings.Join(lines, "\n"), "\n") }
