package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/spf13/pflag"
)

const checkHelp = `Evaluates the script, and says what it makes. Nothing is built, and nothing is asked of the network but for
modules that are not in the cache yet. With --matrix that is done for each system, and its name stands first on each line.`

func (a *app) checkCommand(f *pflag.FlagSet) func(context.Context, []string) error {
	c := &selection{}
	c.selectFlags(f)
	c.cacheFlags(f)
	asJSON := f.Bool("json", false, "print what the script makes, and what is wrong with it, as JSON, one object a line")
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
				if *asJSON {
					err := json.NewEncoder(a.stdout).Encode(targetJSON{"target", r.title, t.name, t.value.Type(), t.pos.File, t.pos.Line, t.pos.Col})
					if err != nil {
						return err
					}
					continue
				}
				fmt.Fprintf(a.stdout, "%s%s\t%s\t%s\n", title, t.name, t.value.Type(), t.pos)
			}
		}
		return a.failures(c, rows, nil)
	}
}

// targetJSON is a target as other programs read it.
type targetJSON struct {
	Kind   string `json:"kind"` // "target"
	System string `json:"system,omitempty"`
	Name   string `json:"name"`
	Type   string `json:"type"`
	File   string `json:"file"`
	Line   int    `json:"line"`
	Col    int    `json:"col"`
}
