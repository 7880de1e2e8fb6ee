package kconf

import (
	"fmt"
	"slices"
	"strings"
)

// Describe tells of one symbol, line by line: what it is, where it stands, what its value is and why, and what it has to
// do with others. It reports false for a symbol that the source doesn't have.
func (s *State) Describe(name string) ([]string, bool) {
	sym := s.tree.Lookup(name)
	if sym == nil {
		return nil, false
	}
	lines := []string{fmt.Sprintf("%s=%s", sym.Name, s.shown(sym)), "  " + s.because(sym)}
	for _, e := range sym.Entries {
		lines = append(lines, "", fmt.Sprintf("%s: %s %s", e.Pos, entryWord(e), sym.Type)+promptText(sym, e))
		for _, d := range dependsOf(e) {
			lines = append(lines, fmt.Sprintf("  depends on %s (%s)", d.Expr, s.tri(d.Expr)))
		}
		for _, p := range sym.Props {
			if p.Entry == e && p.Kind != Prompt {
				lines = append(lines, "  "+s.propText(p))
			}
		}
		if of := sym.of; of != nil && (of == e.Parent || len(sym.Entries) == 1) {
			lines = append(lines, fmt.Sprintf("  one of the choice %q (%s)", of.Text, of.Pos))
		}
	}
	lines = append(lines, s.users("selected by", sym.selects)...)
	lines = append(lines, s.users("implied by", sym.implies)...)
	if sym.Prompts() && s.Visible(sym) == No {
		lines = append(lines, "", "it can't be set here:")
		for _, l := range s.chain(sym, Yes) {
			lines = append(lines, "  "+l)
		}
	}
	if help := sym.Help(); help != "" {
		lines = append(lines, "")
		for _, l := range strings.Split(help, "\n") {
			lines = append(lines, strings.TrimRight("  "+l, " "))
		}
	}
	return lines, true
}

func (s *State) shown(sym *Symbol) string {
	if sym.Type == String {
		return fmt.Sprintf("%q", s.Value(sym))
	}
	return s.written(sym)
}

func (s *State) tri(e *Expr) Tri { return s.expr(e, true) }

func entryWord(e *Entry) string {
	if e.Kind == MenuconfigEntry {
		return "menuconfig,"
	}
	return "config,"
}

func promptText(sym *Symbol, e *Entry) string {
	for _, p := range sym.Props {
		if p.Kind == Prompt && p.Entry == e {
			text := fmt.Sprintf(", %q", p.Text)
			if p.If != nil {
				text += " if " + p.If.String()
			}
			return text
		}
	}
	return ", no prompt"
}

// dependsOf are an entry's own conditions and those of what is around it.
func dependsOf(e *Entry) []Cond {
	var all []Cond
	for ; e != nil; e = e.Parent {
		all = append(slices.Clone(e.Depends), all...)
	}
	return all
}

func (s *State) propText(p *Prop) string {
	var text string
	switch p.Kind {
	case Default:
		text = "default " + p.Value.String()
	case Select:
		text = "select " + p.To.Name
	case Imply:
		text = "imply " + p.To.Name
	case Range:
		text = "range " + p.Low.text() + " " + p.High.text()
	}
	if p.If != nil {
		text += fmt.Sprintf(" if %s (%s)", p.If, s.tri(p.If))
	}
	return text
}

// users lists what selects or implies a symbol, those first that do it now.
func (s *State) users(how string, props []*Prop) []string {
	var now, not []string
	for _, p := range props {
		line := fmt.Sprintf("  %s=%s (%s)", p.Entry.Symbol.Name, s.text(p.Entry.Symbol), p.Pos)
		if s.source(p) != No {
			now = append(now, line)
		} else {
			not = append(not, line)
		}
	}
	if len(now)+len(not) == 0 {
		return nil
	}
	if over := len(not) - maxChain; over > 0 {
		not = append(not[:maxChain], fmt.Sprintf("  and %d more that are off", over))
	}
	return slices.Concat([]string{"", how + ":"}, now, not)
}

// because tells in a clause where a symbol's value comes from.
func (s *State) because(sym *Symbol) string {
	r := s.results[sym.index]
	if sym.Type.logical() && r.selected != No && r.selected >= r.tri {
		for _, p := range sym.selects {
			if s.source(p) == r.tri || s.source(p) == r.selected {
				return fmt.Sprintf("%s selects it (%s)", p.Entry.Symbol.Name, p.Pos)
			}
		}
	}
	p, _ := s.activeDefault(sym)
	switch {
	case sym.of != nil && r.visible != No:
		return fmt.Sprintf("by the choice %q", sym.of.Text)
	case r.visible != No && s.user[sym.index].set:
		if without := s.without(sym); without.Value(sym) != s.Value(sym) {
			return "it was asked to be: by default it would be " + without.shown(sym)
		}
		return "it is that by default"
	case p != nil && r.visible == No:
		return fmt.Sprintf("by its default (%s), and it can't be set here", p.Pos)
	case r.visible == No && sym.Prompts():
		return "it can't be set here"
	case r.visible == No:
		return "it has no prompt, and nothing turns it on"
	}
	return "it is that by default"
}

// without is the configuration as if nobody had asked about one symbol.
func (s *State) without(sym *Symbol) *State {
	in := s.input
	in.Settings = slices.DeleteFunc(slices.Clone(in.Settings), func(set Setting) bool { return set.Name == sym.Name })
	return s.tree.Evaluate(in)
}
