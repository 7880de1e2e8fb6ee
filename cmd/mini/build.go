package main

import (
	"context"
	"fmt"
	"time"

	"mini/build"

	"github.com/spf13/pflag"
)

const buildHelp = `Builds the targets, or everything that the script makes when none is named. With -o DIR the results are copied there,
with a run.sh for each machine that boots it with plain qemu, the final configurations, and manifest.json, which says
what each file is, and what it takes to make it again: the command, the sources, the keys of all steps, and the tools.

A parameter of the script has the value that name=value gives it, or else the variant that -V puts in force, or else the
file of --params, or else its default; mini help SCRIPT lists parameters, variants and matrices.

With --matrix several systems are built together, and what they share is built once. It takes name=value,value… for a
parameter, or the names of variants or of a matrix of the script; given several times, it means all combinations:
    mini build --matrix arch=i386,x86_64 --matrix tiny,full -o out distro.star
The end is a table of them (with --json an object), and -o DIR gives each a folder of its own, such as arch=i386+tiny.
When one fails the others are finished, and the command that builds the failed one alone is printed.`

func (a *app) buildCommand(f *pflag.FlagSet) func(context.Context, []string) error {
	c := a.buildFlags(f)
	out := f.StringP("output", "o", "", "copy the results into this directory")
	return func(ctx context.Context, args []string) error {
		s, rows, err := a.openRows(ctx, c, args)
		if err != nil {
			return err
		}
		defer s.close()
		if len(c.matrix) > 0 {
			return s.buildRows(ctx, rows, *out)
		}
		start := time.Now()
		return s.whole(ctx, s.script.chosen, nil, func(run *build.Run, results map[*build.Node]*build.Result) error {
			took := time.Since(start)
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
				if err := s.keepFor(run, *out, images); err != nil {
					return fmt.Errorf("mini: %w", err)
				}
			}
			s.summarize(run, results, took, images)
			return nil
		})
	}
}
