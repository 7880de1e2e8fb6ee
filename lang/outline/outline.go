// Package outline tells what a script is made of by its text alone: its params, its functions and what they say of
// themselves, its values. Nothing runs, so it works on a script that doesn't.
package outline

import (
	"strings"

	"mini/lang"

	"go.starlark.net/syntax"
)

// Outline is a script's top level, each list in the order of the source.
type Outline struct {
	Name      string // of the file
	Doc       string // the string that it begins with
	Loads     []Load
	Params    []Param
	Variants  []Set
	Matrices  []Set
	Functions []Function
	Values    []Value
}

// Load is one name out of another file.
type Load struct {
	Name string // in this file
	From string // in the other one
	File string // as the script writes it
	Pos  syntax.Position
}

// Param is a call of param() with a name that is written out, wherever it stands. Default and Choices are as the script
// writes them, "" if it doesn't.
type Param struct {
	Name, Default, Choices, Doc string
	Pos                         syntax.Position
}

// Set is a call of variant() or matrix() with a name that is written out. Values is what it sets, or its rows, as the script
// writes them.
type Set struct {
	Name, Values, Doc string
	Pos, End          syntax.Position
}

// Function is a def, described as builtins are: its defaults and types are the script's text.
type Function struct {
	lang.Builtin
	Start, Body, End syntax.Position // of its name, of its first statement, and behind its last
}

// Value is a name that is assigned. Doc is the comment right above it.
type Value struct {
	Name, Doc, Text string
	Pos, End        syntax.Position
}

// Of reads the outline of a file.
func Of(f *lang.File) *Outline {
	o := &Outline{Name: f.Name}
	text := sourceOf(f)
	o.Doc = docOf(f.Tree.Stmts)
	o.statements(f.Tree.Stmts, text)
	syntax.Walk(f.Tree, func(n syntax.Node) bool {
		if call, ok := n.(*syntax.CallExpr); ok {
			if p, ok := paramOf(call, text); ok {
				o.Params = append(o.Params, p)
			}
			if s, ok := setOf(call, "variant", text); ok {
				o.Variants = append(o.Variants, s)
			}
			if s, ok := setOf(call, "matrix", text); ok {
				o.Matrices = append(o.Matrices, s)
			}
		}
		return n != nil
	})
	return o
}

// Public reports whether other files may load a name.
func Public(name string) bool { return !strings.HasPrefix(name, "_") }

// statements reads the top level, and what stands in its conditions and loops.
func (o *Outline) statements(stmts []syntax.Stmt, text source) {
	for _, stmt := range stmts {
		switch stmt := stmt.(type) {
		case *syntax.LoadStmt:
			for i, to := range stmt.To {
				o.Loads = append(o.Loads, Load{Name: to.Name, From: stmt.From[i].Name, File: stmt.ModuleName(), Pos: to.NamePos})
			}
		case *syntax.DefStmt:
			o.Functions = append(o.Functions, function(stmt, text))
		case *syntax.AssignStmt:
			o.assign(stmt, text)
		case *syntax.IfStmt:
			o.statements(stmt.True, text)
			o.statements(stmt.False, text)
		case *syntax.ForStmt:
			o.statements(stmt.Body, text)
		}
	}
}

func (o *Outline) assign(stmt *syntax.AssignStmt, text source) {
	id, ok := stmt.LHS.(*syntax.Ident)
	if !ok || stmt.Op != syntax.EQ {
		return
	}
	for _, v := range o.Values {
		if v.Name == id.Name {
			return
		}
	}
	_, end := stmt.Span()
	o.Values = append(o.Values, Value{
		Name: id.Name, Doc: text.commentAbove(id.NamePos), Text: text.of(stmt.RHS), Pos: id.NamePos, End: end,
	})
}

// paramOf reads a call of param whose name is written out.
func paramOf(call *syntax.CallExpr, text source) (Param, bool) {
	id, ok := call.Fn.(*syntax.Ident)
	if !ok || id.Name != "param" {
		return Param{}, false
	}
	args := make(map[string]syntax.Expr)
	order := []string{"name", "default", "choices", "doc"}
	for i, arg := range call.Args {
		if b, ok := arg.(*syntax.BinaryExpr); ok && b.Op == syntax.EQ {
			args[b.X.(*syntax.Ident).Name] = b.Y
		} else if i < len(order) {
			args[order[i]] = arg
		}
	}
	name, ok := literal(args["name"])
	if !ok {
		return Param{}, false
	}
	doc, _ := literal(args["doc"])
	return Param{Name: name, Default: text.of(args["default"]), Choices: text.of(args["choices"]), Doc: doc, Pos: syntax.Start(call)}, true
}

// setOf reads a call of variant or matrix whose name is written out.
func setOf(call *syntax.CallExpr, callee string, text source) (Set, bool) {
	id, ok := call.Fn.(*syntax.Ident)
	if !ok || id.Name != callee || len(call.Args) == 0 {
		return Set{}, false
	}
	s := Set{Pos: syntax.Start(call)}
	_, s.End = call.Span()
	var values []string
	for i, arg := range call.Args {
		b, keyword := arg.(*syntax.BinaryExpr)
		keyword = keyword && b.Op == syntax.EQ
		switch {
		case i == 0 && !keyword:
			s.Name, _ = literal(arg)
		case keyword && b.X.(*syntax.Ident).Name == "name":
			s.Name, _ = literal(b.Y)
		case keyword && b.X.(*syntax.Ident).Name == "doc":
			s.Doc, _ = literal(b.Y)
		case keyword && b.X.(*syntax.Ident).Name == "rows":
			values = append(values, text.of(b.Y))
		default:
			values = append(values, text.of(arg))
		}
	}
	s.Values = strings.Join(values, ", ")
	return s, s.Name != ""
}

// literal is the value of a string that is written out.
func literal(e syntax.Expr) (string, bool) {
	lit, ok := e.(*syntax.Literal)
	if !ok || lit.Token != syntax.STRING {
		return "", false
	}
	s, ok := lit.Value.(string)
	return s, ok
}

// docOf is the string that a list of statements begins with, "" if there is none. Its lines are taken to be indented like
// the string itself.
func docOf(stmts []syntax.Stmt) string {
	if len(stmts) == 0 {
		return ""
	}
	e, ok := stmts[0].(*syntax.ExprStmt)
	if !ok {
		return ""
	}
	doc, _ := literal(e.X)
	margin := int(syntax.Start(e.X).Col) - 1
	lines := strings.Split(doc, "\n")
	for i, line := range lines {
		blank := len(line) - len(strings.TrimLeft(line, " "))
		if i > 0 {
			line = line[min(margin, blank):]
		}
		lines[i] = strings.TrimRight(line, " ")
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}
