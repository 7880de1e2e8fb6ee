package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"mini/build"
	"mini/build/step"
	"mini/cmd/mini/internal/term"
	"mini/internal/sandbox"
	"mini/internal/source"
	"mini/internal/toolchain"
)

// keptFailures is how many failed steps there is a way back into.
const keptFailures = 3

// session is one command's use of the engine.
type session struct {
	app     *app
	flags   *common
	args    []string // the command line's, from the script on
	alone   []string // the command line for one system of a matrix
	script  *script
	matrix  []map[string]string // the parameters of all systems that are built; nil for one
	display *term.Display
	store   *build.Store
	host    *build.LocalHost
	places  *source.Sources
	engine  *build.Engine

	timeline  *build.Trace     // of the build; nil before it
	traceFile *os.File         // of --trace
	graph     *build.Graph     // what the host was last checked for
	known     []*build.Planned // what a plan of it found out; nil before there was one
}

// open evaluates the script and prepares the engine. It asks the network nothing and builds nothing.
func (a *app) open(ctx context.Context, c *common, args []string) (*session, error) {
	if err := errors.Join(c.check(), c.onlyOne()); err != nil {
		return nil, err
	}
	script, err := parseScript(&c.selection, args)
	if err != nil {
		return nil, err
	}
	if err := a.evaluate(ctx, script); err != nil {
		return nil, err
	}
	return a.session(ctx, c, args, script)
}

// openRows is open for a command that takes a matrix.
func (a *app) openRows(ctx context.Context, c *common, args []string) (*session, []*row, error) {
	return a.openChosen(ctx, c, args, nil)
}

// openChosen is openRows for targets other than those of the command line.
func (a *app) openChosen(ctx context.Context, c *common, args []string, choose func(*row) ([]target, error)) (*session, []*row, error) {
	if err := c.check(); err != nil {
		return nil, nil, err
	}
	rows, err := a.chosenRows(ctx, &c.selection, args, choose)
	if err != nil {
		return nil, nil, err
	}
	s, err := a.session(ctx, c, args, rows[0].script)
	return s, rows, err
}

func (a *app) session(ctx context.Context, c *common, args []string, script *script) (*session, error) {
	cache, err := a.cacheDir(&c.loading)
	if err != nil {
		return nil, err
	}
	store, err := build.OpenStore(cache)
	if err != nil {
		return nil, fmt.Errorf("mini: %w", err)
	}
	s := &session{app: a, flags: c, args: args, script: script, store: store, places: a.sources(c, cache, script.vendored())}
	options := term.Options{
		Out: a.stderr, Color: c.color, NoColor: a.env("NO_COLOR") != "", Verbose: c.verbose, Jobs: c.jobs,
		Dumb: a.env("TERM") == "dumb", ASCII: !a.utf8()}
	if c.json {
		options.JSON = a.stdout
	}
	if err := s.openTrace(); err != nil {
		return nil, err
	}
	s.display = term.New(options)
	s.host = &build.LocalHost{
		Look: lookTool, Env: a.toolEnv(),
		Digests:     toolchain.LoadDigests(filepath.Join(store.ToolsDir(), "digests")),
		Uncontained: c.sandbox == "off" || c.sandbox != "require" && !store.Contains(ctx),
	}
	store.Note = s.note
	ccache := ""
	if c.ccache == "auto" {
		ccache, _ = exec.LookPath("ccache") // without it everything is compiled
	}
	s.engine = &build.Engine{
		Store: store, Cache: store, Host: s.host, Emit: s.show, Jobs: c.jobs,
		Fetcher: &fetcher{places: s.places, script: script, frozen: a.lockMode(&c.loading) == lockError},
		Executor: &build.Local{
			Store: store, Host: s.host, Steps: step.Env{ToolEnv: a.toolEnv()},
			Sandbox: sandbox.Mode(c.sandbox), Apart: s.host.Uncontained, Keep: keptFailures, Extra: c.stepEnv, CCache: ccache,
			Silence: c.stepSilence, Timeout: c.stepTimeout, Install: a.installer(),
		},
	}
	return s, nil
}

// utf8 reports whether the terminal can show more than ASCII, by the locale's order of precedence (locale(7)).
func (a *app) utf8() bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := strings.ToLower(a.env(name)); v != "" {
			return strings.Contains(v, "utf-8") || strings.Contains(v, "utf8")
		}
	}
	return false
}

// close saves what was learnt about the host's tools, and lets the cache go.
func (s *session) close() {
	s.writeTrace()
	s.display.Close()
	_ = s.host.Digests.Save() // only a memory: without it the tools are looked at again
	_ = s.store.Close()       // what it leaves behind the next run removes
}

// ready makes sure that the host can make the targets that choose picks, and resolves the sources. Resolving evaluates the
// script again, so the targets are picked from the script as it is then.
func (s *session) ready(ctx context.Context, choose func() ([]target, error), more []string) ([]target, error) {
	targets, err := choose()
	if err != nil {
		return nil, err
	}
	if err := s.checkHost(ctx, targets, build.NewGraph(roots(targets)), more); err != nil {
		return nil, err
	}
	if len(s.script.wants) > 0 {
		if err := s.app.resolve(ctx, s.script, s.places, s.note); err != nil {
			return nil, err
		}
		if targets, err = choose(); err != nil {
			return nil, err
		}
		s.graph, s.known = build.NewGraph(roots(targets)), nil
	}
	return targets, s.haveAll(ctx, roots(targets))
}

// planned is what a build of the targets' nodes would do. It is found out once for a graph, and the build takes it from there.
func (s *session) planned(ctx context.Context, nodes []*build.Node) ([]*build.Planned, error) {
	if s.known != nil {
		return s.known, nil
	}
	var err error
	s.known, err = s.engine.Plan(ctx, s.graph, s.graph.In(nodes...))
	return s.known, err
}

// newRun prepares s.graph to be built.
func (s *session) newRun() *build.Run {
	run := s.engine.NewRun(s.graph)
	if s.known != nil {
		run.Take(s.known)
	}
	return run
}

// build makes the targets that choose picks.
func (s *session) build(ctx context.Context, choose func() ([]target, error), more ...string) (*build.Run, map[*build.Node]*build.Result, error) {
	targets, err := s.ready(ctx, choose, more)
	if err != nil {
		return nil, nil, err
	}
	nodes := roots(targets)
	s.display.Expect(len(s.graph.Nodes))
	run := s.newRun()
	s.timeline = build.NewTrace(s.graph)
	results, err := run.Build(ctx, nodes)
	if err == nil {
		s.remember(ctx, run, targets)
		s.keepTimeline(run)
		err = s.noteFindings(ctx, targets, results)
	}
	return run, results, s.taught(s.hintVersions(limitHint(err)), s.script, targets, s.graph)
}

// show passes an event on. Why something failed is told once, at the end, where the terminal stays still.
func (s *session) show(e build.Event) {
	if s.timeline != nil {
		s.timeline.Event(e)
	}
	if e.Kind == build.Failed && !s.flags.json {
		e.Text = ""
	}
	s.display.Event(e)
}

func (s *session) note(text string) {
	s.display.Event(build.Event{Kind: build.Note, Text: text})
}

// whole builds as build does, and gives the results to use, which reads them. What use finds damaged in the cache is built
// again.
func (s *session) whole(ctx context.Context, choose func() ([]target, error), more []string,
	use func(*build.Run, map[*build.Node]*build.Result) error) error {
	for try := 1; ; try++ {
		run, results, err := s.build(ctx, choose, more...)
		if err != nil {
			return err
		}
		err = use(run, results)
		if lost := (*build.LostError)(nil); !errors.As(err, &lost) || try == 3 {
			return err
		}
	}
}

// outputs are what each output of the targets is.
func (s *session) outputs(ctx context.Context, targets []target, results map[*build.Node]*build.Result) ([]made, error) {
	var all []made
	for _, t := range targets {
		for _, o := range t.value.Outputs() {
			object, err := s.engine.Object(ctx, results[o.Artifact.Node], o.Artifact)
			if err != nil {
				return nil, err
			}
			size := object.Digest.Size
			if object.IsTree {
				size = 0
			}
			all = append(all, made{target: t, name: t.name + o.Suffix, artifact: o.Artifact, object: object, size: size})
		}
	}
	return all, nil
}

// made is an output of a target that is in the store.
type made struct {
	target   target
	name     string // its file name below -o
	artifact *build.Artifact
	object   build.Object
	size     int64 // of a file, in bytes
}

// clean strips what a script or a log could do to a terminal.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || r >= ' ' && r != 0x7f && (r < 0x80 || r > 0x9f) {
			return r
		}
		return -1
	}, text)
}
