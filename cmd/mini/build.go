package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/pflag"
)

const buildHelp = `Builds the targets, or everything that the script makes when none is named. With -o DIR the results are copied there,
with a run.sh for each machine that boots it with plain qemu, the final configurations, and manifest.json, which says
what each file is, and what it takes to make it again: the command, the sources, the keys of all steps, and the tools.`

func (a *app) buildCommand(f *pflag.FlagSet) func(context.Context, []string) error {
	c := a.buildFlags(f)
	out := f.StringP("output", "o", "", "copy the results into this directory")
	return func(ctx context.Context, args []string) error {
		s, err := a.open(ctx, c, args)
		if err != nil {
			return err
		}
		defer s.close()
		start := time.Now()
		run, results, err := s.build(ctx, s.script.chosen)
		if err != nil {
			return err
		}
		targets, err := s.script.chosen()
		if err != nil {
			return err
		}
		images, err := s.outputs(ctx, targets, results)
		if err != nil {
			return err
		}
		if *out != "" {
			if err := s.export(ctx, *out, targets, images, results); err != nil {
				return fmt.Errorf("mini: %w", err)
			}
		}
		s.summarize(run, results, time.Since(start), images)
		return nil
	}
}
