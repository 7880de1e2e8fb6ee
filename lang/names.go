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

// foreign is names of other languages with what is meant.
var foreign = map[string]string{
	"null": `did you mean "None"?`, "nil": `did you mean "None"?`, "undefined": `did you mean "None"?`,
	"isinstance": `type(x) == "list" compares a type`,
	"map":        "[f(x) for x in list] does it",
	"filter":     "[x for x in list if f(x)] does it",
}

func (r *run) undefined(m *module, pos syntax.Position, name string) *Error {
	for _, b := range m.file.Module.(*resolve.Module).Globals {
		if b.First.Name == name {
			return m.errorAt(pos, fmt.Sprintf("%s has no value here: line %d gives it one later", name, b.First.NamePos.Line), "")
		}
	}
	if hint := foreign[name]; hint != "" {
		return m.errorAt(pos, "undefined: "+name, hint)
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
