package outline

import (
	"strings"

	"mini/lang"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// function reads a def.
func function(def *syntax.DefStmt, text source) Function {
	f := Function{Start: def.Name.NamePos, Body: syntax.Start(def.Body[0])}
	_, f.End = def.Span()
	f.Name, f.Typed = def.Name.Name, true
	f.Result = text.typeOf(def.Name)
	named := false
	for _, param := range def.Params {
		switch p := param.(type) {
		case *syntax.Ident:
			f.Params = append(f.Params, lang.Param{Name: p.Name, Type: text.typeOf(p), Named: named})
		case *syntax.BinaryExpr: // name = default
			id := p.X.(*syntax.Ident)
			f.Params = append(f.Params, lang.Param{Name: id.Name, Type: text.typeOf(id), Default: written(text.of(p.Y)), Named: named})
		case *syntax.UnaryExpr:
			id, ok := p.X.(*syntax.Ident)
			switch {
			case ok && p.Op == syntax.STARSTAR:
				f.Rest = &lang.Param{Name: id.Name, Type: text.typeOf(id)}
			case ok:
				f.Params = append(f.Params, lang.Param{Name: "*" + id.Name, Type: text.typeOf(id)})
			}
			named = true // what follows *args, or a star alone
		}
	}
	f.describe(docOf(def.Body))
	return f
}

// describe reads a doc string. Sections "Args:" and "Returns:" are told apart if they are there: each parameter's line
// is "name: what it is", and lines that are indented further continue it.
func (f *Function) describe(doc string) {
	section, indent := "", 0
	var last *lang.Param
	var about, returns []string
	for _, line := range strings.Split(doc, "\n") {
		text := strings.TrimSpace(line)
		deep := len(line) - len(strings.TrimLeft(line, " "))
		if heading := strings.TrimSuffix(text, ":"); deep == 0 && (heading == "Args" || heading == "Returns") && heading != text {
			section, last = heading, nil
			continue
		}
		switch {
		case text != "" && deep == 0:
			section = ""
			about = append(about, line)
		case section == "Returns":
			returns = append(returns, text)
		case section == "Args":
			if p, after := f.paramLine(text); p != nil && (last == nil || deep <= indent) {
				p.Doc, last, indent = after, p, deep
			} else if last != nil && deep > indent {
				last.Doc = strings.TrimSpace(last.Doc + " " + text)
			} else {
				about, last = append(about, text), nil // of no parameter, and not to be lost
			}
		default:
			about = append(about, line)
		}
	}
	f.Doc = strings.TrimSpace(strings.Join(about, "\n"))
	f.Returns = strings.TrimSpace(strings.Join(returns, " "))
}

// paramLine takes "name: text" or "name (type): text" apart; nil if no parameter has the name.
func (f *Function) paramLine(line string) (*lang.Param, string) {
	head, after, found := strings.Cut(line, ":")
	name, _, _ := strings.Cut(head, " ")
	if !found {
		return nil, ""
	}
	for i := range f.Params {
		if f.Params[i].Name == name {
			return &f.Params[i], strings.TrimSpace(after)
		}
	}
	if f.Rest != nil && name == "**"+f.Rest.Name {
		return f.Rest, strings.TrimSpace(after)
	}
	return nil, ""
}

// written is a default as the script writes it, in the place of its value.
type written string

func (w written) String() string        { return string(w) }
func (w written) Type() string          { return "expression" }
func (w written) Freeze()               {}
func (w written) Truth() starlark.Bool  { return true }
func (w written) Hash() (uint32, error) { return starlark.String(w).Hash() }

// typeOf is the type that the script gives to a parameter, or to the result of the function of that name; nil if it
// gives none.
func (s source) typeOf(name *syntax.Ident) lang.Type {
	if t := s.file.TypeAt(name.NamePos); t != "" {
		return typeText(t)
	}
	return nil
}

// typeText is a type as the script writes it. Whether it is one is found out when the script runs.
type typeText string

func (t typeText) String() string                                   { return string(t) }
func (t typeText) Convert(v starlark.Value) (starlark.Value, error) { return v, nil }
