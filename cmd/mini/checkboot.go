package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"mini/build"
	"mini/build/step"
	"mini/builtins"
	"mini/internal/preflight"
)

// inspected is a machine of which no more is made than what its preflight reads.
type inspected struct {
	*builtins.Machine
	reads []*build.Artifact
	left  []string // what it would take a kernel to look at
}

// Outputs implements builtins.Target.
func (i *inspected) Outputs() []builtins.Output {
	var all []builtins.Output
	for _, a := range i.reads {
		all = append(all, builtins.Output{Artifact: a})
	}
	return all
}

// checkBoot looks at the machines of a script for what would keep them from booting. It makes what that takes, and never
// compiles a kernel.
func (a *app) checkBoot(ctx context.Context, c *common, args []string) error {
	s, rows, err := a.openChosen(ctx, c, args, (*row).inspectedMachines)
	if err != nil {
		return err
	}
	defer s.close()
	return s.checkBoot(ctx, rows)
}

func (s *session) checkBoot(ctx context.Context, rows []*row) error {
	a, c := s.app, s.flags
	if len(targetsOf(rows)) == 0 {
		if len(rows) == 1 && rows[0].err != nil {
			return rows[0].err
		}
		return usagef("check: --boot looks at machines, and %s has none; write for example vm = qemu(linux)", s.script.path)
	}
	if err := s.readyRows(ctx, rows, nil); err != nil {
		return err
	}
	s.sayWhatIsMade(ctx, rows)
	_, results, err := s.makeReady(ctx, rows)
	if err != nil {
		return err
	}
	s.display.Close()
	bad := false
	for _, r := range whole(rows) {
		for _, t := range r.targets {
			report, err := s.inspect(ctx, t.value.(*inspected), results)
			if err != nil {
				return err
			}
			bad = a.printFindings(r, t, report, c.json) || bad
		}
	}
	if len(c.matrix) == 0 && rows[0].err != nil {
		return rows[0].err
	}
	if err := a.failures(&c.selection, rows, nil); err != nil {
		return err
	}
	if bad {
		return exitStatus(exitFailed)
	}
	return nil
}

// inspectedMachines are those that the command line names, or all.
func (r *row) inspectedMachines() ([]target, error) {
	all := r.all()
	if len(r.script.targets) > 0 {
		var err error
		if all, err = r.chosen(); err != nil {
			return nil, err
		}
	}
	var machines []target
	for _, t := range all {
		m, ok := t.value.(*builtins.Machine)
		if ok {
			machines = append(machines, target{t.name, t.pos, inspectable(m)})
		} else if len(r.script.targets) > 0 {
			return nil, usagef("%s:%s is a %s; --boot looks at machines, as qemu(…) makes them", r.path, t.name, t.value.Type())
		}
	}
	if len(r.script.targets) > 0 {
		return machines, nil
	}
	tests, err := r.tests()
	for _, t := range tests { // whose machine may have no other name
		if !slices.ContainsFunc(machines, func(m target) bool { return m.value.(*inspected).Machine == t.Machine }) {
			machines = append(machines, target{t.Name, t.Pos, inspectable(t.Machine)})
		}
	}
	return machines, err
}

// inspectable leaves out what comes from a kernel that would have to be compiled.
func inspectable(m *builtins.Machine) *inspected {
	i := &inspected{Machine: m}
	for _, in := range m.Inspection().Inputs {
		if in.From == nil {
			continue
		}
		if slices.ContainsFunc(build.NewGraph([]*build.Node{in.From.Node}).Nodes, builtins.CompilesKernel) {
			i.left = append(i.left, in.Path)
		} else {
			i.reads = append(i.reads, in.From)
		}
	}
	return i
}

// sayWhatIsMade tells people, before it begins, that something has to be made. Why that can't be told, the build says.
func (s *session) sayWhatIsMade(ctx context.Context, rows []*row) {
	plan, err := s.planned(ctx, roots(targetsOf(rows)))
	if err != nil {
		return
	}
	missing := 0
	for _, p := range plan {
		if p.Status != build.StatusHit {
			missing++
		}
	}
	if missing > 0 {
		s.note(fmt.Sprintf("%d of the %d steps whose results are looked at are not in the cache and may have to be made; no kernel is compiled", missing, len(plan)))
	}
}

// inspect looks at one machine.
func (s *session) inspect(ctx context.Context, i *inspected, results map[*build.Node]*build.Result) (*step.Report, error) {
	node := i.Inspection()
	paths := map[string]string{}
	var spec []byte
	for _, in := range node.Inputs {
		switch {
		case in.Path == step.PreflightSpec:
			spec = in.Data
		case in.From != nil && !slices.Contains(i.left, in.Path):
			var err error
			if paths[in.Path], _, err = s.engine.CheckedPath(ctx, results[in.From.Node], in.From); err != nil {
				return nil, err
			}
		}
	}
	return step.Preflight(ctx, func(name string) string { return paths[name] }, spec, node.Origins)
}

// findingJSON is a finding as other programs read it.
type findingJSON struct {
	Kind    string `json:"kind"` // "finding"
	System  string `json:"system,omitempty"`
	Machine string `json:"machine"`
	step.Place
}

// lookJSON is what came of a machine as other programs read it.
type lookJSON struct {
	Kind        string   `json:"kind"` // "boot"
	System      string   `json:"system,omitempty"`
	Machine     string   `json:"machine"`
	Errors      int      `json:"errors"`
	Warnings    int      `json:"warnings"`
	NotLookedAt []string `json:"not_looked_at,omitempty"`
}

// printFindings reports whether there was an error among them.
func (a *app) printFindings(r *row, t target, report *step.Report, asJSON bool) bool {
	name := t.name
	if r.title != "" {
		name = r.title + " " + name
	}
	errors := 0
	for _, f := range report.Found {
		if f.Severity == preflight.Error {
			errors++
		}
		if asJSON {
			_ = json.NewEncoder(a.stdout).Encode(findingJSON{"finding", r.title, t.name, f})
			continue
		}
		fmt.Fprintf(a.stdout, "%s: %s: %s\n", f.Pos, f.Severity, clean(f.Text()))
	}
	warnings := len(report.Found) - errors
	if asJSON {
		_ = json.NewEncoder(a.stdout).Encode(lookJSON{"boot", r.title, t.name, errors, warnings, report.Unknown})
		return errors > 0
	}
	notLooked := ""
	if len(report.Unknown) > 0 {
		notLooked = "; not looked at: " + strings.Join(report.Unknown, ", ")
	}
	fmt.Fprintf(a.stdout, "%s\t%s%s\n", clean(name), verdictOn(errors, warnings), notLooked)
	return errors > 0
}

func verdictOn(errors, warnings int) string {
	var parts []string
	if errors > 0 {
		parts = append(parts, plural(errors, "error", "errors"))
	}
	if warnings > 0 {
		parts = append(parts, plural(warnings, "warning", "warnings"))
	}
	switch {
	case errors > 0:
		return "would not boot: " + strings.Join(parts, ", ")
	case warnings > 0:
		return "would boot, with " + strings.Join(parts, "")
	}
	return "nothing is known that would keep it from booting"
}
