package main

import (
	"context"
	"fmt"

	"github.com/spf13/pflag"
)

const checkHelp = `Evaluates the script, and says what it makes. Nothing is built, and nothing is asked of the network but for modules that are not in the cache yet. With --matrix
that is done for each system, and its name stands first on each line.`

func (a *app) checkCommand(f *pflag.FlagSet) func(context.Context, []string) error {
	c := &selection{}
	c.selectFlags(f)
	c.cacheFlags(f)
	return func(ctx context.Context, args []string) error {
		rows, err := a.rows(ctx, c, args)
		if err != nil {
			return err
		}
		for _, r := range whole(rows) {
			title := ""
			if r.title != "" {
				title = clean(r.title) + "\t"
			}
			for _, t := range r.targets {
				fmt.Fprintf(a.stdout, "%s%s\t%s\t%s\n", title, t.name, t.value.Type(), t.pos)
			}
		}
		return a.failures(c, rows, nil)
	}
}
