package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"mini/build"
	"mini/lang"

	"github.com/spf13/pflag"
)

const whyHelp = `Says in words what a build of the target would do again, and why: which part of a step's key is not as it was in the
last build of that target that ended well; after one of a matrix, in that of the same system. A key is made of the step's
text, its settings, its inputs by content and its tools by content. A cause is told once; what only follows from it is
listed after it. With a NODE, as mini log names them, only what concerns that step is told. Nothing is built.

With --key the keys themselves are printed, as one JSON object a step: the messages of the Remote Execution API v2 and
their digests. Any other tool of that world can read them, and check the digests.`

func (a *app) whyCommand(f *pflag.FlagSet) func(context.Context, []string) error {
	c := a.commonFlags(f)
	c.selectFlags(f)
	key := f.Bool("key", false, "print the keys instead, as the Remote Execution API's messages in JSON")
	asJSON := f.Bool("json", false, "print what differs as JSON")
	f.StringVar(&c.sandbox, "sandbox", "auto", "explain a build with --sandbox=off, whose results are kept apart")
	return func(ctx context.Context, args []string) error {
		args, node := splitNode(args)
		s, err := a.open(ctx, c, args)
		if err != nil {
			return err
		}
		defer s.close()
		targets, err := s.script.chosen()
		if err != nil {
			return err
		}
		if err := s.checkHost(ctx, targets, build.NewGraph(roots(targets)), nil); err != nil {
			return err
		}
		if *key {
			return s.printKeys(node)
		}
		var all []*explanation
		for _, t := range targets {
			e, err := s.explain(ctx, t, node)
			if err != nil {
				return err
			}
			all = append(all, e)
		}
		if *asJSON {
			for _, e := range all {
				if err := a.encode(e); err != nil {
					return err
				}
			}
			return nil
		}
		w := &explainer{out: a.stdout, told: map[*build.Node]bool{}}
		for i, e := range all {
			if i > 0 {
				fmt.Fprintln(a.stdout)
			}
			w.explain(e)
		}
		return nil
	}
}

// printKeys prints the keys of the steps that have one already.
func (s *session) printKeys(only string) error {
	if err := checkNode(s.known, only); err != nil {
		return err
	}
	for _, p := range s.known {
		switch {
		case only != "" && only != p.ID:
		case p.Action != nil:
			text, err := p.Action.Text(p.ID)
			if err != nil {
				return err
			}
			if err := s.app.encode(text); err != nil {
				return err
			}
		case only != "" && p.Node.Fetch != nil:
			return usagef("%s is brought from outside and has no key: it is known by the sha256 of its bytes", only)
		case only != "":
			return usagef("the key of %s is not known before what it reads from has been built: mini build %s", only, s.script.path)
		}
	}
	return nil
}

func (s *session) plan(ctx context.Context, targets []target) ([]*build.Planned, error) {
	nodes := roots(targets)
	return s.engine.Plan(ctx, build.NewGraph(nodes), nodes)
}

// checkNode refuses a step that isn't there; "" is always right.
func checkNode(plan []*build.Planned, name string) error {
	var ids []string
	for _, p := range plan {
		ids = append(ids, p.ID)
		if name == "" || name == p.ID {
			return nil
		}
	}
	hint := "it has: " + strings.Join(ids, ", ")
	if near := lang.Suggest(name, ids); near != "" {
		hint = fmt.Sprintf("did you mean %s? ", near) + hint
	}
	return usagef("there is no step %q; %s", name, hint)
}

// explanation is what there is to say of one target.
type explanation struct {
	Script string            `json:"script"`
	Target string            `json:"target"`
	Params map[string]string `json:"params"`
	// LastParams are those of the last build; nil when the target was never built here.
	LastParams map[string]string `json:"last_params"`
	Built      bool              `json:"built_before"`
	// Again counts the steps that would be made or brought, Pending those that may follow from them.
	Again   int             `json:"again"`
	Pending int             `json:"pending"`
	Steps   int             `json:"steps"`
	Reasons []*build.Reason `json:"reasons"`

	node string // the only one that was asked for
}

// explain compares a target's plan with its last build.
func (s *session) explain(ctx context.Context, t target, node string) (*explanation, error) {
	plan, err := s.plan(ctx, []target{t})
	if err != nil {
		return nil, err
	}
	if err := checkNode(plan, node); err != nil {
		return nil, err
	}
	script, err := filepath.Abs(s.script.path)
	if err != nil {
		return nil, err
	}
	e := &explanation{Script: s.script.path, Target: t.name, Params: s.script.paramTexts(), Steps: len(plan), node: node}
	for _, p := range plan {
		switch p.Status {
		case build.StatusHit:
		case build.StatusPending:
			e.Pending++
		default:
			e.Again++
		}
	}
	last, err := s.store.LastBuild(script, t.name, e.Params)
	if err != nil || last == nil {
		return e, err
	}
	e.Built, e.LastParams = true, last.Params
	all, err := s.engine.Why(ctx, plan, last)
	if err != nil {
		return nil, err
	}
	e.Reasons = relevant(all, node)
	return e, nil
}

// relevant leaves out what has nothing to say, and with a node what doesn't lead to it.
func relevant(all []*build.Reason, node string) []*build.Reason {
	leads := map[string]bool{node: true}
	var picked []*build.Reason
	for i := len(all) - 1; i >= 0; i-- { // each before those it depends on
		r := all[i]
		if !r.Changed() || node != "" && !leads[r.ID] {
			continue
		}
		for _, b := range r.Because {
			leads[b] = true
		}
		picked = append([]*build.Reason{r}, picked...)
	}
	return picked
}

// paramTexts are the script's parameters as the command line would have them.
func (s *script) paramTexts() map[string]string {
	texts := map[string]string{}
	for _, p := range s.program.Params {
		texts[p.Name] = lang.Text(p.Value)
	}
	return texts
}

// remember keeps what the targets were made of, for mini why. A build is not worse for it when that fails.
func (s *session) remember(ctx context.Context, run *build.Run, targets []target) {
	script, err := filepath.Abs(s.script.path)
	for _, t := range targets {
		if err == nil {
			err = run.Remember(ctx, script, t.name, s.script.paramTexts(), roots([]target{t}), s.matrix...)
		}
	}
	if err != nil {
		s.note(fmt.Sprintf("mini why will not know of this build: %v", err))
	}
}
