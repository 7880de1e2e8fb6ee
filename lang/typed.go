package lang

import (
	"fmt"
	"maps"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// A function with types is checked by calls that are put into its body: one before its first statement, which looks at
// the arguments, and one around each result. So it stays an ordinary function, and one without types stays as it is.

// The names of these calls: no script can write them.
const (
	checkArguments = "<arguments>"
	checkResult    = "<result of>"
	checkDefaults  = "<defaults>"
)

// typedDef is what a function says of types. Those of params are nil where it says nothing.
type typedDef struct {
	mod    *module
	def    *syntax.DefStmt
	params []typedParam // those that bind a name, in the order of the source
	result Type
}

type typedParam struct {
	name  string
	pos   syntax.Position
	stars string // "", "*" or "**"
	typ   Type
}

// typed reads the types of a file's functions, and tells all that are none.
func (r *run) typed(m *module) ([]*typedDef, Errors) {
	if len(m.annotations) == 0 {
		return nil, nil
	}
	var es Errors
	reader := r.typeReader(m)
	types := make(map[spot]Type)
	for at, a := range m.annotations {
		typ, err := reader.read(a)
		if err != nil {
			es = append(es, err)
			continue
		}
		types[at] = typ
	}
	if len(es) > 0 {
		return nil, es
	}
	var defs []*typedDef
	syntax.Walk(m.file, func(n syntax.Node) bool {
		if def, ok := n.(*syntax.DefStmt); ok {
			d := &typedDef{mod: m, def: def, result: types[spotOf(def.Name.NamePos)]}
			some := d.result != nil
			for _, p := range def.Params {
				if id, stars := paramIdent(p); id != nil {
					typ := types[spotOf(id.NamePos)]
					d.params = append(d.params, typedParam{id.Name, id.NamePos, stars, typ})
					some = some || typ != nil
				}
			}
			if some {
				defs = append(defs, d)
			}
		}
		return n != nil
	})
	return defs, nil
}

// paramIdent is the name that a parameter binds, and its stars; nil for a lone star.
func paramIdent(p syntax.Expr) (id *syntax.Ident, stars string) {
	switch e := p.(type) {
	case *syntax.Ident:
		return e, ""
	case *syntax.BinaryExpr: // name = default
		return e.X.(*syntax.Ident), ""
	case *syntax.UnaryExpr:
		id, _ = e.X.(*syntax.Ident)
		return id, e.Op.String()
	}
	return nil, ""
}

// insertChecks puts the calls into the tree.
func (r *run) insertChecks(m *module, defs []*typedDef) {
	after := make(map[*syntax.DefStmt]syntax.Stmt)
	for _, d := range defs {
		number := len(r.typedDefs)
		r.typedDefs = append(r.typedDefs, d)
		d.insert(number)
		if d.hasDefaults() {
			name := &syntax.Ident{NamePos: d.def.Name.NamePos, Name: d.def.Name.Name}
			after[d.def] = &syntax.ExprStmt{X: hiddenCall(checkDefaults, d.def.Name.NamePos, number, name)}
		}
	}
	if len(after) == 0 {
		return
	}
	var visit func([]syntax.Stmt) []syntax.Stmt
	visit = func(stmts []syntax.Stmt) []syntax.Stmt {
		var out []syntax.Stmt
		for _, stmt := range stmts {
			out = append(out, stmt)
			switch stmt := stmt.(type) {
			case *syntax.DefStmt:
				stmt.Body = visit(stmt.Body)
				if check := after[stmt]; check != nil {
					out = append(out, check)
				}
			case *syntax.IfStmt:
				stmt.True, stmt.False = visit(stmt.True), visit(stmt.False)
			case *syntax.ForStmt:
				stmt.Body = visit(stmt.Body)
			}
		}
		return out
	}
	m.file.Stmts = visit(m.file.Stmts)
}

func (d *typedDef) hasDefaults() bool {
	for _, p := range d.def.Params {
		if _, ok := p.(*syntax.BinaryExpr); ok {
			return true
		}
	}
	return false
}

// insert puts the checks into the function's body.
func (d *typedDef) insert(number int) {
	if d.result != nil {
		d.wrapResults(d.def.Body, number)
		if _, err := d.result.Convert(starlark.None); err != nil { // what comes to its end returns None
			at := d.def.Name.NamePos
			none := &syntax.Ident{NamePos: at, Name: "None"}
			d.def.Body = append(d.def.Body, &syntax.ReturnStmt{Return: at, Result: hiddenCall(checkResult, at, number, none)})
		}
	}
	var args []syntax.Expr
	some := false
	for _, p := range d.params {
		args = append(args, &syntax.Ident{NamePos: p.pos, Name: p.name})
		some = some || p.typ != nil
	}
	if !some {
		return
	}
	check := &syntax.ExprStmt{X: hiddenCall(checkArguments, d.def.Name.NamePos, number, args...)}
	at := 0
	if doc, ok := d.def.Body[0].(*syntax.ExprStmt); ok { // a doc string stays the first statement
		if lit, ok := doc.X.(*syntax.Literal); ok && lit.Token == syntax.STRING {
			at = 1
		}
	}
	body := append([]syntax.Stmt{}, d.def.Body[:at]...)
	d.def.Body = append(append(body, check), d.def.Body[at:]...)
}

func (d *typedDef) wrapResults(stmts []syntax.Stmt, number int) {
	for _, stmt := range stmts {
		switch stmt := stmt.(type) {
		case *syntax.ReturnStmt:
			result := stmt.Result
			if result == nil {
				result = &syntax.Ident{NamePos: stmt.Return, Name: "None"}
			}
			stmt.Result = hiddenCall(checkResult, stmt.Return, number, result)
		case *syntax.IfStmt:
			d.wrapResults(stmt.True, number)
			d.wrapResults(stmt.False, number)
		case *syntax.ForStmt:
			d.wrapResults(stmt.Body, number)
		}
	}
}

func hiddenCall(name string, at syntax.Position, number int, args ...syntax.Expr) *syntax.CallExpr {
	which := &syntax.Literal{Token: syntax.INT, TokenPos: at, Raw: fmt.Sprint(number), Value: int64(number)}
	return &syntax.CallExpr{
		Fn: &syntax.Ident{NamePos: at, Name: name}, Lparen: at, Rparen: at,
		Args: append([]syntax.Expr{which}, args...),
	}
}

// hidden is what the inserted calls mean.
func (r *run) hidden() starlark.StringDict {
	check := func(name string, f func(*starlark.Thread, *typedDef, starlark.Tuple) (starlark.Value, error)) starlark.Value {
		return starlark.NewBuiltin(name, func(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
			number, err := starlark.AsInt32(args[0])
			if err != nil {
				return nil, err
			}
			return f(thread, r.typedDefs[number], args[1:])
		})
	}
	hidden := starlark.StringDict{
		checkArguments: check(checkArguments, r.checkArguments),
		checkResult:    check(checkResult, r.checkResult),
		checkDefaults:  check(checkDefaults, r.checkDefaults),
	}
	maps.Copy(hidden, boxes())
	return hidden
}
