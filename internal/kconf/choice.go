package kconf

import "slices"

// set takes one setting as a .config's line would be taken. What doesn't fit the symbol's type is passed over.
func (s *State) set(set Setting) {
	sym := s.tree.named[set.Name]
	if sym == nil || !sym.Type.Valid(set.Value) {
		return
	}
	u := &s.user[sym.index]
	if s.tree.Style == Old && u.set {
		return
	}
	*u = userValue{set: true, tri: constTri(set.Value), text: set.Value}
	if sym.of == nil {
		return
	}
	choice := sym.of.Symbol
	if s.tree.Style == Choices {
		s.rank[choice] = slices.Insert(slices.DeleteFunc(s.ranked(choice), func(m *Symbol) bool { return m == sym }), 0, sym)
		return
	}
	c := &s.user[choice.index]
	if u.tri == Yes && (s.tree.Style == ChoiceSymbols || c.tri == No) {
		c.one = sym
	}
	c.tri = max(c.tri, u.tri)
}

// setAll gives all symbols that were not asked about the same value, as far as they can have it.
func (s *State) setAll(mode Mode) {
	tri := map[Mode]Tri{NewNo: No, NewMod: Mod, NewYes: Yes}[mode]
	for _, sym := range s.tree.all {
		u := &s.user[sym.index]
		if sym.choice && s.tree.Style == ChoiceSymbols && len(s.input.Settings) == 0 {
			u.tri = tri // a file of settings, even an empty one, would have left it alone
		}
		if u.set || sym.choice || !sym.Defined() || !sym.Type.logical() || s.tree.Style == Choices && (sym.of != nil || !sym.Prompts()) {
			continue
		}
		*u = userValue{set: true, tri: tri}
	}
}

// ranked lists a choice's members, the one that was asked about last first.
func (s *State) ranked(choice *Symbol) []*Symbol {
	if list, ok := s.rank[choice]; ok {
		return list
	}
	var list []*Symbol
	for _, e := range choice.members {
		if e.Symbol.of == choice.Entries[0] && !slices.Contains(list, e.Symbol) {
			list = append(list, e.Symbol)
		}
	}
	s.rank[choice] = list
	return list
}

// choose decides which visible member of a choice is y: the one asked for last; else the default, unless it was asked
// to be n; else the first that nobody asked about; else, of all that were asked to be n, the one asked first.
func (s *State) choose(choice *Entry) {
	members := s.ranked(choice.Symbol)
	var visible []*Symbol
	for _, m := range members {
		r := &s.results[m.index]
		if !r.valid || r.busy {
			s.prompts(m, r)
		}
		if r.visible != No {
			visible = append(visible, m)
		}
	}
	one := s.member(choice, visible)
	for _, m := range visible {
		r := &s.results[m.index]
		r.valid, r.written, r.tri = true, true, No
		if m == one {
			r.tri = Yes
		}
	}
	s.results[choice.Symbol.index].one = one
}

func (s *State) member(choice *Entry, visible []*Symbol) *Symbol {
	for _, m := range visible {
		if u := s.user[m.index]; u.set && u.tri == Yes {
			return m
		}
	}
	inOrder := slices.Clone(visible)
	slices.SortFunc(inOrder, func(a, b *Symbol) int { return a.Entries[0].index - b.Entries[0].index })
	if m := s.defaultMember(choice.Symbol, inOrder); m != nil {
		if u := s.user[m.index]; !u.set || u.tri != No {
			return m
		}
	}
	for _, m := range inOrder {
		if !s.user[m.index].set {
			return m
		}
	}
	if len(visible) > 0 {
		return visible[len(visible)-1]
	}
	return nil
}

// defaultMember is the first default that is visible, or the first visible member.
func (s *State) defaultMember(choice *Symbol, visible []*Symbol) *Symbol {
	for _, p := range choice.Props {
		if p.Kind == Default && p.Value.Op == OpSymbol && s.holds(p) != No && s.seen(p.Value.Sym) {
			return p.Value.Sym
		}
	}
	if len(visible) > 0 {
		return visible[0]
	}
	return nil
}

func (s *State) seen(sym *Symbol) bool {
	r := &s.results[sym.index]
	if !r.valid || r.busy {
		s.prompts(sym, r)
	}
	return r.visible != No
}

// pick is the member that an older choice has as its value.
func (s *State) pick(choice *Symbol) *Symbol {
	if one := s.user[choice.index].one; one != nil && s.seen(one) {
		return one
	}
	var visible []*Symbol
	for _, e := range choice.members {
		if s.seen(e.Symbol) {
			visible = append(visible, e.Symbol)
		}
	}
	return s.defaultMember(choice, visible)
}

// keepInRange puts a number that is out of its range to the nearest end.
func (s *State) keepInRange(sym *Symbol, r *result) {
	low, high := s.Range(sym)
	if low == nil {
		return
	}
	n := s.numberOf(r.text, sym.Type)
	end := low
	if n >= s.bound(low, sym.Type) {
		if n <= s.bound(high, sym.Type) {
			return
		}
		end = high
	}
	r.text = s.text(end)
}

// Range is the range that a number has to be in as things are, or nil.
func (s *State) Range(sym *Symbol) (low, high *Symbol) {
	if sym.Type != Int && sym.Type != Hex {
		return nil, nil
	}
	for _, p := range sym.Props {
		if p.Kind == Range && s.holds(p) != No {
			return p.Low, p.High
		}
	}
	return nil, nil
}

func (s *State) bound(end *Symbol, t Type) int64 {
	text := s.text(end)
	if end.Type == Int || end.Type == Hex {
		t = end.Type
	}
	return s.numberOf(text, t)
}

func (s *State) numberOf(text string, t Type) int64 {
	n, _ := number(text, t)
	return n
}

// dropOutOfRange forgets the numbers that were asked for and are out of range: an older conf then takes the default.
func (s *State) dropOutOfRange() bool {
	dropped := false
	for _, sym := range s.tree.Symbols {
		u := &s.user[sym.index]
		low, high := s.Range(sym)
		if low == nil || !u.set {
			continue
		}
		if n := s.numberOf(u.text, sym.Type); n < s.bound(low, sym.Type) || n > s.bound(high, sym.Type) {
			u.set, dropped = false, true
		}
	}
	return dropped
}
