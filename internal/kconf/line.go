package kconf

import "fmt"

// A line is what is left of a statement. Its methods take what they read; what isn't there is an error of the parser.
type line struct {
	p    *parser
	pos  Pos
	rest []token
	deep int
}

func (l *line) fail(format string, args ...any) {
	l.p.fail(l.pos, fmt.Sprintf(format, args...))
	l.rest = nil
}

// end complains about what nobody took.
func (l *line) end() {
	if len(l.rest) > 0 {
		l.fail("%q does not belong here", l.rest[0].text)
	}
}

// word takes a bare word.
func (l *line) word() string {
	if len(l.rest) == 0 || l.rest[0].kind != wordToken {
		l.fail("a name is missing")
		return ""
	}
	w := l.rest[0].text
	l.rest = l.rest[1:]
	return w
}

// text takes text in quotes; BusyBox also lets a word be text.
func (l *line) text() string {
	if len(l.rest) == 0 || l.rest[0].kind == opToken || l.rest[0].kind == wordToken && l.p.tree.Style != Old {
		l.fail("text in quotes is missing")
		return ""
	}
	text := l.rest[0].text
	l.rest = l.rest[1:]
	return text
}

// accept takes one operator or word, if it is the next.
func (l *line) accept(kind tokenKind, text string) bool {
	if len(l.rest) > 0 && l.rest[0] == (token{kind, text}) {
		l.rest = l.rest[1:]
		return true
	}
	return false
}

// symbol takes a symbol or a constant.
func (l *line) symbol() *Symbol {
	if len(l.rest) == 0 || l.rest[0].kind == opToken {
		l.fail("a symbol is missing")
		return l.p.tree.no
	}
	t := l.rest[0]
	l.rest = l.rest[1:]
	s := l.p.tree.symbol(t.text, t.kind == stringToken)
	if len(t.text) > len(openPrefix) && t.text[:len(openPrefix)] == openPrefix {
		s.macro = true
	}
	return s
}

// name takes a symbol that can't be a constant.
func (l *line) name() *Symbol {
	if w := l.word(); w != "" {
		return l.p.tree.symbol(w, false)
	}
	return l.p.tree.no
}

// condition takes "if EXPR", or nothing.
func (l *line) condition() *Expr {
	if l.accept(wordToken, "if") {
		return l.expr()
	}
	return nil
}

// expr takes an expression: || binds less than &&, and ! takes in a comparison.
func (l *line) expr() *Expr {
	e := l.and()
	for l.accept(opToken, "||") {
		e = &Expr{Op: OpOr, X: e, Y: l.and()}
	}
	return e
}

func (l *line) and() *Expr {
	e := l.not()
	for l.accept(opToken, "&&") {
		e = &Expr{Op: OpAnd, X: e, Y: l.not()}
	}
	return e
}

const maxParens = 200

func (l *line) not() *Expr {
	l.deep++
	defer func() { l.deep-- }()
	switch {
	case l.deep > maxParens:
		l.fail("the expression is nested too deeply")
		return &Expr{Sym: l.p.tree.no}
	case l.accept(opToken, "!"):
		return &Expr{Op: OpNot, X: l.not()}
	case l.accept(opToken, "("):
		e := l.expr()
		if !l.accept(opToken, ")") {
			l.fail("a closing parenthesis is missing")
		}
		return e
	}
	left := l.symbol()
	for op := OpEqual; op <= OpGreaterEqual; op++ {
		if l.accept(opToken, opText[op]) {
			return &Expr{Op: op, Sym: left, Right: l.symbol()}
		}
	}
	return &Expr{Sym: left}
}
