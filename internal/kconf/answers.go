package kconf

import (
	"slices"
	"strings"
)

// likely is what an open $(shell,…) most probably says: of a test, that it succeeds. Kconfig.include writes tests as
// { command; } >/dev/null 2>&1 && echo "y" || echo "n".
func likely(name string) string {
	yes, _ := bothAnswers(name)
	return yes
}

// bothAnswers are what a test can say, or the name itself twice if it is no test.
func bothAnswers(name string) (yes, no string) {
	_, rest, ok := strings.Cut(name, `&& echo "`)
	if !ok {
		return name, name
	}
	yes, rest, _ = strings.Cut(rest, `"`)
	if _, rest, ok = strings.Cut(rest, `|| echo "`); ok {
		no, _, _ = strings.Cut(rest, `"`)
	}
	return yes, no
}

// Infer finds out what the open $(shell,…) of a tree said when a finished .config was made: a symbol that has an answer
// as its default shows it, and of the rest a test failed if the .config can't be had otherwise.
func (t *Tree) Infer(config map[string]string) map[string]string {
	answers := make(map[string]string)
	in := Input{Settings: settingsOf(config), Answers: answers}
	for range 2 { // what one answer is may bound where another one counts
		s := t.Evaluate(in)
		for _, sym := range t.Symbols {
			s.readAnswer(sym, config, answers)
		}
	}
	i := &inference{t, in, config, t.Evaluate(in).mismatches(config)}
	for _, sym := range i.wrong {
		for _, m := range t.macrosOf(sym) {
			i.try(m)
		}
		if slices.Contains(i.wrong, sym) {
			i.try(t.macrosOf(sym)...)
		}
	}
	return answers
}

// inference finds out which tests failed.
type inference struct {
	tree   *Tree
	in     Input
	config map[string]string
	wrong  []*Symbol // that come out otherwise than the .config has them
}

// try takes open answers for no, one after the other, until more comes out right. If nothing does they stay open. A symbol
// that has the last of several defaults, or none, needs all of the conditions before it to have failed.
func (i *inference) try(macros ...*Symbol) {
	var tried []string
	for _, m := range macros {
		if _, known := i.in.Answers[m.Name]; known {
			continue
		}
		_, no := bothAnswers(m.Name)
		if no == m.Name {
			continue // no test
		}
		i.in.Answers[m.Name] = no
		tried = append(tried, m.Name)
		if fewer := i.tree.Evaluate(i.in).mismatches(i.config); len(fewer) < len(i.wrong) {
			i.wrong = fewer
			return
		}
	}
	for _, name := range tried {
		delete(i.in.Answers, name)
	}
}

// settingsOf are the settings that ask for a configuration, in a fixed order.
func settingsOf(config map[string]string) []Setting {
	var settings []Setting
	for name, value := range config {
		settings = append(settings, Setting{name, value})
	}
	slices.SortFunc(settings, func(a, b Setting) int { return strings.Compare(a.Name, b.Name) })
	return settings
}

// readAnswer notes an answer that a symbol without a prompt has for its value.
func (s *State) readAnswer(sym *Symbol, config map[string]string, answers map[string]string) {
	if s.Visible(sym) != No {
		return
	}
	p, _ := s.activeDefault(sym)
	if p == nil || p.Value.Op != OpSymbol || !p.Value.Sym.macro || s.Selected(sym) != No {
		return
	}
	value, ok := config[sym.Name]
	switch {
	case ok:
	case sym.Type.logical():
		_, value = bothAnswers(p.Value.Sym.Name)
	default:
		return
	}
	answers[p.Value.Sym.Name] = value
}

// mismatches are the symbols that a configuration has otherwise.
func (s *State) mismatches(config map[string]string) []*Symbol {
	var list []*Symbol
	for _, sym := range s.tree.Symbols {
		value, ok := config[sym.Name]
		if written := s.Written(sym); written != ok || written && s.written(sym) != value {
			list = append(list, sym)
		}
	}
	return list
}

// macrosOf are the open answers that decide about a symbol directly.
func (t *Tree) macrosOf(sym *Symbol) []*Symbol {
	var list []*Symbol
	note := func(e *Expr) {
		e.each(func(s *Symbol) {
			if s.macro && !slices.Contains(list, s) {
				list = append(list, s)
			}
		})
	}
	for _, p := range sym.Props {
		note(p.Value)
		note(p.If)
		for _, e := range p.unless {
			note(e)
		}
	}
	for _, e := range sym.Entries {
		for ; e != nil; e = e.Parent {
			for _, d := range e.Depends {
				note(d.Expr)
			}
		}
	}
	return list
}

// each calls f for every symbol of an expression.
func (e *Expr) each(f func(*Symbol)) {
	if e == nil {
		return
	}
	if e.Op == OpSymbol || e.comparison() {
		f(e.Sym)
		if e.Right != nil {
			f(e.Right)
		}
		return
	}
	e.X.each(f)
	e.Y.each(f)
}
