package main

import (
	"context"
	"fmt"

	"github.com/spf13/pflag"
)

const checkHelp = `Evaluates the script, and says what it makes. Nothing is built, and nothing is asked of the network.`

func (a *app) checkCommand(f *pflag.FlagSet) func(context.Context, []string) error {
	return func(ctx context.Context, args []string) error {
		s, err := parseScriptArgs(args)
		if err != nil {
			return err
		}
		if err := a.evaluate(ctx, s); err != nil {
			return err
		}
		targets, err := s.chosen()
		if err != nil {
			return err
		}
		for _, t := range targets {
			fmt.Fprintf(a.stdout, "%s\t%s\t%s\n", t.name, t.value.Type(), t.pos)
		}
		return nil
	}
}
