package edit

import (
	"strings"

	"go.starlark.net/syntax"
)

// wide is how many characters a line may have before a dict in it is broken into lines, and few is how many entries a
// new dict has at most on one line.
const (
	wide = 100
	few  = 2
)

// intoDict changes a dict.
func (t *text) intoDict(d *syntax.DictExpr, entries []Entry) {
	var more []Entry
	for _, e := range entries {
		if item := t.entryOf(d, e.Key); item != nil {
			start, end := item.Value.Span()
			t.replace(t.offset(start), t.offset(end), e.Value)
			continue
		}
		e.Key = t.keys.Like(e.Key, others(d))
		more = append(more, e)
	}
	switch {
	case len(more) == 0:
	case d.Lbrace.Line != d.Rbrace.Line:
		t.intoLines(d, more)
	case t.fits(d, more):
		t.intoLine(d, more)
	default:
		t.breakUp(d, more)
	}
}

// entryOf is the last entry of a key, which is the one that counts.
func (t *text) entryOf(d *syntax.DictExpr, key string) *syntax.DictEntry {
	var found *syntax.DictEntry
	for _, item := range d.List {
		if k, _ := keyOf(item); t.keys.Same(k, key) {
			found = item.(*syntax.DictEntry)
		}
	}
	return found
}

// others are the keys that a dict has.
func others(d *syntax.DictExpr) []string {
	var keys []string
	for _, item := range d.List {
		k, _ := keyOf(item)
		keys = append(keys, k)
	}
	return keys
}

// fits reports whether the line of a dict can take more entries.
func (t *text) fits(d *syntax.DictExpr, more []Entry) bool {
	if len(d.List) == 0 && len(more) > few {
		return false
	}
	return len([]rune(t.lines[d.Lbrace.Line-1]))+len(joined(more, ", "))+2 <= wide
}

func (t *text) intoLine(d *syntax.DictExpr, more []Entry) {
	if len(d.List) == 0 {
		t.insert(t.offset(d.Rbrace), joined(more, ", "))
		return
	}
	last := t.lastEnd(d)
	t.insert(last, ", "+joined(more, ", ")) // before a comma that ends the list
}

// breakUp gives each entry of a dict on one line a line of its own.
func (t *text) breakUp(d *syntax.DictExpr, more []Entry) {
	margin := indentOf(t.lines[d.Lbrace.Line-1])
	between := "\n" + margin + "    "
	at := t.offset(d.Lbrace) + 1
	for _, item := range d.List {
		start, end := item.Span()
		t.replace(at, t.offset(start), between)
		at, between = t.offset(end), ",\n"+margin+"    "
	}
	t.replace(at, t.offset(d.Rbrace), between+joined(more, ",\n"+margin+"    ")+",\n"+margin)
}

// intoLines adds lines to a dict that has some.
func (t *text) intoLines(d *syntax.DictExpr, more []Entry) {
	margin := indentOf(t.lines[d.Lbrace.Line-1])
	inner := margin + "    "
	if len(d.List) == 0 { // it has comments
		at := t.offset(d.Rbrace) - (int(d.Rbrace.Col) - 1) // where the brace's line begins
		t.insert(at, inner+joined(more, ",\n"+inner)+",\n")
		return
	}
	for _, item := range d.List {
		if start := syntax.Start(item); int(start.Col)-1 == len(indentOf(t.lines[start.Line-1])) {
			inner = indentOf(t.lines[start.Line-1])
		}
	}
	last := t.lastEnd(d)
	_, end := d.List[len(d.List)-1].Span()
	comma := t.comma(last, t.offset(d.Rbrace))
	if end.Line == d.Rbrace.Line { // the brace ends the last entry's line
		t.insert(last, ",\n"+inner+joined(more, ",\n"+inner))
		return
	}
	if !comma {
		t.insert(last, ",")
	}
	t.insert(t.lineEnd(end), "\n"+inner+joined(more, ",\n"+inner)+",")
}

// intoCall gives a call an argument: behind what it has without a name, as the examples have it.
func (t *text) intoCall(call *syntax.CallExpr, arg string, entries []Entry) {
	var before syntax.Expr
	for _, a := range call.Args {
		if b, ok := a.(*syntax.BinaryExpr); ok && b.Op == syntax.EQ {
			break
		}
		if u, ok := a.(*syntax.UnaryExpr); ok && (u.Op == syntax.STAR || u.Op == syntax.STARSTAR) {
			break
		}
		before = a
	}
	at, end := t.offset(call.Lparen)+1, call.Lparen
	if before != nil {
		_, end = before.Span()
		at = t.offset(end)
	}
	margin := indentOf(t.lines[end.Line-1])
	if before != nil && t.alone(before, call) {
		if !t.comma(at, t.offset(call.Rparen)) {
			t.insert(at, ",")
		}
		t.insert(t.lineEnd(end), "\n"+margin+arg+" = "+t.dict(entries, margin, len(margin)+len(arg))+",")
		return
	}
	words := arg + " = " + t.dict(entries, margin, len([]rune(t.lines[end.Line-1]))+len(arg))
	switch {
	case before != nil:
		words = ", " + words
	case len(call.Args) > 0:
		words += ", "
	}
	t.insert(at, words)
}

// alone reports whether an argument has its line for itself, so that another one gets its own, too.
func (t *text) alone(arg syntax.Expr, call *syntax.CallExpr) bool {
	start, end := arg.Span()
	return int(start.Col)-1 == len(indentOf(t.lines[start.Line-1])) && end.Line < call.Rparen.Line
}

// dict writes a new dict in a line that has so many characters already.
func (t *text) dict(entries []Entry, margin string, used int) string {
	one := joined(entries, ", ")
	if len(entries) <= few && used+len(one) <= wide {
		return "{" + one + "}"
	}
	inner := margin + "    "
	return "{\n" + inner + joined(entries, ",\n"+inner) + ",\n" + margin + "}"
}

// lastEnd is where a dict's last entry ends.
func (t *text) lastEnd(d *syntax.DictExpr) int {
	_, end := d.List[len(d.List)-1].Span()
	return t.offset(end)
}

// comma reports whether there is one between two offsets, comments aside.
func (t *text) comma(from, to int) bool {
	comment := false
	for _, c := range t.whole()[from:to] {
		switch {
		case c == '\n':
			comment = false
		case c == '#':
			comment = true
		case c == ',' && !comment:
			return true
		}
	}
	return false
}

// lineEnd is the offset of the end of a place's line, behind its comment.
func (t *text) lineEnd(p syntax.Position) int {
	return t.offset(syntax.MakePosition(nil, p.Line, 1)) + len(t.lines[p.Line-1])
}

// offset is a place as a number of bytes in the joined lines.
func (t *text) offset(p syntax.Position) int {
	n := 0
	for _, line := range t.lines[:p.Line-1] {
		n += len(line) + 1
	}
	return n + len(string([]rune(t.lines[p.Line-1])[:p.Col-1]))
}

// indentOf is what a line begins with.
func indentOf(line string) string { return line[:len(line)-len(strings.TrimLeft(line, " \t"))] }

func joined(entries []Entry, sep string) string {
	var items []string
	for _, e := range entries {
		items = append(items, entry(e))
	}
	return strings.Join(items, sep)
}
