package lint

import (
	"mini/lang"

	"go.starlark.net/resolve"
	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// binding is what the resolver found id to mean, nil for the name of a keyword or of an attribute.
func binding(id *syntax.Ident) *resolve.Binding {
	b, _ := id.Binding.(*resolve.Binding)
	return b
}

// predeclared reports whether id means what mini gave the name, and nothing of the script's.
func predeclared(id *syntax.Ident) bool {
	b := binding(id)
	return b != nil && b.Scope == resolve.Predeclared
}

func unusedLoads(f *file) {
	used := make(map[*syntax.Ident]bool) // by the place that binds them
	syntax.Walk(f.Tree, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.LoadStmt:
			return false
		case *syntax.Ident:
			if b := binding(n); b != nil && b.First != nil {
				used[b.First] = true
			}
		}
		return n != nil
	})
	for _, stmt := range f.Tree.Stmts {
		load, ok := stmt.(*syntax.LoadStmt)
		if !ok {
			continue
		}
		for i, id := range load.To {
			if !used[id] {
				f.report(load.From[i].NamePos, "remove it from the load",
					"%s is loaded and not used", id.Name)
			}
		}
	}
}

func shadowedBuiltins(f *file) {
	told := make(map[*syntax.Ident]bool)
	shadow := func(ids ...*syntax.Ident) {
		for _, id := range ids {
			first := id
			if b := binding(id); b != nil && b.First != nil {
				first = b.First
			}
			if told[first] || !f.Predeclared.Has(id.Name) && !starlark.Universe.Has(id.Name) {
				continue
			}
			told[first] = true
			f.report(id.NamePos, "give it another name",
				"%s is a builtin, which can't be called by its name where this has it", id.Name)
		}
	}
	syntax.Walk(f.Tree, func(n syntax.Node) bool {
		// Not the parameters of functions, which are what their callers write, and not the variables of
		// comprehensions, which are gone at the bracket.
		switch n := n.(type) {
		case *syntax.LoadStmt:
			shadow(n.To...)
		case *syntax.AssignStmt:
			shadow(lang.BoundBy(n.LHS)...)
		case *syntax.ForStmt:
			shadow(lang.BoundBy(n.Vars)...)
		case *syntax.DefStmt:
			shadow(n.Name)
		}
		return n != nil
	})
}
