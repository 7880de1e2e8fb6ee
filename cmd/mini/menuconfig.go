package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"mini/build"
	"mini/builtins"
	"mini/internal/hosttools"
	"mini/internal/kconf"
	"mini/internal/kconfig"

	"github.com/spf13/pflag"
	"golang.org/x/term"
)

const menuconfigHelp = `Opens the source's own menu on the configuration that a kernel or a BusyBox ends up with, and prints what was changed there
as entries for its config. Nothing is compiled but the menu.

With --write they are put into the script: into the dict of the call's config where that is written out, in the call or in a
variable at the top level, or into a new one if the call has none. All else stays as it is. Before anything is written or
called right, make has computed the configuration again with the entries, and it is the one that was chosen.

It needs a terminal, and the headers of ncurses. Leaving the menu without saving changes nothing.`

type menuFlags struct {
	*common
	write bool
}

func (a *app) menuconfigCommand(f *pflag.FlagSet) func(context.Context, []string) error {
	m := &menuFlags{common: a.buildFlags(f)}
	f.BoolVar(&m.write, "write", false, "put what was changed into the script")
	return func(ctx context.Context, args []string) error { return a.menuconfig(ctx, m, args) }
}

func (a *app) menuconfig(ctx context.Context, m *menuFlags, args []string) error {
	if m.json {
		return usagef("menuconfig: it is for a person at a terminal; there is no --json for it")
	}
	if !term.IsTerminal(int(a.stdin.Fd())) {
		return usagef("menuconfig: it needs a terminal to show the menu on, and the standard input is none; what a target's configuration is prints mini config")
	}
	s, err := a.open(ctx, m.common, args)
	if err != nil {
		return err
	}
	defer s.close()
	menu, err := s.menu(ctx)
	if errors.Is(err, build.ErrLeft) {
		fmt.Fprintln(a.stderr, "mini: the menu was left by Ctrl-C; nothing is changed")
		return exitStatus(exitInterrupted)
	}
	if err != nil {
		return err
	}
	changed, err := menu.changes(ctx)
	if err != nil {
		return err
	}
	if len(changed.Request) == 0 {
		fmt.Fprintf(a.stderr, "nothing changed in the configuration of %s\n", menu.before.name)
		return nil
	}
	if !m.write {
		return changed.print(a.stdout)
	}
	if err := s.writeDict(ctx, menu, changed); err != nil {
		return errors.Join(err, changed.print(a.stdout))
	}
	return nil
}

// menu is what somebody chose in a menu.
type menu struct {
	session *session
	target  target
	conf    *builtins.Configuration
	before  *configured
	chosen  *kconfig.Config
}

// menu computes the configuration that the script asks for, and lets somebody change it.
func (s *session) menu(ctx context.Context) (*menu, error) {
	m := &menu{session: s}
	choose := func() ([]target, error) {
		t, err := s.script.configurable()
		if err == nil {
			err = s.checkMenu(ctx, t.configuration().Menu())
		}
		return []target{t}, err
	}
	err := s.whole(ctx, choose, nil, func(run *build.Run, results map[*build.Node]*build.Result) (err error) {
		if m.target, err = s.script.configurable(); err != nil {
			return err
		}
		m.conf = m.target.configuration()
		if m.before, err = s.readConfigured(ctx, m.target, results); err != nil {
			return err
		}
		m.chosen, err = s.askMenu(ctx, run, m.conf.Menu())
		return err
	})
	return m, err
}

func (t target) configuration() *builtins.Configuration {
	return t.value.(builtins.Configured).Configuration()
}

// checkMenu says what the menu lacks. No target of a script needs it, so mini doctor doesn't install it.
func (s *session) checkMenu(ctx context.Context, n *build.Node) error {
	host := s.app.hostTools()
	missing := host.Check(ctx, headersOf(n))
	if len(missing) == 0 {
		return nil
	}
	manager, known := host.Manager()
	return fmt.Errorf("mini: %s", strings.TrimSpace(hosttools.Report(missing, manager, known, os.Geteuid() == 0)))
}

// askMenu shows the menu, and reads what was saved.
func (s *session) askMenu(ctx context.Context, run *build.Run, n *build.Node) (*kconfig.Config, error) {
	for _, q := range n.Quirks {
		s.note(quirkLine(q))
	}
	s.display.Close() // the terminal is the menu's
	var text []byte
	err := s.app.onTerminal(ctx, func(ctx context.Context, terminal *os.File) error {
		texts, err := run.AtTerminal(ctx, n, terminal, s.app.terminalEnv("MENUCONFIG_COLOR", "MENUCONFIG_MODE"))
		text = texts[n.Outputs[0]]
		return err
	})
	if err != nil {
		return nil, err
	}
	return kconfig.ParseConfig(".config", text)
}

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

func isTristate(v kconfig.Value) bool { return slices.Contains([]string{"y", "m", "n"}, v.Text()) }

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
