package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"mini/build"
	"mini/lang"

	"github.com/spf13/pflag"
)

const logHelp = `Shows what the steps of the targets printed when they last ran, or only one step's: its name is the first word of a
heading, such as linux.compile. The log of a step that failed is kept too.

With --boot it shows what the console of the last boot said. Every boot's log is kept until the next one of that name: a boot
of mini run is called run, one of mini test as its test is, and --boot SCRIPT NAME shows that one. Beside the log lies a script
that boots the same machine by plain QEMU.`

func (a *app) logCommand(f *pflag.FlagSet) func(context.Context, []string) error {
	c := a.commonFlags(f)
	c.selectFlags(f)
	f.StringVar(&c.sandbox, "sandbox", "auto", "show a build with --sandbox=off, whose results are kept apart")
	boot := f.Bool("boot", false, "show the console's log of a boot")
	return func(ctx context.Context, args []string) error {
		args, only := splitNode(args)
		s, err := a.open(ctx, c, args)
		if err != nil {
			return err
		}
		defer s.close()
		if *boot {
			return s.printBoot(only)
		}
		targets, err := s.script.chosen()
		if err != nil {
			return err
		}
		plan, err := s.plan(ctx, targets)
		if err != nil {
			return err
		}
		var ids []string
		shown := false
		for _, p := range plan {
			if p.Node.Fetch != nil {
				continue
			}
			ids = append(ids, p.ID)
			if only != "" && only != p.ID {
				continue
			}
			shown = true
			if err := s.printLog(p); err != nil {
				return err
			}
		}
		if !shown {
			hint := "it has: " + strings.Join(ids, ", ")
			if near := lang.Suggest(only, ids); near != "" {
				hint = fmt.Sprintf("did you mean %s? ", near) + hint
			}
			return usagef("there is no step %q; %s", only, hint)
		}
		return nil
	}
}

// splitNode takes the one argument after the script that is no name=value; with more of them they all stay, to be
// complained of.
func splitNode(args []string) ([]string, string) {
	at := -1
	for i, arg := range args {
		if i == 0 || strings.Contains(arg, "=") {
			continue
		}
		if at >= 0 {
			return args, ""
		}
		at = i
	}
	if at < 0 {
		return args, ""
	}
	return slices.Delete(slices.Clone(args), at, at+1), args[at]
}

func (s *session) printLog(p *build.Planned) error {
	out := s.app.stdout
	fmt.Fprintf(out, "### %s — %s (%s)\n", p.ID, p.Node.Title, p.Node.Pos)
	if p.Action == nil {
		fmt.Fprintln(out, "not run yet: it depends on what has to be made first")
		return nil
	}
	f, err := os.Open(s.store.LogPath(p.Action.Digest))
	if errors.Is(err, fs.ErrNotExist) {
		fmt.Fprintln(out, "not run yet")
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(out, f)
	return err
}
