package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/spf13/pflag"
)

const checkHelp = `Evaluates the script, and says what it makes. Nothing is built, and nothing is asked of the network but for
modules that are not in the cache yet. With --matrix that is done for each system, and its name stands first on each line.

--boot looks at the script's machines, or at SCRIPT:MACHINE, for what would keep them from booting: an init that the kernel
can't start, libraries that are nowhere, an initramfs that it can't unpack, no driver for its console or its root= disk, file
systems that it can't mount, commands that aren't there, too little memory. Each finding has its place, what would happen at
boot, and what to write. What it reads is made if it isn't in the cache: programs such as BusyBox, and configurations, but
never a kernel. With an error the exit code is 1, with warnings 0. run, build and test look at the same before they compile
a kernel, and stop at errors.`

func (a *app) checkCommand(f *pflag.FlagSet) func(context.Context, []string) error {
	c := a.buildFlags(f)
	f.Lookup("json").Usage = "print what the script makes, and what is wrong with it, as JSON, one object a line"
	boot := f.Bool("boot", false, "say what would keep the script's machines from booting")
	return func(ctx context.Context, args []string) error {
		if *boot {
			return a.checkBoot(ctx, c, args)
		}
		rows, err := a.rows(ctx, &c.selection, args)
		if err != nil {
			return err
		}
		for _, r := range whole(rows) {
			title := ""
			if r.title != "" {
				title = clean(r.title) + "\t"
			}
			for _, t := range r.targets {
				if c.json {
					err := json.NewEncoder(a.stdout).Encode(targetJSON{"target", r.title, t.name, t.value.Type(), t.pos.File, t.pos.Line, t.pos.Col})
					if err != nil {
						return err
					}
					continue
				}
				fmt.Fprintf(a.stdout, "%s%s\t%s\t%s\n", title, t.name, t.value.Type(), t.pos)
			}
		}
		return a.failures(&c.selection, rows, nil)
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
