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

// editorLanguage is what scripts can see while they are typed: with the modules that are on this machine, and without a
// network.
func (a *app) editorLanguage() func(path string) lang.Options {
	l := &loading{} // one, so that a module is looked for once
	return func(path string) lang.Options {
		opts := lang.Options{Builtins: unpinned(), Types: builtins.Types()}
		if path == "" {
			return opts
		}
		s := &script{path: path, loading: l}
		if err := a.readLockOf(s, "editing asks no network"); err != nil {
			opts.Remote = func(context.Context, string, string) (*lang.Module, error) { return nil, err }
			return opts
		}
		if with, err := s.language(opts.Builtins); err == nil {
			return with
		}
		return opts
	}
}

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
			Language: a.editorLanguage(),
			Modules:  map[string]fs.FS{"mini": stdlib.FS},
		})
		if err != nil {
			return fmt.Errorf("mini: lsp: %w", err)
		}
		return nil
	}
}
