package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"mini/build"
	"mini/builtins"
	"mini/internal/hosttools"
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
