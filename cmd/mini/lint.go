package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"mini/builtins"
	"mini/lang"
	"mini/lang/lint"

	"github.com/spf13/pflag"
)

func lintHelp() string {
	var help strings.Builder
	help.WriteString(`Finds in scripts what runs and is a mistake all the same, or will puzzle the next reader. Nothing is run. Of a directory it
takes all .star files below it; - is standard input. It exits with 1 if there is something, and with 2 if a script is none.
A comment "# mini: ignore RULE" silences a rule on its line, or on the next if it has a line to itself.

rules:
`)
	for _, r := range lint.Rules() {
		fmt.Fprintf(&help, "  %-16s  %s\n", r.Name, r.Doc)
	}
	return strings.TrimSuffix(help.String(), "\n")
}

func (a *app) lintCommand(f *pflag.FlagSet) func(context.Context, []string) error {
	asJSON := f.Bool("json", false, "print findings as JSON, one object a line, instead of text")
	return func(ctx context.Context, args []string) error {
		if len(args) == 0 {
			return usagef("lint: name scripts or directories, or - for standard input")
		}
		files, errs := scriptFiles(args)
		found := 0
		for _, file := range files {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			findings, err := a.lint(file)
			if err != nil {
				errs = append(errs, err)
			}
			for _, one := range findings {
				if err := a.printFinding(one, *asJSON, found == 0); err != nil {
					return err
				}
				found++
			}
		}
		if len(errs) > 0 {
			return errors.Join(errs...)
		}
		if found > 0 {
			return exitStatus(exitFailed)
		}
		return nil
	}
}

func (a *app) lint(file string) ([]lint.Finding, error) {
	src, shown, err := a.readScript(file)
	if err != nil {
		return nil, err
	}
	return lint.Check(shown, src, lang.Options{Builtins: unpinned(), Types: builtins.Types()})
}

// problem is a finding as other programs read it.
type problem struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Col     int    `json:"col"` // in characters, from 1
	Rule    string `json:"rule"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
}

func (a *app) printFinding(f lint.Finding, asJSON, first bool) error {
	if asJSON {
		p := f.Problem
		return json.NewEncoder(a.stdout).Encode(problem{p.Pos.File, p.Pos.Line, p.Pos.Col, f.Rule, p.Msg, p.Hint})
	}
	between := "\n"
	if first {
		between = ""
	}
	_, err := fmt.Fprintf(a.stdout, "%s%s\n", between, clean(f.String()))
	return err
}
