package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"mini/build/step"
	"mini/builtins"
	"mini/internal/arch"
	"mini/internal/source"
	"mini/lang"

	"github.com/spf13/pflag"
)

func (a *app) usage() {
	fmt.Fprintln(a.stderr, "mini builds and runs a Linux of your own from a script of a page.")
	fmt.Fprintln(a.stderr)
	for _, c := range commands() {
		if !c.hidden {
			fmt.Fprintf(a.stderr, "  mini %-8s %s\n", c.name, c.short)
		}
	}
	fmt.Fprintln(a.stderr, "\n`mini help COMMAND` tells more, `mini help kernel` explains a builtin, `mini help distro.star` a script.")
}

func (a *app) commandHelp(c command, flags *pflag.FlagSet) {
	fmt.Fprintf(a.stdout, "usage: mini %s\n\n%s\n", strings.TrimSpace(c.name+" "+c.args), c.long)
	if flags.HasAvailableFlags() {
		fmt.Fprintf(a.stdout, "\nflags:\n%s", flags.FlagUsagesWrapped(100))
	}
}

func (a *app) helpCommand(f *pflag.FlagSet) func(context.Context, []string) error {
	c := &selection{}
	c.oneFlags(f)
	c.cacheFlags(f)
	return func(ctx context.Context, args []string) error {
		if len(args) == 0 {
			a.usage()
			return nil
		}
		for _, c := range commands() {
			if c.name == args[0] {
				flags := pflag.NewFlagSet(c.name, pflag.ContinueOnError)
				flags.SortFlags = false
				c.bind(a, flags)
				a.commandHelp(c, flags)
				return nil
			}
		}
		table := vocabulary()
		for _, b := range table {
			if b.Name == args[0] {
				fmt.Fprint(a.stdout, describeBuiltin(b, false))
				return nil
			}
		}
		if _, err := os.Stat(args[0]); err == nil {
			return a.scriptHelp(ctx, c, args)
		}
		var names []string
		for _, b := range table {
			names = append(names, b.Name)
		}
		for _, c := range commands() {
			names = append(names, c.name)
		}
		hint := "builtins: " + strings.Join(names[:len(table)], ", ")
		if near := lang.Suggest(args[0], names); near != "" {
			hint = fmt.Sprintf("did you mean %s?", near)
		}
		return usagef("there is no help on %q; %s", args[0], hint)
	}
}

// vocabulary is the table of all builtins, and of what the values of tests can do, to be read and not to be called.
func vocabulary() []*lang.Builtin {
	return slices.Concat(lang.Core(), unpinned(), builtins.Methods())
}

// unpinned is the builtins without those of the language, as they are while no source has been resolved.
func unpinned() []*lang.Builtin {
	session := builtins.New(builtins.Options{Host: hostArch(), Pin: func(source.Want) (source.Pin, bool) { return source.Pin{}, false }})
	return session.Table()
}

// hostArch is this machine's architecture as scripts write it, "" if mini can't build on it.
func hostArch() string {
	name, _ := arch.Host(runtime.GOARCH)
	return name
}

func (a *app) versionCommand(f *pflag.FlagSet) func(context.Context, []string) error {
	return func(context.Context, []string) error {
		_, err := fmt.Fprintln(a.stdout, "mini", version())
		return err
	}
}

// version is what the module system says this binary was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return release
	}
	return info.Main.Version
}

// release is the version of a binary that was built from a checkout.
const release = "0.1.0-dev"

// stepCommand does one step of a transcript, in the current directory.
func (a *app) stepCommand(f *pflag.FlagSet) func(context.Context, []string) error {
	return func(ctx context.Context, args []string) error {
		if len(args) == 0 {
			return usagef("step: name the step")
		}
		if args[0] == "fetch" {
			return a.fetchStep(ctx, args[1:])
		}
		dir, err := os.Getwd()
		if err != nil {
			return err
		}
		env := step.Env{Root: dir, Log: a.stderr, Tool: lookTool, ToolEnv: a.toolEnv()}
		return step.RunArgs(ctx, env, args[0], args[1:])
	}
}
