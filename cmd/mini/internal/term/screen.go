package term

import (
	"fmt"
	"strings"
)

// screen knows what it last drew on the terminal, and makes the bytes that put something else there. It uses only what
// every terminal since the VT100 has, and one write a drawing, so that nothing flickers.
type screen struct {
	drawn []int // the columns of each row of the block; the cursor is at the end of the last one
}

const (
	hideCursor = "\x1b[?25l"
	showCursor = "\x1b[?25h"
	eraseRight = "\x1b[K" // to the end of the line
	eraseBelow = "\x1b[J" // and of the screen
)

// draw replaces the block by the lines to keep, which scroll up, and the new block. more marks what was cut.
func (s *screen) draw(keep []string, block []row, l layout, more string) []byte {
	var b strings.Builder
	if len(s.drawn) > 0 {
		b.WriteByte('\r')
		if up := s.height(l.limit+1) - 1; up > 0 {
			fmt.Fprintf(&b, "\x1b[%dA", up)
		}
	} else if len(block) > 0 {
		b.WriteString(hideCursor)
	}
	// Kept lines may be longer than the terminal is wide, and the rest of the old block would show behind their ends.
	if len(keep) > 0 && len(s.drawn) > 0 {
		b.WriteString(eraseBelow)
	}
	for _, line := range keep {
		b.WriteString(line + "\n")
	}
	shown := len(s.drawn) > 0
	s.drawn = s.drawn[:0]
	for i, r := range block {
		if i > 0 {
			b.WriteByte('\n')
		}
		text, wide := r.render(l.limit, more)
		// Write over what is there, and erase behind it: erasing first would flicker.
		b.WriteString(text + eraseRight)
		s.drawn = append(s.drawn, wide)
	}
	if shown {
		b.WriteString(eraseBelow)
		if len(block) == 0 {
			b.WriteString(showCursor)
		}
	}
	return []byte(b.String())
}

// height is how many lines the drawn block takes on a terminal of that many columns. When a window gets narrower most
// terminals break the rows that no longer fit, so a row may be several lines by now. If that is more than the terminal
// has, the cursor stops at the top: what has been pushed out there can't be reached.
func (s *screen) height(columns int) int {
	n := 0
	for _, wide := range s.drawn {
		n += max(1, (wide+columns-1)/columns)
	}
	return n
}
