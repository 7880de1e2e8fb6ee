package kconf

import (
	"path"
	"slices"
)

// A planner looks for few settings that would give a symbol a value. What it finds is a guess: it looks at one symbol
// after the other, so whoever uses it evaluates the guess.
type planner struct {
	s     *State
	busy  map[*Symbol]bool
	fixed map[string]string // what has to stay as it was asked for
	odd   map[string]bool   // what would be on for the sake of what it selects in another directory
	left  int               // steps
}

const (
	maxPlan      = 12 // settings; nobody would paste more
	maxPlanDepth = 12
	maxPlanSteps = 50_000
)

// plan is a list of settings; nil with ok is that nothing is needed.
type plan []Setting

func (a plan) with(b plan) plan {
	out := slices.Clone(a)
	for _, s := range b {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// contradicts reports whether a plan wants a symbol to be two things.
func (a plan) contradicts() bool {
	seen := make(map[string]string)
	for _, s := range a {
		if v, ok := seen[s.Name]; ok && v != s.Value {
			return true
		}
		seen[s.Name] = s.Value
	}
	return false
}

// cost is what a plan asks of a person: its length, and more for what makes a kernel for other machines, or turns on one
// thing for the sake of another far away.
func (p *planner) cost(a plan) int {
	n := len(a)
	for _, s := range a {
		if s.Name == "COMPILE_TEST" {
			n += 4
		}
		if p.odd[s.Name] {
			n += 3
		}
	}
	return n
}

// best keeps the cheaper of two plans.
type best struct {
	p    *planner
	plan plan
	ok   bool
}

func (b *best) offer(p plan, ok bool) {
	if ok && len(p) <= maxPlan && !p.contradicts() && (!b.ok || b.p.cost(p) < b.p.cost(b.plan)) {
		b.plan, b.ok = p, true
	}
}

// raise plans for a symbol to be at least so much.
func (p *planner) raise(sym *Symbol, to Tri, depth int) (plan, bool) {
	p.left--
	switch {
	case p.s.Tri(sym) >= to:
		return nil, true
	case depth > maxPlanDepth || p.left < 0 || p.busy[sym] || sym.choice || sym.transitional || !sym.Type.logical() || !sym.Defined():
		return nil, false
	case p.fixed[sym.Name] == "n":
		return nil, false
	}
	p.busy[sym] = true
	defer delete(p.busy, sym)
	need := to
	if sym.Type == Bool || p.s.modules == No {
		need = Mod // a bool is y where its dependencies are m
	}
	b := best{p: p}
	for _, prop := range sym.Props {
		if prop.Kind == Prompt {
			more, ok := p.open(prop, need, depth)
			b.offer(more.with(plan{{sym.Name, p.upTo(sym, to)}}), ok)
		}
	}
	if b.ok {
		return b.plan, true
	}
	for _, prop := range sym.Props {
		if prop.Kind == Default {
			more, ok := p.open(prop, need, depth)
			if ok {
				value, okValue := p.satisfy(prop.Value, need, depth)
				b.offer(more.with(value), okValue)
			}
		}
	}
	for _, prop := range sym.selects {
		more, ok := p.open(prop, need, depth)
		if ok {
			if !near(prop.Entry, sym) {
				p.odd[prop.Entry.Symbol.Name] = true
			}
			by, okBy := p.raise(prop.Entry.Symbol, need, depth+1)
			b.offer(more.with(by), okBy)
		}
	}
	return b.plan, b.ok
}

// near reports whether an entry stands in the directory where a symbol is defined.
func near(e *Entry, sym *Symbol) bool {
	for _, d := range sym.Entries {
		if path.Dir(d.Pos.File) == path.Dir(e.Pos.File) {
			return true
		}
	}
	return false
}

// upTo is what to ask for: y, unless only m was wanted and y can't be had.
func (p *planner) upTo(sym *Symbol, to Tri) string {
	if to == Mod && sym.Type == Tristate && p.s.modules != No && p.fixed[sym.Name] == "m" {
		return "m"
	}
	return "y"
}

// open plans for a property to count.
func (p *planner) open(prop *Prop, need Tri, depth int) (plan, bool) {
	var all plan
	for _, c := range conditions(p.s.tree, prop) {
		if p.s.expr(c.Expr, true) >= need {
			continue
		}
		more, ok := p.satisfy(c.Expr, need, depth+1)
		if !ok {
			return nil, false
		}
		if all = all.with(more); len(all) > maxPlan {
			return nil, false
		}
	}
	return all, !all.contradicts()
}

// conditions are all that must hold for a property to count, from the outermost to its own.
func conditions(t *Tree, prop *Prop) []Cond {
	var list []Cond
	for e := prop.Entry; e != nil; e = e.Parent {
		list = append(slices.Clone(e.Depends), list...)
		if e.Parent != nil && e.Parent.Kind == ChoiceEntry && t.Style != Choices {
			for _, p := range e.Parent.Symbol.Props { // what the choice's prompt needs
				if p.Kind == Prompt && p.If != nil {
					list = append([]Cond{{p.If, p.Pos}}, list...)
				}
			}
		}
	}
	for _, e := range prop.unless {
		list = append(list, Cond{e, prop.Pos})
	}
	if prop.If != nil {
		list = append(list, Cond{prop.If, prop.Pos})
	}
	return list
}

// satisfy plans for an expression to be at least so much.
func (p *planner) satisfy(e *Expr, need Tri, depth int) (plan, bool) {
	if p.s.expr(e, true) >= need {
		return nil, true
	}
	switch e.Op {
	case OpSymbol:
		if e.Sym == p.s.tree.mod {
			return p.raise(p.s.tree.modules, Yes, depth+1)
		}
		return p.raise(e.Sym, need, depth+1)
	case OpAnd:
		x, ok := p.satisfy(e.X, need, depth)
		if !ok {
			return nil, false
		}
		y, ok := p.satisfy(e.Y, need, depth)
		both := x.with(y)
		return both, ok && !both.contradicts()
	case OpOr:
		b := best{p: p}
		b.offer(p.satisfy(e.X, need, depth))
		b.offer(p.satisfy(e.Y, need, depth))
		return b.plan, b.ok
	case OpNot:
		return p.refuse(e.X, Yes-need, depth)
	}
	return p.compare(e, depth)
}

// refuse plans for an expression to be at most so much.
func (p *planner) refuse(e *Expr, atMost Tri, depth int) (plan, bool) {
	if p.s.expr(e, true) <= atMost {
		return nil, true
	}
	switch e.Op {
	case OpSymbol:
		return p.lower(e.Sym, atMost, depth+1)
	case OpAnd:
		b := best{p: p}
		b.offer(p.refuse(e.X, atMost, depth))
		b.offer(p.refuse(e.Y, atMost, depth))
		return b.plan, b.ok
	case OpOr:
		x, ok := p.refuse(e.X, atMost, depth)
		if !ok {
			return nil, false
		}
		y, ok := p.refuse(e.Y, atMost, depth)
		both := x.with(y)
		return both, ok && !both.contradicts()
	case OpNot:
		return p.satisfy(e.X, Yes-atMost, depth)
	}
	opposite := map[Op]Op{OpEqual: OpUnequal, OpUnequal: OpEqual, OpLess: OpGreaterEqual, OpGreaterEqual: OpLess, OpGreater: OpLessEqual, OpLessEqual: OpGreater}
	return p.compare(&Expr{Op: opposite[e.Op], Sym: e.Sym, Right: e.Right}, depth)
}

// lower plans for a symbol to be at most so much: it is set so, and so is all that selects it.
func (p *planner) lower(sym *Symbol, atMost Tri, depth int) (plan, bool) {
	p.left--
	switch {
	case p.s.Tri(sym) <= atMost:
		return nil, true
	case depth > maxPlanDepth || p.left < 0 || p.busy[sym] || sym.constant || sym.macro || !sym.Defined():
		return nil, false
	case p.fixed[sym.Name] != "" && constTri(p.fixed[sym.Name]) > atMost:
		return nil, false
	}
	p.busy[sym] = true
	defer delete(p.busy, sym)
	if p.s.typeOf(sym) == Bool {
		atMost = No
	}
	var all plan
	for _, prop := range sym.selects {
		if p.s.source(prop) <= atMost {
			continue
		}
		more, ok := p.lower(prop.Entry.Symbol, atMost, depth+1)
		if !ok {
			return nil, false
		}
		all = all.with(more)
	}
	switch {
	case sym.of != nil:
		return p.otherMember(sym, all)
	case p.s.Visible(sym) != No:
		return all.with(plan{{sym.Name, atMost.String()}}), true
	case p.s.Selected(sym) <= atMost:
		return p.withoutDefault(sym, atMost, all, depth)
	}
	return all, true
}

// otherMember makes room in a choice: its first other visible member is asked for.
func (p *planner) otherMember(sym *Symbol, all plan) (plan, bool) {
	for _, e := range sym.of.Symbol.members {
		if e.Symbol != sym && p.s.Visible(e.Symbol) != No && p.fixed[e.Symbol.Name] != "n" {
			return all.with(plan{{e.Symbol.Name, "y"}}), true
		}
	}
	return nil, false
}

// withoutDefault takes away why a symbol without a visible prompt is on by itself.
func (p *planner) withoutDefault(sym *Symbol, atMost Tri, all plan, depth int) (plan, bool) {
	prop, _ := p.s.activeDefault(sym)
	if prop == nil {
		return all, true
	}
	b := best{p: p}
	b.offer(p.refuse(prop.Value, atMost, depth))
	for _, c := range conditions(p.s.tree, prop) {
		b.offer(p.refuse(c.Expr, atMost, depth))
	}
	return all.with(b.plan), b.ok
}

// compare plans for a comparison of a symbol with a constant to hold.
func (p *planner) compare(e *Expr, depth int) (plan, bool) {
	if p.s.compare(e) {
		return nil, true
	}
	sym, value := e.Sym, e.Right
	if sym.constant || !sym.Defined() || value.Defined() {
		return nil, false
	}
	switch {
	case sym.Type.logical() && e.Op == OpEqual:
		want := constTri(value.Name)
		if p.s.Tri(sym) < want {
			return p.raise(sym, want, depth+1)
		}
		return p.lower(sym, want, depth+1)
	case sym.Type.logical() && e.Op == OpUnequal && value.Name == "n":
		return p.raise(sym, Mod, depth+1)
	case sym.Type.logical() && e.Op == OpUnequal && value.Name == "y":
		return p.lower(sym, Mod, depth+1)
	case p.s.Visible(sym) != No && p.fixed[sym.Name] == "" && (e.Op == OpEqual || e.Op == OpGreaterEqual || e.Op == OpLessEqual) && sym.Type.Valid(value.Name):
		return plan{{sym.Name, value.Name}}, true
	}
	return nil, false
}
