package main

import (
	"context"
	"fmt"
	"strings"

	"mini/build"

	"github.com/spf13/pflag"
)

const planHelp = `Says for every step whether its result is in the cache (hit), would be made (build) or brought here (fetch), depends on
one that would (pending), or is a source that nobody has resolved yet (unresolved). Nothing is built, and nothing
is asked of the network but for modules that are not in the cache yet. What a result has to tell stands below its step,
such as why plain make puts an initramfs in.
With -x the steps are printed as a shell program that does the same by hand. Why a step would be made again is what
mini why says. With --matrix it is the plan of all systems together, each step once.`

func (a *app) planCommand(f *pflag.FlagSet) func(context.Context, []string) error {
	c := a.commonFlags(f)
	c.selectFlags(f)
	transcript := f.BoolP("transcript", "x", false, "print the steps as a shell program")
	return func(ctx context.Context, args []string) error {
		s, rows, err := a.openRows(ctx, c, args)
		if err != nil {
			return err
		}
		defer s.close()
		targets := targetsOf(rows)
		graph := build.Merge(roots(targets)) // what the systems of a matrix share is planned once
		if *transcript {
			fmt.Fprint(a.stdout, build.Transcript(graph))
			return a.failures(&c.selection, rows, nil)
		}
		if err := s.checkHost(ctx, targets, graph, nil); err != nil {
			return err
		}
		a.printPlan(s.known, len(whole(rows)))
		return a.failures(&c.selection, rows, nil)
	}
}

func (a *app) printPlan(plan []*build.Planned, systems int) {
	wide := 0
	for _, p := range plan {
		wide = max(wide, len(p.Node.Title))
	}
	count := map[build.Status]int{}
	for _, p := range plan {
		count[p.Status]++
		fmt.Fprintf(a.stdout, "%-10s  %-*s  %s\n", p.Status, wide, clean(p.Node.Title), p.Node.Pos)
		if p.Remark != "" {
			fmt.Fprintf(a.stdout, "%-10s  %s\n", "", clean(p.Remark))
		}
		for _, q := range p.Node.Quirks {
			fmt.Fprintf(a.stdout, "%-10s  %s\n", "", quirkLine(q))
		}
	}
	var parts []string
	for _, st := range []build.Status{build.StatusHit, build.StatusBuild, build.StatusFetch, build.StatusPending, build.StatusUnresolved} {
		if count[st] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", count[st], st))
		}
	}
	of := ""
	if systems > 1 {
		of = fmt.Sprintf(" for %d systems", systems)
	}
	fmt.Fprintf(a.stdout, "%d steps%s: %s\n", len(plan), of, strings.Join(parts, ", "))
}
