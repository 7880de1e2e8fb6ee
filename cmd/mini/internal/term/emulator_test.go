package term

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// emulator is as much of a terminal as the display uses. Anything else that is sent to it fails the test.
type emulator struct {
	t             *testing.T
	columns, rows int
	lines         [][]rune // all that was ever there, the last rows of them are the screen
	x, y          int
	hidden        bool
	wrapped       int    // how often a line was too long
	rest          []byte // an incomplete sequence
}

func newEmulator(t *testing.T, columns, rows int) *emulator {
	return &emulator{t: t, columns: columns, rows: rows, lines: [][]rune{nil}}
}

func (e *emulator) Write(p []byte) (int, error) {
	b := append(e.rest, p...)
	e.rest = nil
	for len(b) > 0 {
		if b[0] == 0x1b {
			end := strings.IndexFunc(string(b), func(r rune) bool { return r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' })
			if end < 0 {
				e.rest = b
				break
			}
			e.control(string(b[1 : end+1]))
			b = b[end+1:]
			continue
		}
		if !utf8.FullRune(b) {
			e.rest = b
			break
		}
		r, n := utf8.DecodeRune(b)
		b = b[n:]
		switch {
		case r == '\r':
			e.x = 0
		case r == '\n': // the line discipline adds the carriage return
			e.x = 0
			e.down()
		case r < ' ' || r >= 0x7f && r < 0xa0:
			e.t.Errorf("control character %q", r)
		default:
			e.put(r)
		}
	}
	return len(p), nil
}

func (e *emulator) down() {
	if e.y++; e.y == len(e.lines) {
		e.lines = append(e.lines, nil)
	}
}

func (e *emulator) put(r rune) {
	w := runeWidth(r)
	if w == 0 { // an accent, on what is there already
		return
	}
	if e.x+w > e.columns {
		e.wrapped++
		e.x = 0
		e.down()
	}
	line := e.lines[e.y]
	for len(line) < e.x+w {
		line = append(line, ' ')
	}
	line[e.x] = r
	if w == 2 {
		line[e.x+1] = -1 // the right half
	}
	e.lines[e.y] = line
	e.x += w
}

func (e *emulator) control(seq string) {
	n, err := strconv.Atoi(strings.Trim(seq, "[ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
	if err != nil {
		n = 1
	}
	switch {
	case strings.HasPrefix(seq, "[") && strings.HasSuffix(seq, "A"):
		e.y = max(e.y-n, len(e.lines)-e.rows, 0)
	case seq == "[K":
		e.lines[e.y] = e.lines[e.y][:min(e.x, len(e.lines[e.y]))]
	case seq == "[J":
		e.lines[e.y] = e.lines[e.y][:min(e.x, len(e.lines[e.y]))]
		e.lines = e.lines[:e.y+1]
	case seq == "[?25l":
		e.hidden = true
	case seq == "[?25h":
		e.hidden = false
	case strings.HasPrefix(seq, "[") && strings.HasSuffix(seq, "m"):
	default:
		e.t.Errorf("the display sent %q", seq)
	}
}

// narrow is the window made smaller by its user: rows that no longer fit are broken, as most terminals do. The cursor
// is at the end of the last line.
func (e *emulator) narrow(columns int) {
	var lines [][]rune
	for _, line := range e.lines {
		for len(line) > columns {
			lines = append(lines, line[:columns:columns])
			line = line[columns:]
		}
		lines = append(lines, line)
	}
	e.lines, e.columns = lines, columns
	e.y = len(lines) - 1
	e.x = len(lines[e.y])
}

func (e *emulator) String() string {
	var b strings.Builder
	for _, line := range e.lines {
		text := strings.ReplaceAll(string(line), "\uFFFD", "")
		fmt.Fprintln(&b, strings.TrimRight(text, " "))
	}
	return b.String()
}
