package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"mini/lang"

	"github.com/spf13/pflag"
)

// command is one word after `mini`.
type command struct {
	name   string
	args   string // for the usage line
	short  string
	long   string
	hidden bool
	bind   func(*app, *pflag.FlagSet) func(ctx context.Context, args []string) error
}

// commands lists all, in the order in which `mini help` shows them: first what a newcomer needs.
func commands() []command {
	return []command{
		{name: "run", args: "SCRIPT[:TARGET] [name=value …] [-- COMMAND …]", short: "build a machine and boot it", long: runHelp, bind: (*app).runCommand},
		{name: "build", args: "SCRIPT[:TARGET …] [name=value …]", short: "build artifacts and, with -o DIR, take them out", long: buildHelp, bind: (*app).buildCommand},
		{name: "test", args: "SCRIPT[:TARGET] [name=value …]", short: "build machines, boot them, and call the script's tests with them", long: testHelp, bind: (*app).testCommand},
		{name: "plan", args: "SCRIPT[:TARGET …] [name=value …]", short: "say what a build would do", long: planHelp, bind: (*app).planCommand},
		{name: "why", args: "SCRIPT[:TARGET …] [name=value …] [NODE]", short: "say why a build would do something again", long: whyHelp, bind: (*app).whyCommand},
		{name: "config", args: "SCRIPT[:TARGET] [name=value …] [SYMBOL]", short: "show, compare and explain a kernel's or BusyBox's configuration", long: configHelp, bind: (*app).configCommand},
		{name: "menuconfig", args: "[--write] SCRIPT[:TARGET] [name=value …]", short: "change a configuration in the source's own menu", long: menuconfigHelp, bind: (*app).menuconfigCommand},
		{name: "check", args: "SCRIPT[:MACHINE …] [name=value …]", short: "evaluate a script; with --boot, say what would keep its machines from booting", long: checkHelp, bind: (*app).checkCommand},
		{name: "graph", args: "SCRIPT[:TARGET …] [name=value …]", short: "show what a script describes: a tree, a picture, or data", long: graphHelp, bind: (*app).graphCommand},
		{name: "size", args: "SCRIPT[:TARGET …] [name=value …]", short: "say what makes an image big, or what made it grow", long: sizeHelp, bind: (*app).sizeCommand},
		{name: "report", args: "[-o FILE] SCRIPT[:TARGET …] [name=value …]", short: "write all that is known of a system as one page for a browser", long: reportHelp, bind: (*app).reportCommand},
		{name: "fmt", args: "[-d | -l | --check] FILE | DIR | - …", short: "lay out scripts in the usual way", long: formatHelp, bind: (*app).formatCommand},
		{name: "lint", args: "[--json] FILE | DIR | - …", short: "find what runs and is a mistake all the same", long: lintHelp(), bind: (*app).lintCommand},
		{name: "doc", args: "[--markdown] [BUILTIN | SCRIPT[:NAME]]", short: "describe a builtin, or what a script offers", long: docHelp, bind: (*app).docCommand},
		{name: "repl", args: "[[-V VARIANT] SCRIPT [name=value …]]", short: "try out what a script defines, statement by statement", long: replHelp, bind: (*app).replCommand},
		{name: "lsp", short: "serve an editor, which starts it itself", long: lspHelp, bind: (*app).lspCommand},
		{name: "verify", args: "SCRIPT[:TARGET …] [name=value …]", short: "build twice in different surroundings and compare", long: verifyHelp, bind: (*app).verifyCommand},
		{name: "get", args: "[-u] [MODULE[@VERSION] …]", short: "require modules that scripts load, or other versions of them", long: getHelp, bind: (*app).getCommand},
		{name: "vendor", args: "SCRIPT[:TARGET …] [name=value …]", short: "put modules and sources into a folder beside the script", long: vendorHelp, bind: (*app).vendorCommand},
		{name: "doctor", args: "[SCRIPT[:TARGET …] [name=value …]]", short: "say which programs of the host are missing, and install them", long: doctorHelp, bind: (*app).doctorCommand},
		{name: "log", args: "SCRIPT[:TARGET] [name=value …] [NODE]", short: "show what a build printed", long: logHelp, bind: (*app).logCommand},
		{name: "shell", args: "SCRIPT[:TARGET] [name=value …] [NODE] [-- COMMAND …]", short: "open a shell where a step runs, or failed", long: shellHelp, bind: (*app).shellCommand},
		{name: "cache", args: "[verify]", short: "show what the cache holds, or check all of it", long: cacheHelp, bind: (*app).cacheCommand},
		{name: "gc", short: "remove from the cache what was not used for long", long: gcHelp, bind: (*app).gcCommand},
		{name: "help", args: "[COMMAND | BUILTIN | SCRIPT [name=value …]]", short: "explain a command, a builtin, or a script's parameters", bind: (*app).helpCommand},
		{name: "version", short: "print the version", bind: (*app).versionCommand},
		{name: "surroundings", args: "JSON", short: "start mini elsewhere, for verify", hidden: true, bind: (*app).surroundingsCommand},
		{name: "step", args: "VERB …", short: "do one of mini's own steps, as a transcript has it", hidden: true, bind: (*app).stepCommand},
	}
}

func (a *app) dispatch(ctx context.Context, args []string) error {
	if len(args) == 0 {
		a.usage()
		return usagef("say what to do, for example: mini run distro.star")
	}
	name := args[0]
	switch name {
	case "-h", "--help":
		name = "help"
	case "--version":
		name = "version"
	}
	var known []string
	for _, c := range commands() {
		if c.name == name {
			return a.execute(ctx, c, args[1:])
		}
		if !c.hidden {
			known = append(known, c.name)
		}
	}
	hint := "`mini help` lists the commands"
	if s := lang.Suggest(name, known); s != "" {
		hint = fmt.Sprintf("did you mean `mini %s`?", s)
	} else if strings.Contains(name, ".star") {
		hint = fmt.Sprintf("to build and boot a script: mini run %s", name)
	}
	return usagef("there is no command %q; %s", name, hint)
}

func (a *app) execute(ctx context.Context, c command, args []string) error {
	flags := pflag.NewFlagSet(c.name, pflag.ContinueOnError)
	flags.SortFlags = false
	flags.Usage = func() {}
	flags.SetOutput(a.stderr)
	run := c.bind(a, flags)
	if c.name == "step" { // a step has flags of its own
		return run(ctx, args)
	}
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, pflag.ErrHelp) {
			a.commandHelp(c, flags)
			return nil
		}
		return usagef("%s: %v%s", c.name, err, flagHint(err, flags))
	}
	a.json, _ = flags.GetBool("json") // where there is no such flag it isn't set
	a.color, _ = flags.GetString("color")
	rest := flags.Args()
	if c.name == "run" || c.name == "shell" { // pflag drops the --, but what follows it is not mini's
		if at := flags.ArgsLenAtDash(); at >= 0 {
			a.guestCommand = append([]string{}, rest[at:]...)
			if len(a.guestCommand) == 0 {
				return usagef("%s: after -- comes a command", c.name)
			}
			rest = rest[:at]
		}
	}
	return run(ctx, rest)
}

// flagHint suggests a flag for one that doesn't exist.
func flagHint(err error, flags *pflag.FlagSet) string {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return ""
	}
	var names []string
	flags.VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	if s := lang.Suggest(unknown.GetSpecifiedName(), names); s != "" {
		return fmt.Sprintf("; did you mean --%s?", s)
	}
	return ""
}
