package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"mini/build"

	"github.com/spf13/pflag"
	"golang.org/x/term"
)

const shellHelp = `Opens a shell where a step runs: in the same sandbox, with the same tools, paths, environment and inputs, and no
others. If the step failed, the shell is where it failed, with what it had made by then; with --fresh it is as before the
first of its commands. What the step reads from is built first, where it isn't in the cache. The step is named as mini log
names it; without a name it is the one that failed, or the one that makes the target.

The step's commands are in a file build.sh there. After -- comes a command to run in place of the shell; mini's exit code is its, or
the shell's:
    mini shell distro.star:linux linux.compile -- make -C src O=../build kernel/fork.o
Nothing that is done there gets into the cache. The directories of the last three steps that failed are kept; mini gc and the
step's success remove them.`

func (a *app) shellCommand(f *pflag.FlagSet) func(context.Context, []string) error {
	c := a.buildFlags(f)
	fresh := f.Bool("fresh", false, "begin as before the first command, even if the step failed")
	return func(ctx context.Context, args []string) error {
		args, name := splitNode(args)
		s, err := a.open(ctx, c, args)
		if err != nil {
			return err
		}
		defer s.close()
		onTerminal := term.IsTerminal(int(a.stdin.Fd()))
		if a.guestCommand != nil { // whose output somebody may read by a pipe
			out := a.output()
			onTerminal = onTerminal && out != nil && term.IsTerminal(int(out.Fd()))
		} else if !onTerminal {
			return usagef("there is no terminal for a shell; a command needs none: mini shell %s -- COMMAND", c.again(append(args, nonEmpty(name)...)))
		}
		return s.shell(ctx, name, *fresh, onTerminal)
	}
}

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// shell enters the room of a step, and runs a shell or a command in it.
func (s *session) shell(ctx context.Context, name string, fresh, onTerminal bool) error {
	targets, err := s.ready(ctx, s.script.chosen, nil)
	if err != nil {
		return err
	}
	plan, err := s.planned(ctx, roots(targets))
	if err != nil {
		return err
	}
	step, err := s.chosenStep(plan, targets, name)
	if err != nil {
		return err
	}
	run := s.engine.NewRun(build.NewGraph([]*build.Node{step.Node}))
	room, err := run.Enter(ctx, step.Node, fresh)
	if err != nil {
		return s.taught(limitHint(err), s.script, targets, s.graph)
	}
	defer room.Leave()
	s.display.Close()
	command := build.Command{Args: s.app.guestCommand}
	if command.Args == nil {
		introduce(s.app.stderr, room, s.naming(s.script, step.Node, targets, s.graph))
	}
	code := 0
	if onTerminal {
		command.Env = s.app.terminalEnv()
		err = s.app.onTerminal(ctx, func(ctx context.Context, terminal *os.File) (err error) {
			command.Terminal = terminal
			code, err = room.Run(ctx, command)
			return err
		})
	} else {
		command.Streams = []*os.File{s.app.stdin, s.app.output(), s.app.stderr}
		code, err = room.Run(ctx, command)
	}
	if err == nil && code != 0 {
		return exitStatus(code)
	}
	return err
}

// output is the standard output as a file, which mini's always is.
func (a *app) output() *os.File {
	f, _ := a.stdout.(*os.File)
	return f
}

// chosenStep is the step of a plan that has the name; without one it is what failed, or else what makes the targets.
func (s *session) chosenStep(plan []*build.Planned, targets []target, name string) (*build.Planned, error) {
	if err := checkNode(plan, name); err != nil {
		return nil, err
	}
	makes := map[*build.Node]bool{}
	for _, n := range roots(targets) {
		makes[n] = true
	}
	var open, failed, last []*build.Planned
	for _, p := range plan {
		inside := p.Node.Fetch == nil && !p.Node.InProcess()
		if p.ID == name {
			if inside {
				return p, nil
			}
			return nil, usagef("%s is not done in a sandbox but by mini itself (%s), so there is no place to have a shell in; mini log shows what it said", name, p.Node.Title)
		}
		if !inside {
			continue
		}
		open = append(open, p)
		if p.Action != nil && s.store.Left(p.Action.Digest) != nil {
			failed = append(failed, p)
		}
		if makes[p.Node] {
			last = append(last, p)
		}
	}
	for _, some := range [][]*build.Planned{failed, last, open} {
		switch {
		case len(some) == 1:
			return some[0], nil
		case len(some) > 1:
			return nil, usagef("say which step the shell is for: %s", strings.Join(ids(some), ", "))
		}
	}
	return nil, usagef("all steps of %s are done by mini itself, so there is no place to have a shell in; mini log shows what they said", s.script.path)
}

func ids(plan []*build.Planned) []string {
	var names []string
	for _, p := range plan {
		names = append(names, p.ID)
	}
	return names
}

// introduce tells who enters a room where they are.
func introduce(w io.Writer, room *build.Room, naming string) {
	n := room.Node
	fmt.Fprintf(w, "%s (%s)\n", n.Title, n.Pos)
	if left := room.Left; left != nil {
		how := fmt.Sprintf("failed with exit code %d", left.ExitCode)
		if left.Ended != "" {
			how = "was ended (" + left.Ended + ")"
		}
		fmt.Fprintf(w, "here is what it left when this %s:\n    %s\n", how, clean(left.Step))
		fmt.Fprintf(w, "as before its first command: mini shell --fresh %s\n", naming)
	} else {
		fmt.Fprintln(w, "here it is as before its first command:")
		for i, line := range n.Steps {
			if i == shownSteps && len(n.Steps) > shownSteps+1 {
				fmt.Fprintf(w, "    … and %d more\n", len(n.Steps)-i)
				break
			}
			fmt.Fprintf(w, "    %s\n", clean(line))
		}
	}
	if room.Script != "" {
		fmt.Fprintf(w, "all its commands: %s\n", room.Script)
	}
	fmt.Fprintf(w, "what they are to make in the end, in %s: %s\n", room.Dir(), strings.Join(n.Outputs, ", "))
	if !room.Contained {
		fmt.Fprintln(w, "steps are not contained here: what you do can change this machine")
	}
	fmt.Fprintln(w, "nothing that is done here gets into the cache; exit or Ctrl-D ends it")
}

const shownSteps = 12
