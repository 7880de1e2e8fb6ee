package kconf

import "strings"

// An Op is what joins the parts of an expression.
type Op uint8

// The operators. OpSymbol is a symbol by itself.
const (
	OpSymbol Op = iota
	OpNot
	OpAnd
	OpOr
	OpEqual
	OpUnequal
	OpLess
	OpLessEqual
	OpGreater
	OpGreaterEqual
)

var opText = [...]string{"", "!", "&&", "||", "=", "!=", "<", "<=", ">", ">="}

// An Expr is a condition or a default's value.
type Expr struct {
	Op    Op
	Sym   *Symbol // of a symbol or of a comparison's left side
	Right *Symbol // of a comparison's right side
	X, Y  *Expr   // of !X, X && Y, X || Y
}

func (e *Expr) comparison() bool { return e.Op >= OpEqual }

// String writes the expression as a Kconfig file would.
func (e *Expr) String() string {
	var b strings.Builder
	e.write(&b, OpSymbol)
	return b.String()
}

func (e *Expr) write(b *strings.Builder, around Op) {
	switch {
	case e.Op == OpSymbol:
		b.WriteString(e.Sym.text())
	case e.comparison():
		b.WriteString(e.Sym.text() + opText[e.Op] + e.Right.text())
	case e.Op == OpNot:
		b.WriteString("!")
		if e.X.Op != OpSymbol {
			b.WriteString("(")
			e.X.write(b, OpSymbol)
			b.WriteString(")")
			return
		}
		e.X.write(b, OpNot)
	default:
		parens := around == OpAnd && e.Op == OpOr
		if parens {
			b.WriteString("(")
		}
		e.X.write(b, e.Op)
		b.WriteString(" " + opText[e.Op] + " ")
		e.Y.write(b, e.Op)
		if parens {
			b.WriteString(")")
		}
	}
}

// text is how the symbol is written in an expression.
func (s *Symbol) text() string {
	switch {
	case s.choice:
		return "<choice>"
	case s.macro:
		return s.Name
	case s.constant && s.Name != "y" && s.Name != "m" && s.Name != "n":
		return `"` + s.Name + `"`
	}
	return s.Name
}

// A Tri is a value of three: n, m or y, in that order. && is the smaller, || the larger, and ! turns it over.
type Tri int8

// The values of three.
const (
	No Tri = iota
	Mod
	Yes
)

func (t Tri) String() string { return [...]string{"n", "m", "y"}[t] }
