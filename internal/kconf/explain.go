package kconf

import (
	"fmt"
	"slices"
	"strings"
)

// A Reason says why a symbol does not have a value that somebody asked for.
type Reason struct {
	Why   string    // a clause: "it needs NETDEVICES=y"
	Chain []string  // what led to it, the deepest cause first; each line with its place
	Add   []Setting // what would help; nil if nothing is known that would
}

// Explain says why a configuration does not have the value that a symbol was asked to have.
func (s *State) Explain(want Setting) Reason {
	sym := s.tree.Lookup(want.Name)
	if sym == nil {
		return Reason{Why: "this source has no such symbol"}
	}
	return s.why(sym, want.Value)
}

// Offer is Explain with settings to add, if some are found: with them the wish holds, and so do those of asked that
// hold now. See Satisfy.
func (s *State) Offer(want Setting, asked []Setting) Reason {
	r := s.Explain(want)
	if add, ok := s.Satisfy([]Setting{want}, asked); ok {
		r.Add = add
		if r.Why == needsSomething && len(add) > 0 && len(add) <= maxNeeds {
			r.Why = "it needs " + listSettings(add)
		}
	}
	return r
}

const maxNeeds = 4

const needsSomething = "something it depends on is off"

func listSettings(settings []Setting) string {
	var words []string
	for _, s := range settings {
		words = append(words, s.Name+"="+s.Value)
	}
	return listWords(words, "and")
}

func listWords(words []string, last string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " " + last + " " + words[len(words)-1]
}

func (s *State) why(sym *Symbol, value string) Reason {
	switch {
	case sym.transitional:
		return Reason{Why: fmt.Sprintf("it is only there to be read from older configurations%s", s.heirs(sym)), Chain: []string{place(sym)}}
	case !sym.Type.Valid(value):
		return Reason{Why: typeReason(sym, value), Chain: []string{place(sym)}}
	case sym.Type.logical() && constTri(value) < s.Tri(sym):
		return s.whyHigher(sym, constTri(value))
	case sym.Type.logical():
		return s.whyLower(sym, constTri(value))
	}
	return s.whyOther(sym, value)
}

// heirs names the symbols that took over from a transitional one.
func (s *State) heirs(old *Symbol) string {
	for _, sym := range s.tree.Symbols {
		for _, p := range sym.Props {
			if p.Kind == Default && p.Value.Op == OpSymbol && p.Value.Sym == old {
				return ": ask for " + sym.Name
			}
		}
	}
	return ""
}

func place(sym *Symbol) string {
	line := fmt.Sprintf("%s: %s is %s", sym.Entries[0].Pos, sym.Name, sym.Type)
	if title := sym.Title(); title != "" {
		line += fmt.Sprintf(", %q", title)
	}
	return line
}

func typeReason(sym *Symbol, value string) string {
	switch {
	case sym.Type == Bool && value == "m":
		return "it is y or n, and can't be a module"
	case sym.Type.logical():
		return "it is on or off, and takes no text or number"
	case sym.Type == Hex:
		return `it is a hexadecimal number: write it like "0x40"`
	}
	return fmt.Sprintf("it is a number (%s)", sym.Type)
}

// whyLower explains a symbol that is less than it was asked to be.
func (s *State) whyLower(sym *Symbol, want Tri) Reason {
	visible := s.Visible(sym)
	switch {
	case want == Mod && s.modules == No && s.tree.modules != s.tree.no:
		return Reason{Why: fmt.Sprintf("modules are off: m needs %s=y", s.tree.modules.Name), Chain: []string{place(sym)}}
	case !sym.Prompts():
		return s.whyNoPrompt(sym)
	case visible == No:
		return Reason{Why: needsSomething, Chain: s.chain(sym, want)}
	case sym.of != nil:
		return s.whyOtherMember(sym)
	case visible < want:
		return Reason{Why: "something it depends on is a module, so it can only be one too", Chain: s.chain(sym, want)}
	}
	return Reason{Why: "nothing keeps it from being " + want.String() + ", but the configuration was made with another value", Chain: []string{place(sym)}}
}

func (s *State) whyOtherMember(sym *Symbol) Reason {
	choice := sym.of
	r := Reason{Why: "another member of the same choice is on"}
	for _, e := range choice.Symbol.members {
		if e.Symbol != sym && s.Tri(e.Symbol) == Yes {
			r.Why = fmt.Sprintf("%s=y is, and of the choice %q only one can be", e.Symbol.Name, choice.Text)
			r.Chain = []string{place(e.Symbol)}
		}
	}
	r.Chain = append(r.Chain, fmt.Sprintf("%s: the choice %q", choice.Pos, choice.Text))
	return r
}

// whyNoPrompt explains a symbol that a person can't set at all.
func (s *State) whyNoPrompt(sym *Symbol) Reason {
	by := selectors(sym)
	switch {
	case len(by) == 0 && sym.prop(Default) == nil:
		return Reason{Why: "it has no prompt and nothing selects it: it is always n", Chain: []string{place(sym)}}
	case len(by) == 0:
		return Reason{Why: "it has no prompt: its value follows from other symbols", Chain: s.chain(sym, Yes)}
	}
	return Reason{Why: "it has no prompt: only symbols that select it can turn it on (" + listWords(shorten(by), "or") + ")", Chain: s.chain(sym, Yes)}
}

// selectors names what selects a symbol, the nearest first.
func selectors(sym *Symbol) []string {
	var by, far []string
	for _, p := range sym.selects {
		switch name := p.Entry.Symbol.Name; {
		case slices.Contains(by, name) || slices.Contains(far, name):
		case near(p.Entry, sym):
			by = append(by, name)
		default:
			far = append(far, name)
		}
	}
	return append(by, far...)
}

const maxNames = 5

func shorten(names []string) []string {
	if len(names) <= maxNames {
		return names
	}
	return append(slices.Clone(names[:maxNames]), fmt.Sprintf("%d others", len(names)-maxNames))
}

// whyHigher explains a symbol that is more than it was asked to be.
func (s *State) whyHigher(sym *Symbol, want Tri) Reason {
	var r Reason
	var by []string
	for _, p := range sym.selects {
		if s.source(p) > want {
			by = append(by, p.Entry.Symbol.Name+"="+s.Tri(p.Entry.Symbol).String())
			r.Chain = append(r.Chain, fmt.Sprintf("%s: %s selects it", p.Pos, p.Entry.Symbol.Name))
		}
	}
	if len(r.Chain) > maxChain {
		r.Chain = append(r.Chain[:maxChain], fmt.Sprintf("and %d more", len(by)-maxChain))
	}
	switch p, _ := s.activeDefault(sym); {
	case len(by) > 0:
		r.Why = listWords(shorten(by), "and") + plural(len(by), " selects it", " select it")
	case sym.of != nil:
		r.Why = fmt.Sprintf("one member of the choice %q has to be on", sym.of.Text)
		r.Chain = []string{fmt.Sprintf("%s: the choice", sym.of.Pos)}
	case s.Visible(sym) == No && p != nil:
		r.Why = "it can't be set here, and its default is " + s.Tri(sym).String()
		r.Chain = []string{fmt.Sprintf("%s: default %s", p.Pos, defaultText(p))}
		if sym.Prompts() {
			r.Chain = append(s.chain(sym, Mod), r.Chain...)
		}
	default:
		r.Why = "nothing keeps it from being " + want.String() + ", but the configuration was made with another value"
		r.Chain = []string{place(sym)}
	}
	return r
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func defaultText(p *Prop) string {
	text := p.Value.String()
	if p.If != nil {
		text += " if " + p.If.String()
	}
	return text
}

// whyOther explains numbers and text.
func (s *State) whyOther(sym *Symbol, value string) Reason {
	switch {
	case !sym.Prompts():
		r := Reason{Why: "it has no prompt: its value follows from other symbols"}
		for _, p := range sym.Props {
			if p.Kind == Default && len(r.Chain) < maxChain {
				r.Chain = append(r.Chain, fmt.Sprintf("%s: default %s", p.Pos, defaultText(p)))
			}
		}
		return r
	case s.Visible(sym) == No:
		return Reason{Why: needsSomething, Chain: s.chain(sym, Yes)}
	}
	if low, high := s.Range(sym); low != nil {
		if n := s.numberOf(value, sym.Type); n < s.bound(low, sym.Type) || n > s.bound(high, sym.Type) {
			return Reason{Why: fmt.Sprintf("it is out of range: %s has to be from %s to %s", sym.Name, s.text(low), s.text(high)), Chain: []string{place(sym)}}
		}
	}
	return Reason{Why: "nothing keeps it from being that, but the configuration was made with another value", Chain: []string{place(sym)}}
}
