package step

import (
	"context"
	"fmt"
	"os"
	"path"
	"strings"

	"mini/internal/patch"

	"github.com/spf13/pflag"
)

// patchStep changes the files of a tree by patches, one after the other.
func patchStep(flags *pflag.FlagSet) action {
	mend := flags.Bool("mend", false, "pass over what the files have already")
	return func(ctx context.Context, env Env, args []string) error {
		if len(args) < 2 {
			return fmt.Errorf("mini step patch: want a directory and patches")
		}
		dir, err := os.OpenRoot(env.path(args[0]))
		if err != nil {
			return err
		}
		defer dir.Close()
		apply := patch.Apply
		if *mend {
			apply = patch.Mend
		}
		for _, arg := range args[1:] {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			text, err := os.ReadFile(env.path(arg))
			if err != nil {
				return err
			}
			name := path.Base(arg)
			err = apply(dir, text, func(s string) { fmt.Fprintf(env.Log, "%s: %s\n", name, s) })
			if quirk, ok := strings.CutSuffix(name, ".patch"); err != nil && *mend && ok {
				return fmt.Errorf("the quirk %s: %w\n  quirks = [\"-%s\"] leaves the source as it is", quirk, err, quirk)
			}
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		return nil
	}
}
