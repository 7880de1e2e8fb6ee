package kconf

// A Setting is what somebody asked of a symbol: y, m, n, a number, or text without quotes.
type Setting struct {
	Name  string // without CONFIG_
	Value string
}

// A Mode is what symbols get that have a prompt and were not asked about.
type Mode uint8

// The modes: the default (olddefconfig, defconfig), or all of them n, m or y as in allnoconfig, allmodconfig and allyesconfig.
const (
	NewDefault Mode = iota
	NewNo
	NewMod
	NewYes
)

// An Input is all that a configuration is computed from besides the tree.
type Input struct {
	Settings []Setting // of two for one symbol Linux takes the last and BusyBox the first
	New      Mode
	Answers  map[string]string // what open $(shell,…) say, by their text; without one a test succeeds
}

// A State is a configuration: a value for each symbol, and what led to it.
type State struct {
	tree    *Tree
	input   Input
	user    []userValue
	results []result
	deps    []cached // of entries
	rank    map[*Symbol][]*Symbol
	modules Tri
	touched bool // a value was read that is being computed
}

type userValue struct {
	set  bool
	tri  Tri
	text string
	one  *Symbol // of an older choice: the member
}

type result struct {
	value
	visible  Tri
	selected Tri // at least this, by selects
	implied  Tri
	direct   Tri // what its "depends on" allow
	written  bool
	valid    bool
	busy     bool
	one      *Symbol // of a choice: the member that is y
}

type value struct {
	tri  Tri
	text string
}

type cached struct {
	known bool
	tri   Tri
}

// Evaluate computes a configuration.
func (t *Tree) Evaluate(in Input) *State {
	s := &State{tree: t, input: in, user: make([]userValue, len(t.all)), rank: make(map[*Symbol][]*Symbol)}
	for _, set := range in.Settings {
		s.set(set)
	}
	if in.New != NewDefault {
		s.setAll(in.New)
	}
	s.compute()
	if t.Style != Choices && in.New == NewDefault && s.dropOutOfRange() {
		s.compute()
	}
	return s
}

// compute gives every symbol its value. Whether there are modules is known first, since it changes what every m means;
// and it is computed once as if there were none and once as it then seems, not until it stays: it might never.
func (s *State) compute() {
	s.modules = No
	for range 2 {
		s.results = make([]result, len(s.tree.all))
		s.deps = make([]cached, len(s.tree.entries))
		s.modules = s.calc(s.tree.modules).tri
	}
	for _, sym := range s.tree.Symbols {
		s.calc(sym)
	}
}

// Value is a symbol's value as text: y, m, n, a number, or text without quotes.
func (s *State) Value(sym *Symbol) string { return s.text(sym) }

// Tri is the value of a symbol that is y, m or n, and n for all others.
func (s *State) Tri(sym *Symbol) Tri { return s.calc(sym).tri }

// Visible tells how far a person may set the symbol: n is not at all.
func (s *State) Visible(sym *Symbol) Tri {
	s.calc(sym)
	return s.results[sym.index].visible
}

// Selected tells what selects make the symbol at least.
func (s *State) Selected(sym *Symbol) Tri {
	s.calc(sym)
	return s.results[sym.index].selected
}

// Written reports whether a .config names the symbol.
func (s *State) Written(sym *Symbol) bool {
	s.calc(sym)
	return s.tree.Style == Old || s.results[sym.index].written
}

// Config is what a .config would say: the text of each symbol that it names.
func (s *State) Config() map[string]string {
	config := make(map[string]string)
	for _, sym := range s.tree.Symbols {
		if s.Written(sym) {
			config[sym.Name] = s.written(sym)
		}
	}
	return config
}

// written is how a .config has a symbol's value, but for quotes.
func (s *State) written(sym *Symbol) string {
	text := s.Value(sym)
	if sym.Type == Int && text == "" && s.tree.Style == Old {
		return "0"
	}
	return text
}

// text is a symbol's value as comparisons see it.
func (s *State) text(sym *Symbol) string {
	v := s.calc(sym)
	if sym.Type.logical() {
		return v.tri.String()
	}
	return v.text
}

// calc is a symbol's value. One that is asked for while it is being computed is what it would be by itself, which is
// how conf gets out of a circle.
func (s *State) calc(sym *Symbol) value {
	r := &s.results[sym.index]
	switch {
	case r.busy:
		s.touched = true
		return r.value
	case r.valid:
		return r.value
	case sym.constant && sym.Type == Tristate:
		r.value, r.valid = value{constTri(sym.Name), sym.Name}, true
	case sym.macro:
		r.value, r.valid = s.answer(sym), true
	case sym.Type == Unknown:
		r.value, r.valid = value{No, sym.Name}, true
	default:
		r.valid, r.busy = true, true
		s.evaluate(sym, r)
		r.busy = false
	}
	return r.value
}

func constTri(name string) Tri {
	switch name {
	case "y":
		return Yes
	case "m":
		return Mod
	}
	return No
}

// answer is what a shell would have said.
func (s *State) answer(sym *Symbol) value {
	text, ok := s.input.Answers[sym.Name]
	if !ok {
		text = likely(sym.Name)
	}
	return value{constTri(text), text}
}

func (s *State) evaluate(sym *Symbol, r *result) {
	r.text = emptyValue(s.tree.Style, sym.Type)
	s.visibility(sym, r)
	r.written = r.visible != No
	switch {
	case sym.transitional:
		r.written = false
		s.transitional(sym, r)
		return
	case !sym.Type.logical():
		s.plain(sym, r)
	case sym.of != nil && s.tree.Style == Choices:
		s.choose(sym.of)
	case sym.of != nil && r.visible == Yes:
		choice := sym.of.Symbol
		s.calc(choice)
		chosen := &s.results[choice.index]
		r.tri = No
		if chosen.one == sym {
			r.tri = Yes
		}
		r.written = chosen.written
	case s.tree.Style == Old:
		s.oldLogical(sym, r)
	default:
		s.logical(sym, r)
	}
	if s.typeOf(sym) == Bool && r.tri == Mod {
		r.tri = Yes
	}
	if sym.choice {
		r.written = r.visible != No
		if r.tri == Yes && s.tree.Style != Choices {
			r.one = s.pick(sym)
			if r.one == nil {
				r.tri = No
			}
		}
	}
	s.keepInRange(sym, r)
}

// emptyValue is what a symbol is that nothing gives a value.
func emptyValue(style Style, t Type) string {
	if style == Choices {
		switch t {
		case Int:
			return "0"
		case Hex:
			return "0x0"
		}
	}
	return ""
}

// typeOf is a symbol's type as things are: without modules a tristate is a bool.
func (s *State) typeOf(sym *Symbol) Type {
	if sym.Type == Tristate && (s.modules == No || s.tree.Style != Choices && sym.of != nil && s.results[sym.index].visible == Yes) {
		return Bool
	}
	return sym.Type
}

// transitional symbols exist to be asked for: others have them as defaults.
func (s *State) transitional(sym *Symbol, r *result) {
	if u := s.user[sym.index]; u.set {
		if sym.Type.logical() {
			r.tri = min(u.tri, r.visible)
		} else {
			r.text = u.text
		}
	}
}

// logical is the value of a bool or tristate: what somebody asked for as far as its prompt allows, or a default and
// what implies it; and never less than what selects it.
func (s *State) logical(sym *Symbol, r *result) {
	u := s.user[sym.index]
	switch {
	case r.visible != No && (u.set || sym.choice && u.tri != No):
		r.tri = min(u.tri, r.visible)
	case sym.choice:
	default:
		if p, allowed := s.activeDefault(sym); p != nil {
			r.tri = min(s.expr(p.Value, false), allowed)
			r.written = r.written || r.tri != No
		}
		if r.implied != No {
			r.written = true
			r.tri = min(max(r.tri, r.implied), r.direct)
		}
	}
	if r.selected != No && (r.visible == No || !u.set) {
		r.written = true
	}
	r.tri = max(r.tri, r.selected)
}

// oldLogical is the same by the rules of 2006: a default is only bounded by a prompt.
func (s *State) oldLogical(sym *Symbol, r *result) {
	u := s.user[sym.index]
	byDefault := func() Tri {
		if p, _ := s.activeDefault(sym); p != nil && !sym.choice {
			return s.expr(p.Value, false)
		}
		return No
	}
	if max(r.visible, r.selected) == No {
		r.tri = byDefault()
		return
	}
	if u.set || sym.choice {
		r.tri = u.tri
	} else {
		r.tri = byDefault()
	}
	r.tri = max(min(r.tri, r.visible), r.selected)
}

// plain is the value of a number or text.
func (s *State) plain(sym *Symbol, r *result) {
	if u := s.user[sym.index]; r.visible != No && u.set {
		r.text = u.text
		return
	}
	if p, _ := s.activeDefault(sym); p != nil && p.Value.Op == OpSymbol {
		r.written = true
		r.text = s.textOf(p.Value.Sym)
	}
}

// textOf is the value of a symbol that another one's default names.
func (s *State) textOf(sym *Symbol) string {
	v := s.calc(sym)
	if sym.Type.logical() && !sym.constant {
		return v.tri.String()
	}
	return v.text
}

// activeDefault is the first default whose condition holds, and how far it does.
func (s *State) activeDefault(sym *Symbol) (*Prop, Tri) {
	for _, p := range sym.Props {
		if p.Kind == Default {
			if tri := s.holds(p); tri != No {
				return p, tri
			}
		}
	}
	return nil, No
}
