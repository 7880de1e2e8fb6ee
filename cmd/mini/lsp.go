package main

import (
	"context"
	"fmt"
	"io/fs"

	"mini/builtins"
	"mini/lang"
	"mini/lang/lsp"
	"mini/stdlib"

	"github.com/spf13/pflag"
)

const lspHelp = `Is a language server: an editor starts it and speaks the Language Server Protocol with it over standard input and output.
It completes names, explains them, finds where they are defined, lays scripts out, and tells what is wrong with them while
they are being typed. docs/editors.md says how to set up an editor.`

func (a *app) lspCommand(f *pflag.FlagSet) func(context.Context, []string) error {
	f.Bool("stdio", true, "speak over standard input and output, which is what it does anyway")
	return func(ctx context.Context, args []string) error {
		if len(args) > 0 {
			return usagef("lsp: it takes no scripts; the editor says which are open")
		}
		err := lsp.Serve(ctx, a.stdin, a.stdout, lsp.Options{
			Version:  version(),
			Language: func() lang.Options { return lang.Options{Builtins: unpinned(), Types: builtins.Types()} },
			Modules:  map[string]fs.FS{"mini": stdlib.FS},
		})
		if err != nil {
			return fmt.Errorf("mini: lsp: %w", err)
		}
		return nil
	}
}
