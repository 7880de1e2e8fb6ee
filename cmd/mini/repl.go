package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"mini/builtins"
	"mini/lang"

	"github.com/spf13/pflag"
	"go.starlark.net/starlark"
	"golang.org/x/term"
)

const replHelp = `Runs the script, if one is named, and then what you type: statements, and expressions, whose values it prints. All that the
script defined is there. Nothing is built. At a terminal, Tab completes names and attributes, the arrows go through what
was typed before, and Ctrl-D ends it.`

func (a *app) replCommand(f *pflag.FlagSet) func(context.Context, []string) error {
	c := &selection{}
	c.oneFlags(f)
	c.cacheFlags(f)
	return func(ctx context.Context, args []string) error {
		if err := c.checkLoading(); err != nil {
			return err
		}
		s := &script{maxSteps: c.maxSteps}
		if len(args) > 0 {
			var err error
			if s, err = parseScript(c, args); err != nil {
				return err
			}
			if len(s.targets) > 0 {
				return usagef("repl: it takes a script and no targets")
			}
		}
		s.loading = &c.loading
		session, err := a.replSession(ctx, s)
		if session == nil {
			return err
		}
		if err != nil { // the script failed, and what it defined before may show why
			fmt.Fprintln(a.stderr, clean(err.Error()))
		}
		prompt, restore, err := a.prompt(session)
		if err != nil {
			return err
		}
		defer restore()
		return a.repl(ctx, session, prompt)
	}
}

func (a *app) replSession(ctx context.Context, s *script) (*lang.Session, error) {
	if err := a.readLockOf(s, ""); err != nil {
		return nil, err
	}
	opts, err := s.language(builtins.New(builtins.Options{Host: hostArch(), Pin: s.pin}).Table())
	if err != nil {
		return nil, err
	}
	opts.Print = func(_ lang.Position, text string) { fmt.Fprintln(a.stdout, clean(text)) }
	return lang.NewSession(ctx, s.path, opts)
}

// repl runs statements until there are no more. Whoever pipes them in wants to know whether all of them worked; at a
// terminal that has been seen.
func (a *app) repl(ctx context.Context, session *lang.Session, prompt *prompt) error {
	failed := false
	for {
		prompt.first()
		v, err := session.Next(ctx, prompt.line)
		switch {
		case errors.Is(err, io.EOF) && failed && !prompt.terminal():
			return exitStatus(exitUsage)
		case errors.Is(err, io.EOF):
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			failed = true
			fmt.Fprintln(prompt.errors, clean(err.Error()))
		case v != nil && v != starlark.None:
			fmt.Fprintln(prompt.out, clean(v.String()))
		}
	}
}

// prompt is where statements come from.
type prompt struct {
	term        *term.Terminal // nil if it is no terminal
	in          *bufio.Scanner
	out, errors io.Writer
}

func (p *prompt) terminal() bool { return p.term != nil }

// first announces a new statement.
func (p *prompt) first() {
	if p.term != nil {
		p.term.SetPrompt(">>> ")
	}
}

func (p *prompt) line() (string, error) {
	if p.term != nil {
		line, err := p.term.ReadLine()
		p.term.SetPrompt("... ")
		return line, err
	}
	if p.in.Scan() {
		return p.in.Text(), nil
	}
	if err := p.in.Err(); err != nil {
		return "", err
	}
	return "", io.EOF
}

// prompt puts a terminal into the mode in which keys come one by one; restore undoes it.
func (a *app) prompt(session *lang.Session) (p *prompt, restore func(), err error) {
	out, ok := a.stdout.(*os.File)
	if !ok || !term.IsTerminal(int(a.stdin.Fd())) || !term.IsTerminal(int(out.Fd())) {
		return &prompt{in: bufio.NewScanner(a.stdin), out: a.stdout, errors: a.stderr}, func() {}, nil
	}
	state, err := term.MakeRaw(int(a.stdin.Fd()))
	if err != nil {
		return nil, nil, fmt.Errorf("mini: repl: %w", err)
	}
	t := term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{a.stdin, out}, ">>> ")
	if width, height, err := term.GetSize(int(out.Fd())); err == nil && width > 0 { // a serial line has none
		_ = t.SetSize(width, height)
	}
	t.AutoCompleteCallback = func(line string, pos int, key rune) (string, int, bool) {
		if key != '\t' {
			return "", 0, false
		}
		head, candidates := completeInput(session, line[:pos])
		if len(candidates) > 1 {
			fmt.Fprintln(t, strings.Join(candidates, "  "))
		}
		return head + line[pos:], len(head), true
	}
	a.stdout = t // print() comes through the terminal as well, or its lines would be stairs
	return &prompt{term: t, out: t, errors: t}, func() { _ = term.Restore(int(a.stdin.Fd()), state) }, nil
}
