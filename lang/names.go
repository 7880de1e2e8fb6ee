package lang

import (
	"fmt"
	"regexp"
	"sort"
	"strconv"
	"strings"

	"go.starlark.net/resolve"
	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// guessed is how Starlark itself ends a message with a proposal. It is always replaced by a hint of ours.
var guessed = regexp.MustCompile(` \(did you mean \.?([^)]*)\?\)$`)

// unresolved turns what the resolver found into problems. An undefined name is told once, at its first place,
// however often the file uses it. The resolver's own proposals are dropped: it can't list the predeclared names.
func (r *run) unresolved(m *module, list resolve.ErrorList) Errors {
	// The resolver looks into functions last, but what is told should be what stands first.
	sort.SliceStable(list, func(i, j int) bool { return before(list[i].Pos, list[j].Pos) })
	var es Errors
	first := make(map[string]*Error)
	also := make(map[string][]int)
	for _, problem := range list {
		msg := guessed.ReplaceAllString(problem.Msg, "")
		name, undefined := strings.CutPrefix(msg, "undefined: ")
		switch {
		case !undefined:
			es = append(es, m.refused(problem.Pos, msg))
		case first[name] == nil:
			first[name] = r.undefined(m, problem.Pos, name)
			es = append(es, first[name])
		default:
			also[name] = append(also[name], int(problem.Pos.Line))
		}
	}
	for name, lines := range also {
		first[name].Msg += alsoOn(first[name].Pos.Line, lines)
	}
	return es
}

// alsoOn lists the lines, other than the one that is shown, on which a name stands.
func alsoOn(shown int, lines []int) string {
	var others []string
	last := shown
	for _, line := range lines { // in order
		if line != last {
			others = append(others, strconv.Itoa(line))
			last = line
		}
	}
	switch {
	case len(others) == 0:
		return ""
	case len(others) == 1:
		return " (also on line " + others[0] + ")"
	case len(others) > 8:
		return fmt.Sprintf(" (also on %d more lines)", len(others))
	}
	return " (also on lines " + plainList(others) + ")"
}

func (r *run) undefined(m *module, pos syntax.Position, name string) *Error {
	for _, b := range m.file.Module.(*resolve.Module).Globals {
		if b.First.Name == name {
			return m.errorAt(pos, fmt.Sprintf("%s has no value here: line %d gives it one later", name, b.First.NamePos.Line), "")
		}
	}
	return m.errorAt(pos, "undefined: "+name, didYouMean(name, r.visible(m, pos)))
}

// visible is the names that could be meant at pos: what is predeclared, what the file defines or loads, and the
// parameters and variables of the functions around pos.
func (r *run) visible(m *module, pos syntax.Position) []string {
	names := append(r.predeclared.Keys(), starlark.Universe.Keys()...)
	own := m.file.Module.(*resolve.Module)
	for _, b := range append(own.Globals, own.Locals...) {
		names = append(names, b.First.Name)
	}
	syntax.Walk(m.file, func(n syntax.Node) bool {
		if n == nil {
			return false
		}
		var fn any
		switch n := n.(type) {
		case *syntax.DefStmt:
			fn = n.Function
		case *syntax.LambdaExpr:
			fn = n.Function
		}
		if f, ok := fn.(*resolve.Function); ok && encloses(n, pos) {
			for _, b := range f.Locals {
				names = append(names, b.First.Name)
			}
		}
		return true
	})
	return names
}

func encloses(n syntax.Node, pos syntax.Position) bool {
	start, end := n.Span()
	return !before(pos, start) && !before(end, pos)
}

func before(p, q syntax.Position) bool {
	return p.Line < q.Line || p.Line == q.Line && p.Col < q.Col
}

// reworded is what people write who know Python, with what the language has in its stead.
var reworded = []struct{ found, msg, hint string }{
	{"dialect does not support while loops", "there is no while in Starlark",
		"for i in range(1000): … break does the same, and always ends"},
	{"got import, ", "there is no import in Starlark", `load("file.star", "name") takes a name out of another file`},
	{"got from, ", "there is no import in Starlark", `load("file.star", "name") takes a name out of another file`},
	{"got class, ", "there is no class in Starlark", "struct(a = 1, b = 2) makes a value with attributes"},
	{"got try, ", "there is no try in Starlark", "an error ends the script; check before you do"},
	{"got with, ", "there is no with in Starlark", ""},
	{"got raise, ", "there is no raise in Starlark", `fail("message") ends the script with a message`},
	{"excessive nesting", "this nests too deep", "break it into several statements"},
}

var typedVariable = regexp.MustCompile(`^\s*[A-Za-z_]\w*\s*:\s*[A-Za-z_]`)

// refused is a problem of the syntax or of the dialect.
func (m *module) refused(pos syntax.Position, msg string) *Error {
	if msg == "got ':', want newline" && typedVariable.MatchString(m.line(int(pos.Line))) {
		return m.errorAt(pos, "a variable has no type written to it", "types stand at the parameters and the result of a def: def f(x: str) -> int:")
	}
	for _, w := range reworded {
		if strings.Contains(msg, w.found) {
			return m.errorAt(pos, w.msg, w.hint)
		}
	}
	return m.errorAt(pos, msg, "")
}

// syntaxError places what the parser found.
func (m *module) syntaxError(err error) error {
	e, ok := err.(syntax.Error)
	if !ok {
		return &Error{Pos: Position{File: m.name}, Msg: err.Error(), Err: err}
	}
	told := m.refused(e.Pos, e.Msg)
	told.Err = err
	return told
}
