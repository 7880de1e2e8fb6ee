package lang

import (
	"fmt"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// The operations by which one short line takes all memory: x * n, and the join and replace of strings. The interpreter lets
// a list have 2³⁰ items, which are 16 GB. So the left side of each * is put into a box, which does the multiplication (the
// left, because a value of an embedder's that multiplies itself is then still given the other as it is), and the strings whose join or replace is called are handed one that looks first.

// The largest values that one operation may make.
const (
	maxRepeated = 10_000_000 // items of a list or tuple
	maxText     = 256 << 20  // bytes of a string
)

// The names of the inserted calls: no script can write them.
const (
	boxFactor = "<times>"
	boxText   = "<text>"
)

// boundOperations puts the calls into the tree.
func (m *module) boundOperations() {
	wrap := func(name string, x syntax.Expr) syntax.Expr {
		at := syntax.Start(x)
		return &syntax.CallExpr{Fn: &syntax.Ident{NamePos: at, Name: name}, Lparen: at, Rparen: at, Args: []syntax.Expr{x}}
	}
	var bound func(syntax.Node) bool
	bound = func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.BinaryExpr:
			if n.Op == syntax.STAR && !(isNumber(n.X) && isNumber(n.Y)) {
				n.X = wrap(boxFactor, n.X)
			}
		case *syntax.AssignStmt:
			id, plain := n.LHS.(*syntax.Ident)
			switch {
			case n.Op != syntax.STAR_EQ:
			case plain:
				syntax.Walk(n.RHS, bound)
				left := wrap(boxFactor, &syntax.Ident{NamePos: id.NamePos, Name: id.Name})
				n.Op, n.RHS = syntax.EQ, &syntax.BinaryExpr{X: left, OpPos: n.OpPos, Op: syntax.STAR, Y: n.RHS}
				return false
			default: // x[f()] must be evaluated once
				n.RHS = wrap(boxFactor, n.RHS)
			}
		case *syntax.CallExpr:
			if dot, ok := n.Fn.(*syntax.DotExpr); ok && (dot.Name.Name == "join" || dot.Name.Name == "replace") {
				dot.X = wrap(boxText, dot.X)
			}
		}
		return n != nil
	}
	syntax.Walk(m.file, bound)
}

// isNumber reports whether e is made of numbers that are written out.
func isNumber(e syntax.Expr) bool {
	switch e := e.(type) {
	case *syntax.Literal:
		return e.Token == syntax.INT || e.Token == syntax.FLOAT
	case *syntax.ParenExpr:
		return isNumber(e.X)
	case *syntax.BinaryExpr:
		return isNumber(e.X) && isNumber(e.Y)
	}
	return false
}

// boxes is what the inserted calls mean.
func boxes() starlark.StringDict {
	one := func(name string, box func(starlark.Value) starlark.Value) starlark.Value {
		return starlark.NewBuiltin(name, func(_ *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
			return box(args[0]), nil
		})
	}
	return starlark.StringDict{
		boxFactor: one(boxFactor, func(v starlark.Value) starlark.Value { return factor{v} }),
		boxText: one(boxText, func(v starlark.Value) starlark.Value {
			if s, ok := v.(starlark.String); ok {
				return boundedText{s, s}
			}
			return v
		}),
	}
}

// factor is one side of a multiplication, for as long as that takes.
type factor struct{ starlark.Value }

var _ starlark.HasBinary = factor{}

func (f factor) Binary(op syntax.Token, other starlark.Value, side starlark.Side) (starlark.Value, error) {
	x, y := f.Value, other
	if side == starlark.Right {
		x, y = other, f.Value
	}
	if err := shortRepeat(x, y); err != nil {
		return nil, err
	}
	if err := shortRepeat(y, x); err != nil {
		return nil, err
	}
	return starlark.Binary(op, x, y)
}

// shortRepeat bounds x * n.
func shortRepeat(x, n starlark.Value) error {
	count, ok := n.(starlark.Int)
	if !ok {
		return nil
	}
	size, limit, unit := starlark.Len(x), maxRepeated, "items"
	switch x.(type) {
	case starlark.String, starlark.Bytes:
		limit, unit = maxText, "bytes"
	case *starlark.List, starlark.Tuple:
	default:
		return nil
	}
	if size == 0 || starlark.MakeInt(limit/size).Sub(count).Sign() >= 0 {
		return nil
	}
	return fmt.Errorf("a %s of %s %s is too large, the limit is %d", x.Type(), starlark.MakeInt(size).Mul(count), unit, limit)
}

// boundedText is a string on which join or replace is called.
type boundedText struct {
	starlark.Value
	text starlark.String
}

// AttrNames implements starlark.HasAttrs.
func (t boundedText) AttrNames() []string { return t.text.AttrNames() }

// Attr implements starlark.HasAttrs.
func (t boundedText) Attr(name string) (starlark.Value, error) {
	method, err := t.text.Attr(name)
	if err != nil || method == nil {
		return method, err
	}
	look := map[string]func(starlark.Tuple, []starlark.Tuple) int{"join": t.joined, "replace": t.replaced}[name]
	return starlark.NewBuiltin(name, func(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		if n := look(args, kwargs); n > maxText {
			return nil, fmt.Errorf("%s: a string of %d bytes is too large, the limit is %d", name, n, maxText)
		}
		return starlark.Call(thread, method, args, kwargs)
	}), nil
}

// joined is how many bytes join will make, 0 if it will fail.
func (t boundedText) joined(args starlark.Tuple, kwargs []starlark.Tuple) int {
	for _, kv := range kwargs {
		args = append(args, kv[1])
	}
	if len(args) != 1 {
		return 0
	}
	list, ok := args[0].(starlark.Iterable)
	if !ok {
		return 0
	}
	n := 0
	for item := range starlark.Elements(list) {
		s, _ := starlark.AsString(item)
		n += len(s) + len(t.text)
	}
	return n
}

// replaced is how many bytes replace will make at most, 0 if it will fail.
func (t boundedText) replaced(args starlark.Tuple, _ []starlark.Tuple) int {
	if len(args) < 2 {
		return 0
	}
	old, ok1 := starlark.AsString(args[0])
	with, ok2 := starlark.AsString(args[1])
	if !ok1 || !ok2 || len(with) <= len(old) {
		return 0
	}
	return len(t.text) + strings.Count(string(t.text), old)*(len(with)-len(old))
}
