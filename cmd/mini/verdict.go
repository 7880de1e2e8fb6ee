package main

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"mini/build"
)

// verdict is what a verification found.
type verdict struct {
	Same     bool            `json:"same"` // all outputs of the targets
	Varied   []string        `json:"varied"`
	NotTried []notTried      `json:"not_tried,omitempty"`
	Outputs  []verdictOutput `json:"outputs"`
	// Steps are those that made something else of the same inputs.
	Steps []verdictStep `json:"steps,omitempty"`
}

type verdictOutput struct {
	Name   string `json:"name"`
	First  string `json:"first"` // digests
	Second string `json:"second"`
	Same   bool   `json:"same"`
	Size   int64  `json:"size,omitempty"`
}

type verdictStep struct {
	ID         string           `json:"node"`
	Title      string           `json:"title"`
	Output     string           `json:"output"`
	Mismatches []build.Mismatch `json:"mismatches"`
}

// compare holds the second cache against the first, step by step: the first step that made something else of the same
// inputs is the one to look at, and what reads from it can't come out the same.
func (r *rebuild) compare(ctx context.Context, targets []target) (*verdict, error) {
	second, err := build.OpenStore(r.cache)
	if err != nil {
		return nil, err
	}
	defer second.Close() // what it leaves behind goes with its directory
	host := *r.hostLike(r.sandbox)
	engine := &build.Engine{Store: second, Cache: second, Host: &host}
	nodes := roots(targets)
	graph := build.NewGraph(nodes)
	first, err := r.engine.Plan(ctx, graph, nodes)
	if err != nil {
		return nil, err
	}
	again, err := engine.Plan(ctx, graph, nodes)
	if err != nil {
		return nil, err
	}
	v := &verdict{Same: true, NotTried: r.not}
	for _, x := range r.varied {
		v.Varied = append(v.Varied, x.name)
	}
	outputs := map[*build.Node][2]map[string]build.Object{}
	differs := map[*build.Node]bool{}
	for i, p := range first {
		a, b := p.Outputs(), again[i].Outputs()
		if a == nil || b == nil {
			continue // only had to be done before something that was a hit
		}
		outputs[p.Node] = [2]map[string]build.Object{a, b}
		follows := false
		for _, in := range p.Node.Inputs {
			follows = follows || in.From != nil && differs[in.From.Node]
		}
		for _, name := range p.Node.Outputs {
			if a[name] == b[name] {
				continue
			}
			differs[p.Node] = true
			if follows {
				continue
			}
			found, err := build.Compare(ctx, r.store, a[name], second, b[name])
			if err != nil {
				return nil, err
			}
			v.Steps = append(v.Steps, verdictStep{p.ID, p.Node.Title, name, found})
		}
	}
	return v, r.compareOutputs(ctx, v, targets, engine, outputs)
}

// compareOutputs fills in what the targets themselves came out as.
func (r *rebuild) compareOutputs(ctx context.Context, v *verdict, targets []target, second *build.Engine, outputs map[*build.Node][2]map[string]build.Object) error {
	told := map[build.Artifact]bool{}
	for _, t := range targets {
		for _, o := range t.value.Outputs() {
			made, ok := outputs[o.Artifact.Node]
			if told[*o.Artifact] {
				continue
			}
			told[*o.Artifact] = true
			if !ok {
				return fmt.Errorf("mini: the second build left no %s%s", t.name, o.Suffix)
			}
			a, err := r.engine.Object(ctx, &build.Result{Outputs: made[0]}, o.Artifact)
			if err != nil {
				return err
			}
			b, err := second.Object(ctx, &build.Result{Outputs: made[1]}, o.Artifact)
			if err != nil {
				return err
			}
			out := verdictOutput{Name: t.name + o.Suffix, First: a.Digest.String(), Second: b.Digest.String(), Same: a == b}
			if !a.IsTree {
				out.Size = a.Digest.Size
			}
			v.Same = v.Same && out.Same
			v.Outputs = append(v.Outputs, out)
		}
	}
	return nil
}

// hostLike is this machine as a build with another sandbox mode sees it.
func (s *session) hostLike(mode string) *build.LocalHost {
	return &build.LocalHost{Look: s.host.Look, Env: s.host.Env, Digests: s.host.Digests, Uncontained: mode == "off"}
}

func (a *app) printVerdict(ctx context.Context, v *verdict) {
	say := func(format string, args ...any) { fmt.Fprintln(a.stdout, clean(fmt.Sprintf(format, args...))) }
	for _, o := range v.Outputs {
		if o.Same {
			say("same     %-18s %s", o.Name, o.First)
		} else {
			say("differs  %-18s %s\n         %-18s %s", o.Name, o.First, "", o.Second)
		}
	}
	for _, st := range v.Steps {
		say("\n%s: its %s is not the same, though it read the same:", st.Title, st.Output)
		for i, m := range st.Mismatches {
			if i == 0 {
				a.printMismatch(ctx, say, m)
				continue
			}
			const most = 20
			if i == most {
				say("    … and %d more", len(st.Mismatches)-most)
				break
			}
			say("    %s: %s", orSelf(m.Path), m.What)
		}
	}
	switch {
	case v.Same && len(v.Steps) > 0:
		say("\nthe outputs are the same; what differs on the way did not get into them")
	case v.Same:
		say("all the same, with %s", listOr(v.Varied, "nothing varied"))
	}
}

func listOr(list []string, none string) string {
	if len(list) == 0 {
		return none
	}
	return "these varied: " + strings.Join(list, ", ")
}

func orSelf(path string) string {
	if path == "" {
		return "the file itself"
	}
	return path
}

// printMismatch shows the first thing that differs.
func (a *app) printMismatch(ctx context.Context, say func(string, ...any), m build.Mismatch) {
	if m.What == build.OtherTarget {
		say("    %s: points to %s, and then to %s", m.Path, m.Links[0], m.Links[1])
		return
	}
	if m.What != build.OtherContent {
		say("    %s: %s", orSelf(m.Path), m.What)
		return
	}
	spot, err := build.FirstDifference(m.Files[0], m.Files[1])
	switch {
	case err != nil || spot == nil:
		say("    %s: %s (%v)", orSelf(m.Path), m.What, err)
	case spot.Line > 0:
		say("    %s differs in line %d:\n        -%s\n        +%s", orSelf(m.Path), spot.Line, spot.Around[0], spot.Around[1])
	default:
		say("    %s differs from byte %d on:\n        -% x  %s\n        +% x  %s", orSelf(m.Path), spot.Offset,
			spot.Around[0], printable(spot.Around[0]), spot.Around[1], printable(spot.Around[1]))
	}
	if program, err := exec.LookPath("diffoscope"); err == nil {
		a.diffoscope(ctx, program, m.Files)
	}
}

func printable(b []byte) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '.'
		}
		return r
	}, string(b))
}

// diffoscope knows more file formats than mini. It may take its time with a large file, so it has a limit.
func (a *app) diffoscope(ctx context.Context, program string, files [2]string) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, "--text", "-", "--max-page-diff-block-lines", "50", "--max-text-report-size", "8192", files[0], files[1])
	out, _ := cmd.Output() // its exit code says that they differ
	for _, line := range strings.Split(strings.TrimRight(string(out), "\n"), "\n") {
		if line != "" {
			fmt.Fprintln(a.stdout, "        "+clean(line))
		}
	}
}
