package edit

import (
	"fmt"

	"mini/lang"

	"go.starlark.net/syntax"
)

// place is where the entries go: into a dict, or into a call that has none yet.
type place struct {
	dict *syntax.DictExpr
	call *syntax.CallExpr
	at   lang.Position
	uses []lang.Position
}

func (t *text) find(at lang.Position, arg string) (*place, error) {
	call, within := t.callAt(at)
	if call == nil {
		return nil, &NotLiteral{at, "no call is written there"}
	}
	if within != "" {
		return nil, &NotLiteral{at, fmt.Sprintf("the call stands in a %s, so what it is given may serve more than one target", within)}
	}
	value := argument(call, arg)
	if value == nil {
		for _, a := range call.Args {
			if u, ok := a.(*syntax.UnaryExpr); ok && u.Op == syntax.STARSTAR {
				return nil, &NotLiteral{t.position(syntax.Start(a)), fmt.Sprintf("%s may be among the arguments that come out of this", arg)}
			}
		}
		return &place{call: call, at: at}, nil
	}
	dict, id := lastDict(value)
	if dict != nil {
		return &place{dict: dict, at: t.position(dict.Lbrace)}, nil
	}
	if id == nil {
		return nil, &NotLiteral{t.position(syntax.Start(value)), arg + " is not a dict that is written out there"}
	}
	return t.variable(id, arg)
}

// callAt finds a call by its callee's name, and says in what it stands that may run more than once or not at all.
func (t *text) callAt(at lang.Position) (found *syntax.CallExpr, within string) {
	var open []syntax.Node
	syntax.Walk(t.file.Tree, func(n syntax.Node) bool {
		if n == nil {
			open = open[:len(open)-1]
			return false
		}
		open = append(open, n)
		call, ok := n.(*syntax.CallExpr)
		if !ok || found != nil || t.position(nameOf(call.Fn)) != at {
			return true
		}
		found = call
		for _, o := range open {
			switch o.(type) {
			case *syntax.DefStmt, *syntax.LambdaExpr:
				within = "function"
			case *syntax.ForStmt, *syntax.WhileStmt, *syntax.Comprehension:
				within = "loop"
			}
		}
		return true
	})
	return found, within
}

// nameOf is the place of a callee's last name: the f of f(…) and of x.f(…).
func nameOf(fn syntax.Expr) syntax.Position {
	if dot, ok := fn.(*syntax.DotExpr); ok {
		return dot.Name.NamePos
	}
	return syntax.Start(fn)
}

// argument is what a call gives by a name.
func argument(call *syntax.CallExpr, name string) syntax.Expr {
	for _, a := range call.Args {
		if b, ok := a.(*syntax.BinaryExpr); ok && b.Op == syntax.EQ {
			if id, ok := b.X.(*syntax.Ident); ok && id.Name == name {
				return b.Y
			}
		}
	}
	return nil
}

// lastDict is the dict that wins in an expression, or the variable that does.
func lastDict(e syntax.Expr) (*syntax.DictExpr, *syntax.Ident) {
	switch e := e.(type) {
	case *syntax.DictExpr:
		for _, item := range e.List {
			if _, ok := keyOf(item); !ok {
				return nil, nil
			}
		}
		return e, nil
	case *syntax.Ident:
		return nil, e
	case *syntax.ParenExpr:
		return lastDict(e.X)
	case *syntax.ListExpr:
		if len(e.List) > 0 {
			return lastDict(e.List[len(e.List)-1])
		}
	case *syntax.BinaryExpr:
		if e.Op == syntax.PIPE {
			return lastDict(e.Y)
		}
	}
	return nil, nil
}

// keyOf is the key of a dict's entry, if it is a string that is written out.
func keyOf(e syntax.Expr) (string, bool) {
	item, ok := e.(*syntax.DictEntry)
	if !ok {
		return "", false
	}
	lit, ok := item.Key.(*syntax.Literal)
	if !ok {
		return "", false
	}
	key, ok := lit.Value.(string)
	return key, ok
}

// variable finds the dict that a variable of the top level is given, once and for all.
func (t *text) variable(id *syntax.Ident, arg string) (*place, error) {
	var value syntax.Expr
	given := 0
	for _, stmt := range t.file.Tree.Stmts {
		if s, ok := stmt.(*syntax.AssignStmt); ok {
			if lhs, ok := s.LHS.(*syntax.Ident); ok && lhs.Name == id.Name {
				value, given = s.RHS, given+1
			}
		}
	}
	if given == 1 {
		if dict, _ := lastDict(value); dict != nil {
			uses, changed := t.uses(id)
			if changed != nil {
				return nil, &NotLiteral{*changed, fmt.Sprintf("%s is changed here after it was written out", id.Name)}
			}
			return &place{dict: dict, at: t.position(dict.Lbrace), uses: uses}, nil
		}
	}
	return nil, &NotLiteral{t.position(id.NamePos), fmt.Sprintf("%s is %s, which is not a dict that is written out once at the top level of the script", arg, id.Name)}
}

// uses lists where else a variable is read, and where it is changed in place, if it is.
func (t *text) uses(id *syntax.Ident) (read []lang.Position, changed *lang.Position) {
	change := func(e syntax.Expr) {
		if x, ok := e.(*syntax.Ident); ok && x.Name == id.Name {
			pos := t.position(x.NamePos)
			changed = &pos
		}
	}
	skip := map[*syntax.Ident]bool{id: true}
	syntax.Walk(t.file.Tree, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.AssignStmt:
			switch lhs := n.LHS.(type) {
			case *syntax.Ident:
				skip[lhs] = true
				if n.Op != syntax.EQ {
					change(lhs)
				}
			case *syntax.IndexExpr: // x["A"] = …
				change(lhs.X)
			}
		case *syntax.DotExpr: // x.update(…)
			change(n.X)
		case *syntax.BinaryExpr:
			if name, ok := n.X.(*syntax.Ident); ok && n.Op == syntax.EQ {
				skip[name] = true // the name of an argument
			}
		case *syntax.Ident:
			if n.Name == id.Name && !skip[n] {
				read = append(read, t.position(n.NamePos))
			}
		}
		return true
	})
	return read, changed
}

func (t *text) position(p syntax.Position) lang.Position {
	return lang.Position{File: t.file.Name, Line: int(p.Line), Col: int(p.Col)}
}
