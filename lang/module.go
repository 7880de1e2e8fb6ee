package lang

import (
	"strings"

	"go.starlark.net/resolve"
	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// maxDepth bounds how deep expressions nest. The parser bounds brackets and blocks, but not a chain as long as the
// file (1-1-1-… or f()()()…). The recursive walks behind it take seconds over such a chain, and grow Go's stack with
// it, whose limit no recover survives.
const maxDepth = 5000

// module is one script file: its text and tree, and its globals once it ran.
type module struct {
	place place
	name  string // as positions show it
	lines []string
	file  *syntax.File
	calls map[spot]*syntax.CallExpr // by the "(", the only place of a call that the interpreter knows
	dots  map[spot]*syntax.DotExpr  // by the "."
	loads map[spot]*syntax.LoadStmt // by the word load
	loops map[spot]syntax.Expr      // what is looped over, by the word for
	// annotations is what the file says of types, by the place of the name that each is about.
	annotations map[spot]annotation
	done        bool
	globals     starlark.StringDict
}

// spot is a place within one file. (A syntax.Position is no key: it points to its file's name.)
type spot struct{ line, col int32 }

func spotOf(p syntax.Position) spot { return spot{p.Line, p.Col} }

func (m *module) position(p syntax.Position) Position {
	return Position{File: m.name, Line: int(p.Line), Col: int(p.Col)}
}

// line returns line n, from 1.
func (m *module) line(n int) string {
	if n < 1 || n > len(m.lines) {
		return ""
	}
	return m.lines[n-1]
}

func (m *module) errorAt(pos syntax.Position, msg, hint string) *Error {
	return &Error{Pos: m.position(pos), Msg: msg, Hint: hint, Source: m.line(int(pos.Line))}
}

// index records where calls, attributes and loads stand. It reports the place of an expression that nests too
// deep, without descending into it.
func (m *module) index() *Error {
	m.calls = make(map[spot]*syntax.CallExpr)
	m.dots = make(map[spot]*syntax.DotExpr)
	m.loads = make(map[spot]*syntax.LoadStmt)
	m.loops = make(map[spot]syntax.Expr)
	depth := 0
	var tooDeep syntax.Node
	syntax.Walk(m.file, func(n syntax.Node) bool {
		switch n := n.(type) {
		case nil:
			depth--
			return false
		case *syntax.CallExpr:
			m.calls[spotOf(n.Lparen)] = n
		case *syntax.DotExpr:
			m.dots[spotOf(n.Dot)] = n
		case *syntax.ForStmt:
			m.loops[spotOf(n.For)] = n.X
		case *syntax.ForClause:
			m.loops[spotOf(n.For)] = n.X
		case *syntax.LoadStmt:
			m.loads[spotOf(n.Load)] = n
		}
		if depth == maxDepth {
			tooDeep = n
			return false
		}
		depth++
		return true
	})
	if tooDeep == nil {
		return nil
	}
	_, end := tooDeep.Span()
	return m.errorAt(end, "this expression nests too deep", "break it into several statements")
}

// targets lists what the top level assigned, in the order of the source.
func (m *module) targets() []Target {
	assigned := assignedNames(m.file.Stmts)
	var ts []Target
	for _, b := range m.file.Module.(*resolve.Module).Globals {
		name := b.First.Name
		v, bound := m.globals[name] // a branch that was not taken leaves its names unbound
		if !bound || !assigned[name] || strings.HasPrefix(name, "_") {
			continue
		}
		switch v.(type) {
		case *starlark.Function, *starlark.Builtin:
			continue
		}
		ts = append(ts, Target{Name: name, Value: v, Pos: m.position(b.First.NamePos)})
	}
	return ts
}

// assignedNames is the names that assignments at the top level bind, inside if and for too, but not the variables
// of for.
func assignedNames(stmts []syntax.Stmt) map[string]bool {
	names := make(map[string]bool)
	var visit func([]syntax.Stmt)
	visit = func(stmts []syntax.Stmt) {
		for _, stmt := range stmts {
			switch stmt := stmt.(type) {
			case *syntax.AssignStmt:
				for _, id := range BoundBy(stmt.LHS) {
					names[id.Name] = true
				}
			case *syntax.IfStmt:
				visit(stmt.True)
				visit(stmt.False)
			case *syntax.ForStmt:
				visit(stmt.Body)
			}
		}
	}
	visit(stmts)
	return names
}

// BoundBy is the names that an assignment to lhs, or a loop over it, binds: x[0] = … and x.y = … bind none.
func BoundBy(lhs syntax.Expr) []*syntax.Ident {
	switch lhs := lhs.(type) {
	case *syntax.Ident:
		return []*syntax.Ident{lhs}
	case *syntax.ParenExpr:
		return BoundBy(lhs.X)
	case *syntax.TupleExpr:
		return boundByEach(lhs.List)
	case *syntax.ListExpr:
		return boundByEach(lhs.List)
	}
	return nil
}

func boundByEach(exprs []syntax.Expr) []*syntax.Ident {
	var ids []*syntax.Ident
	for _, e := range exprs {
		ids = append(ids, BoundBy(e)...)
	}
	return ids
}
