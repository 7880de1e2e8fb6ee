// Command embed is a program with a script language of its own, made of mini's: it imports lang, builtins and build, and
// nothing else of mini. The script describes pages of a site; the program evaluates it, shows its graph, and builds it.
package main

import (
	"context"
	"embed"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"

	"mini/build"
	"mini/builtins"
	"mini/lang"
)

//go:embed site.page pages
var site embed.FS

func main() {
	if build.Child() { // a contained step of a build, for which the program is started once more
		return
	}
	graph := flag.Bool("graph", false, "print the graph as JSON and build nothing")
	cache := flag.String("cache", "", "an absolute directory for what is built; a temporary one when empty")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, flag.Args(), *graph, *cache); err != nil {
		fmt.Fprintln(os.Stderr, err)
		stop()
		os.Exit(1)
	}
}

// run evaluates the script with name=value pairs, and prints its graph or builds it.
func run(ctx context.Context, out io.Writer, args []string, graphOnly bool, cache string) error {
	program, err := evaluate(ctx, args)
	if err != nil {
		return err
	}
	roots := builtins.Roots(program)
	graph := build.NewGraph(roots)
	if graphOnly {
		text, err := json.MarshalIndent(graph, "", "  ")
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(out, "%s\n", text)
		return err
	}
	for _, p := range program.Params {
		fmt.Fprintf(out, "%s = %s\n", p.Name, lang.Text(p.Value))
	}
	if cache == "" {
		if cache, err = os.MkdirTemp("", "embed"); err != nil {
			return err
		}
		defer os.RemoveAll(cache)
	}
	store, err := build.OpenStore(cache)
	if err != nil {
		return err
	}
	defer store.Close()
	engine := build.NewEngine(store, exec.LookPath, os.Environ())
	return makeAll(ctx, out, engine, program, graph)
}

// evaluate runs the script out of the program itself. Of mini's vocabulary it has what needs no version from anywhere.
func evaluate(ctx context.Context, args []string) (*lang.Program, error) {
	params := map[string]string{}
	for _, arg := range args {
		name, value, _ := strings.Cut(arg, "=")
		params[name] = value
	}
	vocabulary := builtins.New(builtins.Options{
		Host: "x86_64",
		Pin:  func(builtins.Wanted) (builtins.Pin, bool) { return builtins.Pin{}, false },
	})
	return lang.Run(ctx, "site.page", nil, lang.Options{
		FS: site, Params: params, Types: builtins.Types(), Builtins: append(vocabulary.Table(), own()...), MaxSteps: 1_000_000,
	})
}

// makeAll builds what the script made, and prints it. The engine is the caller's: tests have one that runs nothing.
func makeAll(ctx context.Context, out io.Writer, engine *build.Engine, program *lang.Program, graph *build.Graph) error {
	engine.Emit = func(e build.Event) {
		if e.Kind == build.Built || e.Kind == build.Hit || e.Kind == build.Failed {
			fmt.Fprintf(out, "%s: %s %s\n", e.Pos, e.Title, e.Kind)
		}
	}
	results, err := engine.NewRun(graph).Build(ctx, builtins.Roots(program))
	if err != nil {
		return err
	}
	for _, t := range program.Targets {
		v, ok := t.Value.(builtins.Target)
		if !ok {
			continue
		}
		for _, o := range v.Outputs() {
			path, _, err := engine.CheckedPath(ctx, results[o.Artifact.Node], o.Artifact)
			if err != nil {
				return err
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			fmt.Fprintf(out, "-- %s%s --\n%s", t.Name, o.Suffix, text)
		}
	}
	return nil
}
