package kconf

import (
	"maps"
	"slices"
	"strconv"
)

// Satisfy looks for settings which, added to the configuration, make all of wanted hold and keep what holds of asked.
// What it returns was evaluated: once as if symbols that become visible got their defaults, and once as if they were n.
// It reports false if it finds none.
func (s *State) Satisfy(wanted, asked []Setting) ([]Setting, bool) {
	fixed := make(map[string]string)
	for _, a := range asked {
		if sym := s.tree.Lookup(a.Name); sym != nil && s.has(a) {
			fixed[a.Name] = a.Value
		}
	}
	for _, w := range wanted {
		fixed[w.Name] = w.Value
	}
	var added plan
	now := s
	for range 4 { // what was added may make room for what wasn't seen before
		before := len(added)
		for _, w := range wanted {
			if now.has(w) {
				continue
			}
			more, ok := now.planFor(w, fixed)
			if !ok {
				return nil, false
			}
			added = added.with(more)
		}
		if added.contradicts() || len(added) > maxPlan {
			return nil, false
		}
		trial := s.with(added, wanted, NewDefault)
		if trial.all(wanted, fixed) && s.with(added, wanted, NewNo).all(wanted, fixed) {
			return s.shortest(added, wanted, fixed), true
		}
		if len(added) == before {
			return nil, false
		}
		now = trial
	}
	return nil, false
}

// has reports whether a setting holds; n holds where a symbol isn't there.
func (s *State) has(w Setting) bool {
	sym := s.tree.Lookup(w.Name)
	if sym == nil {
		return w.Value == "n"
	}
	if sym.Type.logical() {
		return s.Tri(sym).String() == w.Value
	}
	return s.Written(sym) && s.written(sym) == w.Value
}

func (s *State) all(wanted []Setting, fixed map[string]string) bool {
	for _, w := range wanted {
		if !s.has(w) {
			return false
		}
	}
	for name, value := range fixed {
		if !s.has(Setting{name, value}) {
			return false
		}
	}
	return true
}

// with is the configuration with settings added to those that it came from.
func (s *State) with(added plan, wanted []Setting, mode Mode) *State {
	in := s.input
	in.New = mode
	later := append(slices.Clone(added), wanted...)
	if s.tree.Style == Old { // it takes the first of two
		in.Settings = append(later, in.Settings...)
	} else {
		in.Settings = append(slices.Clone(in.Settings), later...)
	}
	return s.tree.Evaluate(in)
}

func (s *State) planFor(w Setting, fixed map[string]string) (plan, bool) {
	sym := s.tree.Lookup(w.Name)
	if sym == nil || !sym.Type.Valid(w.Value) {
		return nil, false
	}
	others := maps.Clone(fixed)
	p := &planner{s: s, busy: make(map[*Symbol]bool), odd: make(map[string]bool), fixed: others, left: maxPlanSteps}
	if sym.Type.logical() {
		want := constTri(w.Value)
		if s.Tri(sym) > want {
			return drop(w.Name)(p.lower(sym, want, 0))
		}
		if want == Mod && s.modules == No {
			more, ok := p.raise(s.tree.modules, Yes, 0)
			if !ok {
				return nil, false
			}
			rest, ok := drop(w.Name)(p.raise(sym, Mod, 0))
			return more.with(rest), ok
		}
		rest, ok := drop(w.Name)(p.raise(sym, want, 0))
		others, okOthers := p.notOthers(sym)
		return rest.with(others), ok && okOthers
	}
	b := best{p: p}
	for _, prop := range sym.Props {
		if prop.Kind == Prompt {
			b.offer(p.open(prop, Mod, 0))
		}
	}
	return b.plan, b.ok
}

// notOthers asks the member of a choice that is on to be off, since of two that are asked for it might win.
func (p *planner) notOthers(sym *Symbol) (plan, bool) {
	if sym.of == nil {
		return nil, true
	}
	var off plan
	for _, e := range sym.of.Symbol.members {
		if e.Symbol == sym || p.s.Tri(e.Symbol) != Yes {
			continue
		}
		if p.fixed[e.Symbol.Name] == "y" {
			return nil, false
		}
		off = append(off, Setting{e.Symbol.Name, "n"})
	}
	return off, true
}

// drop leaves out the wish itself, which was asked for already.
func drop(name string) func(plan, bool) (plan, bool) {
	return func(p plan, ok bool) (plan, bool) {
		return slices.DeleteFunc(p, func(s Setting) bool { return s.Name == name }), ok
	}
}

// shortest leaves out what isn't needed after all.
func (s *State) shortest(added plan, wanted []Setting, fixed map[string]string) []Setting {
	for i := len(added) - 1; i >= 0 && len(added) > 1; i-- {
		if sym := s.tree.Lookup(added[i].Name); sym.of != nil && added[i].Value == "n" {
			continue // see notOthers
		}
		fewer := slices.Delete(slices.Clone(added), i, i+1)
		if s.with(fewer, wanted, NewDefault).all(wanted, fixed) && s.with(fewer, wanted, NewNo).all(wanted, fixed) {
			added = fewer
		}
	}
	return added
}

// Starlark writes a setting's value as a script has it.
func Starlark(t *Tree, s Setting) string {
	sym := t.Lookup(s.Name)
	switch {
	case s.Value == "y" && (sym == nil || sym.Type.logical()):
		return "True"
	case s.Value == "n" && (sym == nil || sym.Type.logical()):
		return "False"
	case sym != nil && sym.Type == Int && s.Value != "":
		return s.Value
	}
	return strconv.Quote(s.Value)
}
