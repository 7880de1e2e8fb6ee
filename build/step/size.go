package step

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/pflag"
)

// sizeStep writes how many bytes a file has. What depends on no more than that need not be done again for another file of
// the same size.
func sizeStep(*pflag.FlagSet) action {
	return func(_ context.Context, env Env, args []string) error {
		info, err := os.Stat(env.path(args[0]))
		if err != nil {
			return err
		}
		return os.WriteFile(env.path(args[1]), fmt.Appendln(nil, info.Size()), 0o644)
	}
}
