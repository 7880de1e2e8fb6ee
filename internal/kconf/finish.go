package kconf

import "slices"

// finish ties together what only the whole of the files tells.
func (p *parser) finish() {
	t := p.tree
	if t.Style == Old {
		p.surroundings()
	}
	for _, s := range t.all {
		if s.choice {
			t.choiceMembers(s)
		}
		if s.Defined() {
			t.Symbols = append(t.Symbols, s)
		}
	}
	for _, s := range t.all {
		for _, prop := range s.Props {
			switch prop.Kind {
			case Select:
				prop.To.selects = append(prop.To.selects, prop)
			case Imply:
				prop.To.implies = append(prop.To.implies, prop)
			}
		}
	}
}

// choiceMembers decides which symbols a choice is between, and of which type they are.
func (t *Tree) choiceMembers(c *Symbol) {
	choice := c.Entries[0]
	c.members = slices.DeleteFunc(c.members, func(e *Entry) bool { return t.Style != Choices && t.hidden(choice, e) })
	for _, e := range c.members {
		if e.Symbol.of == nil && (t.Style != Choices || promptEntry(e.Symbol) == e) {
			e.Symbol.of = choice
		}
		if c.Type == Unknown {
			c.Type = e.Symbol.Type
		}
	}
	for _, e := range c.members {
		if e.Symbol.Type == Unknown {
			e.Symbol.Type = c.Type
		}
	}
}

func promptEntry(s *Symbol) *Entry {
	if p := s.prop(Prompt); p != nil {
		return p.Entry
	}
	return nil
}

// hidden reports whether an older conf moves a member below the member before it, because it depends on it: it is then
// an ordinary symbol in that one's submenu.
func (t *Tree) hidden(choice, e *Entry) bool {
	siblings := choice.Children
	i := slices.Index(siblings, e)
	if i <= 0 || siblings[i-1].Symbol == nil {
		return false
	}
	for _, d := range e.Depends {
		if needs(d.Expr, siblings[i-1].Symbol) {
			return true
		}
	}
	return false
}

// needs reports whether an expression can't hold while s is n.
func needs(e *Expr, s *Symbol) bool {
	switch e.Op {
	case OpSymbol:
		return e.Sym == s
	case OpAnd:
		return needs(e.X, s) || needs(e.Y, s)
	case OpEqual:
		return e.Sym == s && (e.Right.isConst("y") || e.Right.isConst("m"))
	case OpUnequal:
		return e.Sym == s && e.Right.isConst("n")
	}
	return false
}

// surroundings defines what BusyBox's conf knows without a file.
func (p *parser) surroundings() {
	for _, name := range []string{"ARCH", "KERNELVERSION", "UNAME_RELEASE"} {
		s := p.tree.symbol(name, false)
		if s.Type == Unknown {
			s.Type = String
		}
		if p.options.Env != nil {
			if text, ok := p.options.Env(name); ok {
				s.Props = append(s.Props, &Prop{Kind: Default, Value: &Expr{Sym: p.tree.symbol(text, true)}, Entry: p.tree.root})
			}
		}
	}
	p.tree.modules = p.tree.symbol("MODULES", false)
}
