package step

import (
	"context"
	"fmt"
	"os"

	"mini/internal/kconfig"

	"github.com/spf13/pflag"
)

// Dropped is about symbols that make dropped.
type Dropped struct {
	Text string
	// Nowhere are those that the source doesn't have at all.
	Nowhere []string
}

func (d *Dropped) Error() string { return d.Text }

// kconfigStep passes a final configuration on if everything that was asked for is in it. make drops what it can't have
// in silence; here that is an error, and it is found before anything is compiled. Why something was dropped is read from
// the source's own files, if they are given, and only then.
func kconfigStep(flags *pflag.FlagSet) action {
	source := flags.StringArray("source", nil, "where the source's Kconfig files are; the source itself comes last")
	return func(ctx context.Context, env Env, args []string) error {
		text, err := os.ReadFile(env.path(args[0]))
		if err != nil {
			return err
		}
		final, err := kconfig.ParseConfig(args[0], text)
		if err != nil {
			return err
		}
		wanted, err := os.ReadFile(env.path(args[1]))
		if err != nil {
			return err
		}
		request, err := kconfig.ParseFragment(args[1], wanted)
		if err != nil {
			return err
		}
		if missed := kconfig.Check(request, final, final.Symbols()); len(missed) > 0 {
			why := &reasons{text: text, final: final, request: request, missed: missed}
			for _, dir := range *source {
				why.dirs = append(why.dirs, os.DirFS(env.path(dir)))
			}
			if err := why.load(); err != nil {
				fmt.Fprintf(env.Log, "why symbols were dropped could not be found out: %v\n", err)
			}
			return &Dropped{why.String(), why.nowhere()}
		}
		fmt.Fprintf(env.Log, "%d symbols hold\n", len(request))
		return os.WriteFile(env.path(args[2]), text, 0o644)
	}
}
