package lang

import (
	"fmt"

	"go.starlark.net/syntax"
)

// reassigned finds plain assignments at the top level that throw away what another line gave to the same name. The
// dialect must let names be assigned again for the sake of if and for, and would let these through: a copied line
// that was not renamed makes a target vanish without a word.
//
// Not meant by this: anything inside if and for, x += …, and x = … x …, which builds on the old value. The name _ is
// there to be thrown away.
func (m *module) reassigned() Errors {
	var es Errors
	first := make(map[string]syntax.Position)
	bind := func(id *syntax.Ident, value syntax.Expr) {
		before, again := first[id.Name]
		if again && id.Name != "_" && !mentions(value, id.Name) {
			es = append(es, m.errorAt(id.NamePos,
				fmt.Sprintf("%s already has a value from line %d, which would be lost", id.Name, before.Line),
				"give one of the two another name"))
			return
		}
		if !again {
			first[id.Name] = id.NamePos
		}
	}
	for _, stmt := range m.file.Stmts {
		switch stmt := stmt.(type) {
		case *syntax.LoadStmt:
			for _, id := range stmt.To {
				bind(id, nil)
			}
		case *syntax.DefStmt:
			bind(stmt.Name, nil)
		case *syntax.AssignStmt:
			if stmt.Op != syntax.EQ {
				continue
			}
			for _, id := range BoundBy(stmt.LHS) {
				bind(id, stmt.RHS)
			}
		}
	}
	return es
}

// mentions reports whether e uses name.
func mentions(e syntax.Expr, name string) bool {
	if e == nil {
		return false
	}
	found := false
	syntax.Walk(e, func(n syntax.Node) bool {
		if id, ok := n.(*syntax.Ident); ok && id.Name == name {
			found = true
		}
		return !found
	})
	return found
}
