package step

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"mini/internal/kconfig"

	"github.com/spf13/pflag"
)

// kconfigStep passes a final configuration on if everything that was asked for is in it. make drops what it can't have
// in silence; here that is an error, and it is found before anything is compiled.
func kconfigStep(flags *pflag.FlagSet) action {
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
			var lines []string
			for _, m := range missed {
				lines = append(lines, m.String())
			}
			return errors.New(strings.Join(lines, "\n    ") +
				"\n  add what the symbol depends on, or write \"SYMBOL\": None to accept what make chose")
		}
		fmt.Fprintf(env.Log, "%d symbols hold\n", len(request))
		return os.WriteFile(env.path(args[2]), text, 0o644)
	}
}
