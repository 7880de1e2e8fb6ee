package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"mini/build"
	"mini/builtins"
	"mini/internal/kconf"
	"mini/internal/kconfig"
)

// entries are those for a script's config that make of one configuration another.
type entries struct {
	kconfig.Request
	tree *kconf.Tree
}

// changes finds them, and lets make try them.
func (m *menu) changes(ctx context.Context) (*entries, error) {
	if len(kconfig.Diff(m.before.final, m.chosen)) == 0 {
		return &entries{}, nil
	}
	state, err := m.before.state()
	if err != nil {
		return nil, err
	}
	mode := kconf.NewDefault
	if m.conf.Base == "mini" || m.conf.Base == "allnoconfig" {
		mode = kconf.NewNo
	}
	var candidates []kconfig.Request
	if settings, ok := state.Changes(valuesOf(m.chosen), mode); ok {
		var short kconfig.Request
		for _, s := range settings {
			short = append(short, m.setting(s.Name))
		}
		candidates = append(candidates, m.keeping(short))
	}
	var all kconfig.Request // of which some may follow from others
	for _, d := range kconfig.Diff(m.before.final, m.chosen) {
		if _, there := m.chosen.Get(d.Symbol); there {
			all = append(all, m.setting(d.Symbol))
		}
	}
	candidates = append(candidates, m.keeping(all))
	var wrong []kconfig.Change
	for _, more := range candidates {
		if wrong, err = m.try(ctx, more); err != nil {
			return nil, err
		}
		if len(wrong) == 0 {
			return &entries{more, state.Tree()}, nil
		}
	}
	return nil, fmt.Errorf("%s: no entries were found that give what was chosen in the menu; with these make comes to something else:\n%s%s",
		m.before.name, (&entries{candidates[len(candidates)-1], state.Tree()}).text(), differing(wrong))
}

// setting is what was chosen for a symbol.
func (m *menu) setting(symbol string) kconfig.Setting {
	value, _ := m.chosen.Get(symbol) // n, if it isn't there
	return kconfig.Setting{Symbol: symbol, Value: value}
}

// keeping adds what the script asks for already and what no longer holds: it would be an error.
func (m *menu) keeping(more kconfig.Request) kconfig.Request {
	more = kconfig.Request(nil).Merge(more)
	for _, miss := range kconfig.Check(m.conf.Asked.Merge(more), m.chosen, nil) {
		s := m.setting(miss.Setting.Symbol)
		if _, there := m.chosen.Get(s.Symbol); !there && !isTristate(miss.Setting.Value) {
			s.Accept = true // a number or a text can't be asked to be away
		}
		more = more.Merge(kconfig.Request{s})
	}
	return more
}

func isTristate(v kconfig.Value) bool {
	return v == kconfig.Bool(false) || v == kconfig.Tristate("m") || v == kconfig.Bool(true)
}

// try lets make configure with more entries, and tells what comes out otherwise than it was chosen.
func (m *menu) try(ctx context.Context, more kconfig.Request) ([]kconfig.Change, error) {
	conf, err := m.conf.With(more)
	if err != nil {
		return nil, err
	}
	s := m.session
	t := target{m.target.name, m.target.pos, onlyConfigured{with{m.target.value.(builtins.Configured), conf}}}
	nodes := roots([]target{t})
	results, err := s.engine.NewRun(build.NewGraph(nodes)).Build(ctx, nodes)
	if err != nil {
		return nil, err
	}
	again, err := s.readConfigured(ctx, t, results)
	if err != nil {
		return nil, err
	}
	return kconfig.Diff(m.chosen, again.final), nil
}

// with is a target with another configuration.
type with struct {
	builtins.Configured
	conf *builtins.Configuration
}

// Configuration implements builtins.Configured.
func (w with) Configuration() *builtins.Configuration { return w.conf }

func valuesOf(c *kconfig.Config) map[string]string {
	values := make(map[string]string)
	for _, symbol := range c.Symbols() {
		value, _ := c.Get(symbol)
		values[symbol] = value.Text()
	}
	return values
}

// differing lists the first symbols that come out otherwise.
func differing(changes []kconfig.Change) string {
	var b strings.Builder
	for i, c := range changes {
		if i == 10 {
			fmt.Fprintf(&b, "\n… and %d more", len(changes)-i)
			break
		}
		fmt.Fprintf(&b, "\n%s", c)
	}
	return b.String()
}

// value is a setting's value as a script has it.
func (c *entries) value(s kconfig.Setting) string {
	if s.Accept {
		return "None"
	}
	return kconf.Starlark(c.tree, kconf.Setting{Name: s.Symbol, Value: s.Value.Text()})
}

func (c *entries) text() string {
	var b strings.Builder
	b.WriteString("config = {\n")
	for _, s := range c.Request {
		fmt.Fprintf(&b, "    %q: %s,\n", s.Symbol, c.value(s))
	}
	b.WriteString("}")
	return b.String()
}

func (c *entries) print(w io.Writer) error {
	_, err := fmt.Fprintln(w, c.text())
	return err
}
