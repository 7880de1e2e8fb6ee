package lang

import (
	"fmt"
	"regexp"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// functionError is what the interpreter says, in the frame of a script's function that has not begun yet, about
// the call of it. The place to show is the call, one frame further out, not the def.
var functionError = regexp.MustCompile(`^function (\S+) ((?:accepts|got|missing|called) .*)$`)

var (
	unknownKeyword = regexp.MustCompile(`^got an unexpected keyword argument (\S+)$`)
	twiceGiven     = regexp.MustCompile(`^got multiple values for parameter "?([^" ]+)"?$`)
	notGiven       = regexp.MustCompile(`^missing \d+ arguments? \((.*)\)$`)
)

// badCall explains a call of a script's own function with the wrong arguments, in the words that calls of builtins
// have; nil if eval is something else.
func (r *run) badCall(eval *starlark.EvalError, frames []frame) *Error {
	match := functionError.FindStringSubmatch(eval.Msg)
	top := eval.CallStack[len(eval.CallStack)-1]
	if match == nil || top.Name != match[1] || r.byName[top.Pos.Filename()] == nil || len(frames) < 2 {
		return nil
	}
	called, frames := frames[len(frames)-1], frames[:len(frames)-1]
	from := frames[len(frames)-1]
	e := from.errorf("%s: %s", called.name, match[2])
	e.Err, e.Stack = eval, stackOf(frames)
	if match[2] == "called recursively" {
		e.Msg = called.name + " calls itself, which Starlark does not allow"
		e.Hint = "use a for loop over a list or a range"
		return e
	}
	params := called.params()
	e.Hint = called.name + "(" + plainList(params) + ")"
	if m := unknownKeyword.FindStringSubmatch(match[2]); m != nil {
		name := strings.Trim(m[1], `"`)
		e.Msg = fmt.Sprintf("%s: unexpected parameter %q", called.name, name)
		e.Pos = from.keyword(name)
		e.Source = from.mod.line(e.Pos.Line)
		if near := didYouMean(name, bareNames(params)); near != "" {
			e.Hint = near
		}
	} else if m := twiceGiven.FindStringSubmatch(match[2]); m != nil {
		e.Msg = fmt.Sprintf("%s: %s is given twice", called.name, m[1])
	} else if m := notGiven.FindStringSubmatch(match[2]); m != nil {
		e.Msg = fmt.Sprintf("%s: missing %s", called.name, m[1])
	}
	return e
}

// errorf makes an error about what f evaluates.
func (f frame) errorf(format string, args ...any) *Error {
	pos := f.callee()
	return &Error{Pos: pos, Msg: fmt.Sprintf(format, args...), Source: f.mod.line(pos.Line)}
}

// keyword is the place of the word name in the call that f evaluates.
func (f frame) keyword(name string) Position {
	if call := f.mod.calls[spotOf(f.pos)]; call != nil {
		if k := keywordArg(call, name); k != nil {
			return f.mod.position(syntax.Start(k))
		}
	}
	return f.callee()
}

// params is the parameters of the function that f is in, as the docs of a builtin would write them. A lambda
// has no name to find it by, and none are known.
func (f frame) params() []string {
	var params []string
	syntax.Walk(f.mod.file, func(n syntax.Node) bool {
		if def, ok := n.(*syntax.DefStmt); ok && def.Name.Name == f.name && params == nil {
			params = f.mod.paramTexts(def)
		}
		return n != nil
	})
	return params
}

func (m *module) paramTexts(def *syntax.DefStmt) []string {
	var params []string
	for _, p := range def.Params {
		params = append(params, m.paramText(p))
	}
	return params
}

// resultText is the type of a function's result as its head has it.
func (m *module) resultText(def *syntax.DefStmt) string {
	if t := m.typeText(def.Name.NamePos); t != "" {
		return " -> " + t
	}
	return ""
}

func (m *module) paramText(p syntax.Expr) string {
	typed := func(id *syntax.Ident) string {
		if t := m.typeText(id.NamePos); t != "" {
			return id.Name + ": " + t
		}
		return id.Name
	}
	switch p := p.(type) {
	case *syntax.Ident:
		return typed(p)
	case *syntax.BinaryExpr: // name = default
		name := typed(p.X.(*syntax.Ident))
		switch y := p.Y.(type) {
		case *syntax.Literal:
			return name + " = " + y.Raw
		case *syntax.Ident:
			return name + " = " + y.Name
		case *syntax.ListExpr:
			if len(y.List) == 0 {
				return name + " = []"
			}
		case *syntax.DictExpr:
			if len(y.List) == 0 {
				return name + " = {}"
			}
		}
		return name + " = …"
	case *syntax.UnaryExpr: // *, *args or **kwargs
		if id, ok := p.X.(*syntax.Ident); ok {
			return p.Op.String() + typed(id)
		}
		return p.Op.String()
	}
	return "…"
}

// bareNames strips the types and defaults from what paramText wrote, and drops the starred ones.
func bareNames(params []string) []string {
	var names []string
	for _, p := range params {
		name, _, _ := strings.Cut(p, " = ")
		if name, _, _ = strings.Cut(name, ": "); !strings.HasPrefix(name, "*") {
			names = append(names, name)
		}
	}
	return names
}
