package main

import (
	"context"
	"encoding/json"

	"mini/build"

	"github.com/spf13/pflag"
)

const graphHelp = `Prints what the script describes as JSON: every step that the targets need, with its inputs, tools and commands, each behind
those that it depends on. Of a matrix it is one graph, in which what its systems share is one step. Nothing is built, no
program of this machine is looked at, and nothing is asked of the network. The same script gives the same bytes.`

func (a *app) graphCommand(f *pflag.FlagSet) func(context.Context, []string) error {
	c := &selection{}
	c.selectFlags(f)
	c.cacheFlags(f)
	return func(ctx context.Context, args []string) error {
		rows, err := a.rows(ctx, c, args)
		if err != nil {
			return err
		}
		var sets [][]*build.Node
		for _, r := range whole(rows) {
			sets = append(sets, roots(r.targets))
		}
		graph := build.Merge(sets...)
		if len(sets) == 1 {
			graph = build.NewGraph(sets[0])
		}
		out := json.NewEncoder(a.stdout)
		out.SetEscapeHTML(false)
		out.SetIndent("", "  ")
		if err := out.Encode(graph); err != nil {
			return err
		}
		return a.failures(c, rows, nil)
	}
}
