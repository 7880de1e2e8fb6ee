package main

import (
	"context"
	"encoding/json"
	"fmt"

	"mini/internal/sandbox"

	"github.com/spf13/pflag"
)

const verifyHelp = `Builds the targets, then builds all of it once more from the same sources into a second cache, in other surroundings, and
compares every output. What differs is shown: the first step that made something else, the first file in it, and the
place in that file (by diffoscope, too, where that is installed). The exit code is 1 when an output of a target differs.

The second build has, if not told otherwise, as many of these at once as this machine allows; what could not be tried is
said. --vary takes names with commas between them, "default", "all" or "none", and -name to leave one out:
    mini verify distro.star                      mini verify --vary default,-date distro.star
    mini verify --vary order,cpus distro.star    mini verify --vary none distro.star`

type verifyFlags struct {
	*common
	vary string
	into string
	keep bool
}

func (a *app) verifyCommand(f *pflag.FlagSet) func(context.Context, []string) error {
	v := &verifyFlags{common: a.buildFlags(f)}
	f.StringVar(&v.vary, "vary", "default", "what is to be different in the second build")
	f.StringVar(&v.into, "into", "/var/tmp", "make the second cache below this directory; a kernel needs 3 GB")
	f.BoolVar(&v.keep, "keep-second", false, "keep the second cache in any case; it is kept when something differs")
	return func(ctx context.Context, args []string) error { return a.verify(ctx, v, args) }
}

func (a *app) verify(ctx context.Context, v *verifyFlags, args []string) error {
	vary, err := chooseVariations(v.vary)
	if err != nil {
		return err
	}
	s, err := a.open(ctx, v.common, args)
	if err != nil {
		return err
	}
	defer s.close()
	if _, _, err := s.build(ctx, s.script.chosen); err != nil {
		return err
	}
	targets, err := s.script.chosen()
	if err != nil {
		return err
	}
	r, err := s.newRebuild(v.into)
	if err != nil {
		return fmt.Errorf("mini: %w", err)
	}
	defer func() {
		if !r.keep && !v.keep {
			_ = sandbox.RemoveAll(r.dir)
		} else {
			s.note("the second cache is kept: " + r.cache)
		}
	}()
	r.vary(ctx, vary)
	s.note(r.describe())
	if err := r.run(ctx, targets); err != nil {
		return err
	}
	verdict, err := r.compare(ctx, targets)
	if err != nil {
		return err
	}
	s.display.Close()
	r.keep = len(verdict.Steps) > 0
	if v.json {
		if err := json.NewEncoder(a.stdout).Encode(verdict); err != nil {
			return err
		}
	} else {
		a.printVerdict(ctx, verdict)
	}
	if !verdict.Same {
		return exitStatus(exitFailed)
	}
	return nil
}
