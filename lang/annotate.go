package lang

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"go.starlark.net/syntax"
)

// The interpreter's parser knows no types. So what a script says of them is found in the text, kept, and blanked: blanks
// stand where it stood, so that every other place stays what it is.
//
// A parser of the whole language with types (buildtools has one) would find nothing in a script that is being typed, or
// in the line that was just entered at a prompt. A def's head is found by its brackets alone.

// annotation is what a script says of the type of one thing.
type annotation struct {
	name spot   // of the parameter's name, or for a result of the function's
	at   spot   // where the text begins
	text string // as written
}

// annotations finds the types in a script's text, and returns the text with blanks in their stead. A script without any
// comes back as it is.
func annotations(src []byte) ([]byte, []annotation) {
	a := &annotator{lexer: lexer{src: src, line: 1, col: 1}}
	for a.next() {
		if a.tok == "def" {
			a.head()
		}
	}
	if a.found == nil {
		return src, nil
	}
	return a.blanked(), a.found
}

type annotator struct {
	lexer
	found []annotation
	spans [][2]int // the bytes to blank
	ended bool     // the text ended within a type
}

// EndsInType reports whether what is typed at the end of a text is a type, so that an editor can offer those.
func EndsInType(text string) bool {
	a := &annotator{lexer: lexer{src: []byte(text), line: 1, col: 1}}
	for a.next() {
		if a.tok == "def" {
			a.head()
		}
	}
	return a.ended
}

// TypeNames lists the types that a script can write, sorted.
func TypeNames(opts Options) []string {
	known := namedTypes()
	maps.Copy(known, opts.Types)
	return slices.Sorted(maps.Keys(known))
}

// head reads def NAME(PARAMS) -> TYPE, up to the colon.
func (a *annotator) head() {
	if !a.next() || !isName(a.tok) {
		return
	}
	name := a.at
	if !a.next() || a.tok != "(" {
		return
	}
	a.params()
	if a.tok != ")" || !a.next() || a.tok != "->" {
		return
	}
	sign := [2]int{a.start, a.pos}
	a.next()
	a.typeText(name, sign, func() bool { return a.tok == ":" || a.tok == "\n" })
}

// params reads the parameters up to the closing bracket.
func (a *annotator) params() {
	for {
		for a.next() && (a.tok == "*" || a.tok == "**" || a.tok == "\n" || a.tok == ",") {
		}
		if !isName(a.tok) {
			return
		}
		name := a.at
		a.nextInside()
		if a.tok == ":" {
			sign := [2]int{a.start, a.pos}
			a.nextInside()
			a.typeText(name, sign, func() bool { return a.tok == "," || a.tok == "=" || a.tok == ")" })
		}
		if a.tok == "=" {
			a.skipDefault()
		}
		if a.tok != "," {
			return
		}
	}
}

// nextInside is next inside of brackets, where a line's end means nothing.
func (a *annotator) nextInside() bool {
	for a.next() {
		if a.tok != "\n" {
			return true
		}
	}
	return false
}

// typeText takes what stands from the current token up to one outside of brackets at which ends says so. sign is where
// the colon or the arrow before it stands, which is blanked with it.
func (a *annotator) typeText(name spot, sign [2]int, ends func() bool) {
	start, at, end := a.start, a.at, a.start
	for depth := 0; a.tok != "" && (depth > 0 || !ends()); {
		switch a.tok {
		case "(", "[", "{":
			depth++
		case ")", "]", "}":
			if depth--; depth < 0 {
				a.tok = ""
				return // the brackets don't match, which the parser tells better
			}
		}
		if a.tok != "\n" {
			end = a.pos
		}
		a.next()
	}
	a.ended = a.tok == ""
	a.found = append(a.found, annotation{name, at, string(a.src[start:end])})
	a.spans = append(a.spans, [2]int{sign[0], max(end, sign[1])})
}

// skipDefault passes over a parameter's default, up to the comma or the bracket behind it. The commas and the colon of a
// lambda are not the def's.
func (a *annotator) skipDefault() {
	depth := 0
	var lambdas []int // the depths of those whose colon is to come
	for a.next() {
		own := len(lambdas) > 0 && lambdas[len(lambdas)-1] == depth
		switch a.tok {
		case "lambda":
			lambdas = append(lambdas, depth)
		case ":":
			if own {
				lambdas = lambdas[:len(lambdas)-1]
			}
		case "(", "[", "{":
			depth++
		case ")", "]", "}":
			if depth == 0 {
				return
			}
			depth--
		case ",":
			if depth == 0 && !own {
				return
			}
		}
	}
}

// blanked is the source with one blank for each character of the spans, and its line ends.
func (a *annotator) blanked() []byte {
	var out strings.Builder
	last := 0
	for _, s := range a.spans {
		out.Write(a.src[last:s[0]])
		for i, r := range string(a.src[s[0]:s[1]]) {
			out.WriteByte(a.blank(s[0]+i, r))
		}
		last = s[1]
	}
	out.Write(a.src[last:])
	return []byte(out.String())
}

// blank is what stands in the place of a character r of a type. Behind the closing bracket of a def a line goes on only if
// its end is escaped, and there it is escaped: between brackets that does no harm.
func (a *annotator) blank(at int, r rune) byte {
	end := at + utf8.RuneLen(r)
	switch {
	case r == '\n' || r == '\r':
		return byte(r)
	case end < len(a.src) && (a.src[end] == '\n' || a.src[end] == '\r'):
		return '\\'
	}
	return ' '
}

// typeExpr reads the text of a type as the expression that it is, at its place in the file.
func (m *module) typeExpr(a annotation) (syntax.Expr, error) {
	// The brackets let a type go over several lines, as it may inside of the def's own.
	portion := syntax.FilePortion{Content: []byte("(" + a.text + ")"), FirstLine: a.at.line, FirstCol: a.at.col - 1}
	return dialect().ParseExpr(m.name, portion, 0)
}

// parseTyped is the parser of a language with types. A text without any is parsed as it is, and pays nothing for them: with
// types the interpreter's parser fails at the first.
func (m *module) parseTyped(src []byte, mode syntax.Mode) (*syntax.File, error) {
	file, err := dialect().Parse(m.name, src, mode)
	if err != nil {
		if plain := m.untyped(src); len(m.annotations) > 0 {
			return dialect().Parse(m.name, plain, mode)
		}
	}
	return file, err
}

// untyped is the text for the interpreter's parser; the module keeps the types.
func (m *module) untyped(src []byte) []byte {
	src, found := annotations(src)
	m.annotations = make(map[spot]annotation, len(found))
	for _, a := range found {
		m.annotations[a.name] = a
	}
	return src
}

// lastUntyped is untyped for the last of the lines, while more may come.
func (m *module) lastUntyped() []byte {
	all := splitLines(string(m.untyped([]byte(strings.Join(m.lines, "\n")))))
	return []byte(all[len(all)-1] + "\n")
}

// typeText is what the file says of the type of what is named at pos, on one line and laid out in the usual way.
func (m *module) typeText(pos syntax.Position) string {
	text := ""
	for _, line := range splitLines(m.annotations[spotOf(pos)].text) {
		code, _, _ := strings.Cut(line, "#")
		text += strings.Join(strings.Fields(code), "")
	}
	return strings.NewReplacer(",", ", ", "|", " | ").Replace(text)
}
