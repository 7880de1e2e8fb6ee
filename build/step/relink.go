package step

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"mini/internal/kbuild"

	"github.com/spf13/pflag"
)

// relinkStep writes down what a recorded run of make did when one file changed, so that only that is done again: as a
// makefile, as the same with what its rules need in the reverse order (for a proof), and as a makefile that leaves all
// to make, for when the proof fails. A record that does not tell enough is no error: then all three leave it to make.
func relinkStep(flags *pflag.FlagSet) action {
	input := flags.String("input", "", "the file that changed, below the build directory")
	goals := flags.StringArray("goal", nil, "a file that is wanted, below the build directory")
	plain := flags.String("plain", "", "the command that makes them in the ordinary way, in the directory above")
	return func(_ context.Context, env Env, args []string) error {
		record, err := readRecord(env.path(args[0]))
		if err != nil {
			return err
		}
		record.Input, record.Goals = *input, *goals
		unproven := kbuild.Plain(*plain, "what fewer commands made was not what make makes; the log of this step tells more")
		forward, reversed := "", ""
		if rules, err := record.Rules(); err != nil {
			fmt.Fprintf(env.Log, "plain make does it: %v\n", err)
			unproven = kbuild.Plain(*plain, err.Error())
			forward, reversed = unproven, unproven
		} else {
			fmt.Fprintf(env.Log, "%d commands\n", len(rules))
			forward, reversed = record.Makefile(rules, false), record.Makefile(rules, true)
		}
		for i, text := range []string{forward, reversed, unproven} {
			if err := os.WriteFile(env.path(args[1+i]), []byte(text), 0o644); err != nil {
				return err
			}
		}
		return nil
	}
}

// readRecord reads what the recording steps left in a directory.
func readRecord(dir string) (*kbuild.Record, error) {
	text := map[string]string{}
	for _, name := range []string{"calls", "changed", "commands", "trace"} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		text[name] = string(b)
	}
	return &kbuild.Record{
		Commands: kbuild.ParseCommands(text["commands"]), Needs: kbuild.ParseTrace(text["trace"]),
		Changed: strings.Fields(text["changed"]), Calls: kbuild.ParseCalls(text["calls"]),
	}, nil
}
