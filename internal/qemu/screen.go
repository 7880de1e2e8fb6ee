package qemu

import "strings"

// screen follows what a terminal shows on its current line, and hands every
// finished line to a callback. It understands as much of a terminal as a boot
// log and a line editor use: carriage return, backspace, and control sequences
// (ECMA-48), which it skips.
type screen struct {
	line    []byte
	column  int // where the next byte goes; a carriage return makes it 0
	state   screenState
	newline func(line string)
	seen    func(c byte) // gets what is text, without what moves the cursor; may be nil
}

type screenState int

const (
	plainText     screenState = iota
	afterEscape               // ESC
	inSequence                // ESC [ …
	inString                  // ESC ] … up to BEL or ESC \
	stringEscape              // ESC within such a string
	oneMoreByte               // ESC ( and the like: the next byte belongs to it
	maxScreenLine = 4096      // a guest that floods without a newline costs no memory
)

func (s *screen) write(p []byte) {
	for _, c := range p {
		s.put(c)
	}
}

func (s *screen) put(c byte) {
	switch s.state {
	case afterEscape:
		switch {
		case c == '[':
			s.state = inSequence
		case c == ']' || c == 'P' || c == '_' || c == '^' || c == 'X':
			s.state = inString
		case c >= ' ' && c <= '/':
			s.state = oneMoreByte
		default:
			s.state = plainText
		}
		return
	case inSequence:
		switch {
		case c >= '@' && c <= '~':
			s.state = plainText
			return
		case c >= ' ' && c <= '?':
			return
		}
		// A control character breaks the sequence off, as terminals do.
		s.state = plainText
	case inString:
		switch c {
		case '\a':
			s.state = plainText
			return
		case 0x1b:
			s.state = stringEscape
			return
		case '\n': // never closed: don't swallow the rest of the log
			s.state = plainText
		default:
			return
		}
	case stringEscape:
		s.state = plainText
		return
	case oneMoreByte:
		s.state = plainText
		return
	}

	if s.seen != nil && (c >= ' ' && c != 0x7f || c == '\t' || c == '\n') {
		s.seen(c)
	}
	switch {
	case c == 0x1b:
		s.state = afterEscape
	case c == '\n':
		line := strings.TrimRight(string(s.line), " \t")
		s.line, s.column = s.line[:0], 0
		if s.newline != nil {
			s.newline(line)
		}
	case c == '\r':
		s.column = 0
	case c == '\b':
		s.column = max(s.column-1, 0)
	case c == '\t' || c >= ' ' && c != 0x7f:
		if s.column == 0 {
			// Overwritten from the left, as a line editor redraws: what was
			// there before is not worth guessing about.
			s.line = s.line[:0]
		}
		s.line = append(s.line[:min(s.column, len(s.line))], c)
		if len(s.line) > maxScreenLine {
			s.line = append(s.line[:0], s.line[maxScreenLine/2:]...)
		}
		s.column = len(s.line)
	}
}

// partial is the line that no newline has ended yet.
func (s *screen) partial() string { return string(s.line) }

// forget clears the current line: what stands there is old.
func (s *screen) forget() { s.line, s.column = s.line[:0], 0 }

// atPrompt reports whether the current line looks like a shell that waits.
// Only silence after it tells a prompt from a message that pauses there, and
// only an answer tells a shell.
func (s *screen) atPrompt() bool {
	line := s.line
	if s.state != plainText || s.column != len(line) || len(line) < 2 {
		return false
	}
	switch string(line[len(line)-2:]) {
	case "# ", "$ ", "> ":
		return true
	}
	return false
}
