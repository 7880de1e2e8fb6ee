package lang

import "fmt"

// Position is a place in a script. File is written as the user named it (a relative path stays relative); Line and
// Col start at 1, and Col counts characters, not bytes. A Position without a Line means the file as a whole.
type Position struct {
	File      string
	Line, Col int
}

// String returns file:line:col, or less where less is known.
func (p Position) String() string {
	switch {
	case p.Line == 0:
		return p.File
	case p.Col == 0:
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col)
}

// before orders positions within one file.
func (p Position) before(q Position) bool {
	if p.Line != q.Line {
		return p.Line < q.Line
	}
	return p.Col < q.Col
}
