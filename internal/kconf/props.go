package kconf

import (
	"fmt"
	"slices"
	"strings"
)

// what may stand below which statement, besides what all can have
var below = map[string][]string{
	"menu":    {"depends", "requires", "visible"},
	"comment": {"depends", "requires"},
	"choice":  {"depends", "requires", "help", "prompt", "bool", "boolean", "tristate", "optional", "default"},
	"config": {
		"depends", "requires", "help", "prompt", "bool", "boolean", "tristate", "int", "hex", "string", "default",
		"def_bool", "def_boolean", "def_tristate", "def_int", "def_hex", "def_string", "select", "enable", "imply", "range",
		"modules", "option", "transitional", "optional",
	},
}

var typeOf = map[string]Type{"bool": Bool, "boolean": Bool, "tristate": Tristate, "int": Int, "hex": Hex, "string": String}

// properties reads the lines that belong to the entry that was begun.
func (p *parser) properties(of string) {
	for !p.failed() {
		st := p.peek()
		if st == nil || st.assign != "" || !slices.Contains(below[of], st.keyword()) {
			return
		}
		if st.keyword() == "help" {
			// The text begins on the next line, whatever that looks like: it must not have been read ahead.
			p.ahead = nil
			p.entry.Help = p.help()
			continue
		}
		p.take()
		p.property(of, st.keyword(), &line{p: p, pos: st.pos, rest: st.tokens[1:]})
	}
}

func (p *parser) property(of, word string, l *line) {
	e := p.entry
	switch word {
	case "depends", "requires":
		p.depends(l)
	case "visible":
		if cond := l.condition(); cond != nil {
			e.Visible = append(e.Visible, Cond{cond, l.pos})
		}
	case "prompt":
		p.prompt(l)
	case "default", "def_bool", "def_boolean", "def_tristate", "def_int", "def_hex", "def_string":
		value := l.expr()
		p.add(&Prop{Kind: Default, Value: value, If: l.condition()}, l)
		p.typed(typeOf[strings.TrimPrefix(word, "def_")], l)
	case "bool", "boolean", "tristate", "int", "hex", "string":
		p.typed(typeOf[word], l)
		if len(l.rest) > 0 {
			p.prompt(l)
		}
	case "select", "enable", "imply":
		kind := Select
		if word == "imply" {
			kind = Imply
		}
		to := l.name()
		p.add(&Prop{Kind: kind, To: to, If: l.condition()}, l)
	case "range":
		low := l.symbol()
		p.add(&Prop{Kind: Range, Low: low, High: l.symbol(), If: l.condition()}, l)
	case "modules":
		p.tree.modules = e.Symbol
	case "option":
		p.option(l)
	case "optional":
		e.Symbol.optional = true
	case "transitional":
		e.Symbol.transitional = true
	}
	l.end()
}

// depends reads "depends on X" and, since Linux 7, "depends on X if Y", which is X || Y=n. BusyBox may leave out the "on".
func (p *parser) depends(l *line) {
	if !l.accept(wordToken, "on") && p.tree.Style != Old {
		l.fail(`"depends" needs "on"`)
		return
	}
	e := l.expr()
	if cond := l.condition(); cond != nil {
		e = &Expr{Op: OpOr, X: e, Y: isOff(cond, p.tree.no)}
	}
	p.entry.Depends = append(p.entry.Depends, Cond{e, l.pos})
}

// isOff is y where e is n, and n where it is anything else.
func isOff(e *Expr, no *Symbol) *Expr {
	switch e.Op {
	case OpAnd:
		return &Expr{Op: OpOr, X: isOff(e.X, no), Y: isOff(e.Y, no)}
	case OpOr:
		return &Expr{Op: OpAnd, X: isOff(e.X, no), Y: isOff(e.Y, no)}
	case OpSymbol:
		return &Expr{Op: OpEqual, Sym: e.Sym, Right: no}
	case OpNot:
		if e.X.Op == OpSymbol {
			return &Expr{Op: OpUnequal, Sym: e.X.Sym, Right: no}
		}
		return &Expr{Op: OpNot, X: isOff(e.X, no)}
	}
	return &Expr{Op: OpNot, X: e}
}

// prompt reads the text that a person sees, and its condition. Menus around it may have one more.
func (p *parser) prompt(l *line) {
	prop := &Prop{Kind: Prompt, Text: strings.TrimLeft(l.text(), " \t")}
	prop.If = l.condition()
	for e := p.entry.Parent; e != nil; e = e.Parent {
		for _, v := range e.Visible {
			prop.unless = append(prop.unless, v.Expr)
		}
	}
	p.add(prop, l)
}

func (p *parser) add(prop *Prop, l *line) {
	prop.Entry, prop.Pos = p.entry, l.pos
	s := p.entry.Symbol
	s.Props = append(s.Props, prop)
}

// typed gives the entry's symbol a type. Of two that differ the first stays.
func (p *parser) typed(t Type, l *line) {
	s := p.entry.Symbol
	switch {
	case t == Unknown || s.Type == t:
	case s.Type == Unknown:
		s.Type = t
	default:
		p.warn(l.pos, fmt.Sprintf("%s is %s already, so it can't be %s", s.Name, s.Type, t))
	}
}

// option reads what was an option of older kernels.
func (p *parser) option(l *line) {
	name := l.word()
	value := ""
	if l.accept(opToken, "=") && len(l.rest) > 0 {
		value = l.rest[0].text
		l.rest = l.rest[1:]
	}
	switch name {
	case "modules":
		p.tree.modules = p.entry.Symbol
	case "env":
		if p.options.Env != nil {
			if text, ok := p.options.Env(value); ok {
				p.add(&Prop{Kind: Default, Value: &Expr{Sym: p.tree.symbol(text, true)}}, l)
			}
		}
	}
}
