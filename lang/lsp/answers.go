package lsp

import (
	"cmp"
	"slices"
	"strings"

	"mini/lang/format"
	"mini/lang/outline"
)

// word is the name that stands at a place, with the text from the file's beginning to the name's end.
func (d *document) word(p position) (name string, upTo string, where textRange) {
	line := []rune(d.line(p.Line))
	at := runesBefore(string(line), p.Character)
	start, end := at, at
	for start > 0 && isWord(line[start-1]) {
		start--
	}
	for end < len(line) && isWord(line[end]) {
		end++
	}
	where = textRange{
		position{p.Line, unitsBefore(string(line), start)},
		position{p.Line, unitsBefore(string(line), end)},
	}
	return string(line[start:end]), d.before(where.End), where
}

func (s *server) hover(d *document, p position) (any, *rpcError) {
	name, upTo, where := d.word(p)
	if name == "" {
		return nil, nil
	}
	c := look(upTo)
	text := ""
	switch sym := s.meant(d, c, name, p.Line+1); {
	case c.comment:
	case s.keywordDoc(d, c, name, p) != "":
		text = s.keywordDoc(d, c, name, p)
	case sym == nil:
	case sym.callable != nil || sym.doc != "":
		text = sym.doc
		if v, known := d.values[name]; known && sym.callable == nil {
			text += "\nA value of type " + v.Type() + ".\n"
		}
	default:
		text = sym.detail
	}
	if text == "" {
		return nil, nil
	}
	return hover{markdown(text), where}, nil
}

// meant is what the name before the cursor means: in the strings of a load, a name of the loaded file.
func (s *server) meant(d *document, c *cursor, name string, line int) *symbol {
	switch {
	case c.dot != "" || c.comment:
		return nil
	case c.str == nil:
		return s.lookup(d, name, line)
	}
	if call := c.call(); call != nil && call.callee == "load" && call.commas > 0 && len(call.strs) > 0 && c.str.text == name {
		sym := s.loaded(d, name, name, call.strs[0])
		return &sym
	}
	return nil
}

// keywordDoc is about the name in name = value inside a call, "" if it isn't one.
func (s *server) keywordDoc(d *document, c *cursor, name string, p position) string {
	call := c.call()
	if call == nil || c.str != nil || c.dot != "" || call.keyword != "" {
		return ""
	}
	line := []rune(d.line(p.Line))
	_, _, where := d.word(p)
	after := strings.TrimLeft(string(line[runesBefore(string(line), where.End.Character):]), " ")
	if !strings.HasPrefix(after, "=") || strings.HasPrefix(after, "==") {
		return ""
	}
	sym := s.lookup(d, call.callee, p.Line+1)
	if sym == nil || sym.callable == nil {
		return ""
	}
	for _, param := range sym.callable.Params {
		if param.Name == name {
			return "`" + name + "` of `" + call.callee + "`: " + paramDetail(param) + "\n\n" + param.Doc
		}
	}
	return ""
}

func (s *server) definition(d *document, p position) (any, *rpcError) {
	name, upTo, _ := d.word(p)
	c := look(upTo)
	if file := s.loadedFile(d, p); file != "" {
		_, uri, _ := s.other(d, file)
		if uri == "" {
			return nil, nil
		}
		return location{URI: uri}, nil
	}
	if sym := s.meant(d, c, name, p.Line+1); sym != nil && sym.place != nil {
		return sym.place, nil
	}
	return nil, nil
}

// loadedFile is the name of the file if the place is inside the first string of a load.
func (s *server) loadedFile(d *document, p position) string {
	c := look(d.before(p))
	call := c.call()
	if c.str == nil || call == nil || call.callee != "load" || call.commas > 0 {
		return ""
	}
	line := []rune(d.line(p.Line))
	rest, _, found := strings.Cut(string(line[runesBefore(string(line), p.Character):]), string(quoteOf(line, p, c)))
	if !found {
		return ""
	}
	return c.str.text + rest
}

// quoteOf is the quote that the string around a place began with.
func quoteOf(line []rune, p position, c *cursor) rune {
	at := runesBefore(string(line), p.Character) - len([]rune(c.str.text)) - 1
	if at < 0 {
		return '"'
	}
	return line[at]
}

func (s *server) signatureHelp(d *document, p position) (any, *rpcError) {
	c := look(d.before(p))
	call := c.call()
	if call == nil || c.comment {
		return nil, nil
	}
	sym := s.lookup(d, call.callee, p.Line+1)
	if sym == nil || sym.callable == nil {
		return nil, nil
	}
	b := sym.callable
	info := signatureInformation{Label: b.Signature(), Documentation: markdown(b.Doc), Parameters: []parameterInformation{}}
	for i, part := range b.Parts() {
		label := [2]int{unitsBefore(info.Label, part.Start), unitsBefore(info.Label, part.End)}
		info.Parameters = append(info.Parameters, parameterInformation{label, markdown(part.Param.Doc)})
		here := call.keyword == part.Param.Name
		if call.keyword == "" {
			here = !part.Param.Named && (i == call.commas || i < call.commas && strings.HasPrefix(part.Param.Name, "*"))
		}
		if here && info.ActiveParameter == nil {
			active := i
			info.ActiveParameter = &active
		}
	}
	return signatureHelp{Signatures: []signatureInformation{info}}, nil
}

func (s *server) documentSymbols(d *document, _ position) (any, *rpcError) {
	syms := []documentSymbol{}
	lines := d.readLines()
	for _, f := range d.outline.Functions {
		name := placeOf(d.uri, lines, f.Start, f.Name).Range
		syms = append(syms, documentSymbol{f.Name, f.Signature(), symbolFunction, textRange{name.Start, at2(lines, f.End)}, name})
	}
	for _, v := range d.outline.Values {
		name := placeOf(d.uri, lines, v.Pos, v.Name).Range
		kind := symbolVariable
		if strings.HasPrefix(v.Text, "param(") {
			kind = symbolConstant // it is given, and the script doesn't change it
		}
		syms = append(syms, documentSymbol{v.Name, v.Text, kind, textRange{name.Start, at2(lines, v.End)}, name})
	}
	for what, sets := range map[string][]outline.Set{"variant": d.outline.Variants, "matrix": d.outline.Matrices} {
		for _, s := range sets {
			start := at2(lines, s.Pos)
			name := textRange{start, position{start.Line, start.Character + len(what)}}
			syms = append(syms, documentSymbol{what + " " + s.Name, s.Values, symbolConstant, textRange{start, at2(lines, s.End)}, name})
		}
	}
	slices.SortStableFunc(syms, func(a, b documentSymbol) int { // as they stand
		return cmp.Or(a.Range.Start.Line-b.Range.Start.Line, a.Range.Start.Character-b.Range.Start.Character)
	})
	return syms, nil
}

// formatting lays the document out, as one edit of what lies between the first and the last line that change.
func (s *server) formatting(d *document, _ position) (any, *rpcError) {
	out, err := format.Source(d.name(), []byte(d.text))
	if err != nil {
		return nil, &rpcError{codeFailed, err.Error()}
	}
	if edit, changed := d.changeTo(splitLines(string(out))); changed {
		return []textEdit{edit}, nil
	}
	return []textEdit{}, nil
}

// changeTo is the edit that makes the document's lines into others: of whole lines, from the first that changes to the
// last, so that the editor keeps its place in the rest.
func (d *document) changeTo(lines []string) (edit textEdit, changed bool) {
	old := d.lines
	shorter := min(len(old), len(lines))
	same := 0
	for same < shorter-1 && old[same] == lines[same] {
		same++
	}
	tail := 0
	for tail < shorter-same && old[len(old)-1-tail] == lines[len(lines)-1-tail] {
		tail++
	}
	if len(old) == len(lines) && same+tail == len(old) {
		return textEdit{}, false
	}
	text := strings.Join(lines[same:len(lines)-tail], "\n")
	end := position{len(old) - tail, 0}
	switch {
	case tail == 0: // there is no line behind the last
		last := old[len(old)-1]
		end = position{len(old) - 1, unitsBefore(last, len(last))}
	case same < len(lines)-tail:
		text += "\n"
	}
	return textEdit{textRange{position{same, 0}, end}, text}, true
}
