package kconf

// visibility computes what bounds a symbol from above and from below.
func (s *State) visibility(sym *Symbol, r *result) {
	if sym.transitional {
		r.visible = Yes
		return
	}
	s.prompts(sym, r)
	if sym.of != nil {
		return
	}
	r.direct = s.directDeps(sym)
	for _, p := range sym.selects {
		r.selected = max(r.selected, s.source(p))
	}
	if sym.choice && !sym.optional && s.tree.Style != Choices {
		for _, p := range sym.Props {
			if p.Kind == Prompt {
				r.selected = max(r.selected, min(Mod, s.holds(p)))
			}
		}
	}
	for _, p := range sym.implies {
		r.implied = max(r.implied, s.source(p))
	}
	if s.typeOf(sym) == Bool {
		for _, tri := range []*Tri{&r.direct, &r.selected, &r.implied} {
			if *tri == Mod {
				*tri = Yes
			}
		}
	}
}

// prompts computes how far a person may set a symbol.
func (s *State) prompts(sym *Symbol, r *result) {
	visible := No
	for _, p := range sym.Props {
		if p.Kind == Prompt {
			visible = max(visible, s.holds(p))
		}
	}
	if visible == Mod && (sym.Type != Tristate || s.modules == No) {
		visible = Yes
	}
	r.visible = visible
}

// source is how far a select or imply reaches.
func (s *State) source(p *Prop) Tri {
	return min(s.calc(p.Entry.Symbol).tri, s.holds(p))
}

// directDeps is what the "depends on" of a symbol allow: those of any of its entries. An entry without any is left out
// where another has some, as conf does.
func (s *State) directDeps(sym *Symbol) Tri {
	tri, some := No, false
	for _, e := range sym.Entries {
		if s.conditional(e) {
			tri, some = max(tri, s.dep(e)), true
		}
	}
	if !some {
		return Yes
	}
	return tri
}

// conditional reports whether anything bounds an entry.
func (s *State) conditional(e *Entry) bool {
	for ; e != nil; e = e.Parent {
		if len(e.Depends) > 0 {
			return true
		}
		if e.Parent != nil && e.Parent.Kind == ChoiceEntry && s.tree.Style != Choices {
			return true
		}
	}
	return false
}

// holds is a property's condition together with what its entry depends on.
func (s *State) holds(p *Prop) Tri {
	tri := s.dep(p.Entry)
	if p.If != nil && tri != No {
		tri = min(tri, s.expr(p.If, true))
	}
	for _, e := range p.unless {
		if tri != No {
			tri = min(tri, s.expr(e, true))
		}
	}
	return tri
}

// dep is what an entry depends on, with all that it stands in.
func (s *State) dep(e *Entry) Tri {
	if e.Parent == nil {
		return Yes
	}
	c := &s.deps[e.index]
	if c.known {
		return c.tri
	}
	before := s.touched
	s.touched = false
	var tri Tri
	if e.Parent.Kind == ChoiceEntry && s.tree.Style != Choices {
		tri = s.calc(e.Parent.Symbol).tri // how far the choice is on bounds its members
	} else {
		tri = s.dep(e.Parent)
	}
	if of := choiceAround(e); of != nil && s.tree.Style == ChoiceSymbols && of.Symbol.Type == Tristate && e.Symbol != nil && e.Symbol.Type != Tristate {
		if s.calc(of.Symbol).tri != Yes {
			tri = No
		}
	}
	for _, d := range e.Depends {
		if tri != No {
			tri = min(tri, s.expr(d.Expr, true))
		}
	}
	if !s.touched { // otherwise it may be another once that symbol is known
		*c = cached{true, tri}
	}
	s.touched = s.touched || before
	return tri
}

func choiceAround(e *Entry) *Entry {
	if e.Symbol != nil && e.Symbol.of != nil && e.Parent == e.Symbol.of {
		return e.Symbol.of
	}
	return nil
}

// expr is the value of an expression. In a condition m is only as good as there are modules.
func (s *State) expr(e *Expr, condition bool) Tri {
	switch e.Op {
	case OpSymbol:
		tri := s.calc(e.Sym).tri
		if condition && e.Sym == s.tree.mod {
			tri = min(tri, s.calc(s.tree.modules).tri)
		}
		return tri
	case OpNot:
		return Yes - s.expr(e.X, condition)
	case OpAnd:
		x := s.expr(e.X, condition)
		return min(x, s.expr(e.Y, condition))
	case OpOr:
		x := s.expr(e.X, condition)
		return max(x, s.expr(e.Y, condition))
	}
	if s.compare(e) {
		return Yes
	}
	return No
}
