package lang

import (
	"fmt"

	"go.starlark.net/syntax"
)

// Where the arguments of a call stand. The interpreter knows of a running call only the place of its "(";
// everything finer comes from the syntax tree, which each module keeps for this.

// ArgPos returns the place of the value given as the parameter called name: the v of name = v or of a plain v. For a
// value that came out of *list or **dict it is the place of the star, and Pos if the parameter is not given or the
// call has no expression of its own.
func (c *Call) ArgPos(name string) Position {
	c.known(name)
	return c.valuePos(name)
}

// valuePos is ArgPos for the name of an argument that the builtin does not list, too.
func (c *Call) valuePos(name string) Position {
	if e := c.argExpr(name); e != nil {
		return c.site.position(syntax.Start(e))
	}
	return c.Pos
}

// argExpr finds the expression that gives the parameter called name.
func (c *Call) argExpr(name string) syntax.Expr {
	if c.expr == nil {
		return nil
	}
	plain, stars := plainArgs(c.expr), starArgs(c.expr)
	if k := keywordArg(c.expr, name); k != nil {
		return k.Y
	}
	for i, p := range c.Builtin.positional() {
		if p.Name == name && i < len(plain) {
			return plain[i]
		}
	}
	if _, listed := c.Builtin.param(name); listed && !c.given[name] || len(stars) == 0 {
		return nil
	}
	return stars[len(stars)-1]
}

// keywordPos is the place of the word name in name = v.
func (c *Call) keywordPos(name string) Position {
	if c.expr == nil {
		return c.Pos
	}
	if k := keywordArg(c.expr, name); k != nil {
		return c.site.position(syntax.Start(k))
	}
	return c.starPos()
}

// surplusPos is the place of the first positional argument after n.
func (c *Call) surplusPos(n int) Position {
	if c.expr == nil {
		return c.Pos
	}
	if plain := plainArgs(c.expr); n < len(plain) {
		return c.site.position(syntax.Start(plain[n]))
	}
	return c.starPos()
}

// starPos is the place of the last *list or **dict, out of which an argument must have come that stands nowhere.
func (c *Call) starPos() Position {
	if stars := starArgs(c.expr); len(stars) > 0 {
		return c.site.position(syntax.Start(stars[len(stars)-1]))
	}
	return c.Pos
}

// literalPos is the place of the string literal s among the arguments, however deep, for errors about a value that
// the builtin took out of a list or dict; Pos if it was computed.
func (c *Call) literalPos(s string) Position {
	if c.expr == nil {
		return c.Pos
	}
	pos := c.Pos
	found := false
	for _, arg := range c.expr.Args {
		syntax.Walk(arg, func(n syntax.Node) bool {
			if lit, ok := n.(*syntax.Literal); ok && !found && lit.Value == s {
				pos, found = c.site.position(lit.TokenPos), true
			}
			return !found
		})
	}
	return pos
}

// KeyErrorf makes an error about a key of the dict given as name, and ItemErrorf one about what the dict has under that key:
// with the caret there if the call writes the dict out, and under the argument if it comes from elsewhere.
func (c *Call) KeyErrorf(name, key, format string, args ...any) error {
	return c.entryError(name, key, func(e *syntax.DictEntry) syntax.Expr { return e.Key }, fmt.Sprintf(format, args...))
}

// ItemErrorf: see [Call.KeyErrorf].
func (c *Call) ItemErrorf(name, key, format string, args ...any) error {
	return c.entryError(name, key, func(e *syntax.DictEntry) syntax.Expr { return e.Value }, fmt.Sprintf(format, args...))
}

func (c *Call) entryError(name, key string, part func(*syntax.DictEntry) syntax.Expr, msg string) error {
	pos := c.ArgPos(name)
	if arg := c.argExpr(name); arg != nil {
		found := false
		syntax.Walk(arg, func(n syntax.Node) bool {
			if e, ok := n.(*syntax.DictEntry); ok && !found {
				if lit, ok := e.Key.(*syntax.Literal); ok && lit.Value == key {
					pos, found = c.site.position(syntax.Start(part(e))), true
				}
			}
			return n != nil && !found
		})
	}
	return c.errorAt(pos, msg)
}

// plainArgs is the arguments without a name and without a star.
func plainArgs(call *syntax.CallExpr) []syntax.Expr {
	var plain []syntax.Expr
	for _, arg := range call.Args {
		if !isStar(arg) && asKeyword(arg) == nil {
			plain = append(plain, arg)
		}
	}
	return plain
}

func starArgs(call *syntax.CallExpr) []syntax.Expr {
	var stars []syntax.Expr
	for _, arg := range call.Args {
		if isStar(arg) {
			stars = append(stars, arg)
		}
	}
	return stars
}

func keywordArg(call *syntax.CallExpr, name string) *syntax.BinaryExpr {
	for _, arg := range call.Args {
		if k := asKeyword(arg); k != nil && k.X.(*syntax.Ident).Name == name {
			return k
		}
	}
	return nil
}

// asKeyword returns arg if it has the form name = value. (In an argument list, and only there, the parser makes
// a binary expression with the operator = of it.)
func asKeyword(arg syntax.Expr) *syntax.BinaryExpr {
	if b, ok := arg.(*syntax.BinaryExpr); ok && b.Op == syntax.EQ {
		return b
	}
	return nil
}

// isStar reports whether arg is *list or **dict. (A unary star is nothing else in an argument list.)
func isStar(arg syntax.Expr) bool {
	u, ok := arg.(*syntax.UnaryExpr)
	return ok && (u.Op == syntax.STAR || u.Op == syntax.STARSTAR)
}
