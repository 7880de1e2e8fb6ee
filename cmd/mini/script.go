package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"mini/build"
	"mini/builtins"
	"mini/internal/modules"
	"mini/internal/source"
	"mini/lang"

	"go.starlark.net/starlark"
)

// script is an evaluated script with what was asked of it on the command line.
type script struct {
	path    string
	targets []string // as named after the colon; empty for none

	params   map[string]string // of the command line
	variants []string          // to put in force, the later wins
	settings []lang.Setting    // of the files named by --params
	maxSteps uint64            // of the evaluation; 0 is the language's own limit
	quiet    bool              // drops what the script prints

	loading *loading
	set     *modules.Set // the modules that it can load; made with the lock

	program    *lang.Program
	vocabulary *builtins.Session // that it was evaluated with
	wants      []builtins.Want   // sources that nobody has resolved yet
	lock       *source.Lock
	fresh      map[source.Want]bool // what this run has settled anew; nil if it believes the lock
}

// parseScript reads the arguments, and what the flags say of the script's params.
func parseScript(c *selection, args []string) (*script, error) {
	s, err := parseScriptArgs(args)
	if err != nil {
		return nil, err
	}
	if err := c.checkLoading(); err != nil {
		return nil, err
	}
	s.loading = &c.loading
	if c.lock == lockRefresh {
		s.fresh = map[source.Want]bool{}
	}
	s.variants, s.maxSteps = c.variants, c.maxSteps
	s.settings, err = readParamFiles(c.files)
	return s, err
}

// parseScriptArgs reads SCRIPT[:TARGET …] [name=value …].
func parseScriptArgs(args []string) (*script, error) {
	if len(args) == 0 {
		return nil, usagef("name a script, for example distro.star")
	}
	s := &script{params: map[string]string{}}
	s.path, s.targets = splitTargets(args[0])
	if _, err := os.Stat(s.path); errors.Is(err, fs.ErrNotExist) {
		return nil, usagef("there is no script %s%s", s.path, nearScript(s.path))
	}
	for _, arg := range args[1:] {
		name, value, ok := strings.Cut(arg, "=")
		if !ok || name == "" {
			return nil, usagef("%q is not a parameter: after the script come name=value pairs%s", arg, guestHint(arg))
		}
		if _, twice := s.params[name]; twice {
			return nil, usagef("parameter %s is given twice", name)
		}
		s.params[name] = value
	}
	return s, nil
}

func guestHint(arg string) string {
	if strings.Contains(arg, ".star") {
		return ", and one command takes one script"
	}
	return ", and a command for the guest comes after --"
}

// splitTargets splits at colons, unless the whole is a file's name.
func splitTargets(arg string) (string, []string) {
	if _, err := os.Stat(arg); err == nil {
		return arg, nil
	}
	parts := strings.Split(arg, ":")
	var targets []string
	for _, p := range parts[1:] {
		for _, t := range strings.Split(p, ",") {
			if t != "" {
				targets = append(targets, t)
			}
		}
	}
	return parts[0], targets
}

// nearScript suggests a script of the same directory.
func nearScript(path string) string {
	near, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*.star"))
	var names []string
	for _, n := range near {
		names = append(names, filepath.Base(n))
	}
	if s := lang.Suggest(filepath.Base(path), names); s != "" {
		return fmt.Sprintf("; did you mean %s?", filepath.Join(filepath.Dir(path), s))
	}
	return ""
}

// target is a top-level name of the script that can be built.
type target struct {
	name  string
	pos   lang.Position
	value builtins.Target
}

// all lists the script's targets, in its order.
func (s *script) all() []target {
	var all []target
	for _, t := range s.program.Targets {
		if v, ok := t.Value.(builtins.Target); ok {
			all = append(all, target{t.Name, t.Pos, v})
		}
	}
	return all
}

// chosen returns the targets named on the command line, or all.
func (s *script) chosen() ([]target, error) {
	all := s.all()
	if len(s.targets) == 0 {
		if len(all) == 0 {
			return nil, usagef("%s makes nothing: it has no top-level name for an artifact, such as linux = kernel(…)", s.path)
		}
		return all, nil
	}
	var picked []target
	for _, name := range s.targets {
		t, err := s.named(name, all)
		if err != nil {
			return nil, err
		}
		picked = append(picked, t)
	}
	return picked, nil
}

func (s *script) named(name string, all []target) (target, error) {
	var names []string
	for _, t := range all {
		if t.name == name {
			return t, nil
		}
		names = append(names, t.name)
	}
	for _, t := range s.program.Targets {
		if t.Name == name {
			return target{}, usagef("%s:%s is a %s, which is nothing to build; %s has: %s", s.path, name, t.Value.Type(), s.path, strings.Join(names, ", "))
		}
	}
	hint := ""
	if near := lang.Suggest(name, names); near != "" {
		hint = fmt.Sprintf("did you mean %s? ", near)
	}
	return target{}, usagef("%s has no target %q; %sit has: %s", s.path, name, hint, strings.Join(names, ", "))
}

// machine picks what `mini run` boots.
func (s *script) machine() (target, *builtins.Machine, error) {
	var machines []target
	for _, t := range s.all() {
		if _, ok := t.value.(*builtins.Machine); ok {
			machines = append(machines, t)
		}
	}
	switch {
	case len(s.targets) > 1:
		return target{}, nil, usagef("run boots one machine; %d targets are named", len(s.targets))
	case len(s.targets) == 1:
		t, err := s.named(s.targets[0], s.all())
		if err != nil {
			return target{}, nil, err
		}
		m, ok := t.value.(*builtins.Machine)
		if !ok {
			return target{}, nil, usagef("%s:%s is a %s; run boots machines, as qemu(…) makes them", s.path, t.name, t.value.Type())
		}
		return t, m, nil
	case len(machines) == 0:
		return target{}, nil, usagef("%s has no machine to run; write for example vm = qemu(linux)", s.path)
	case len(machines) > 1:
		var names []string
		for _, t := range machines {
			names = append(names, s.path+":"+t.name)
		}
		return target{}, nil, usagef("%s has %d machines; say which: %s", s.path, len(machines), strings.Join(names, ", "))
	}
	return machines[0], machines[0].value.(*builtins.Machine), nil
}

// roots are the nodes whose outputs the targets consist of, and those that look at machines before their kernels are compiled.
func roots(targets []target) []*build.Node {
	var nodes []*build.Node
	seen := map[*build.Node]bool{}
	add := func(n *build.Node) {
		if !seen[n] {
			seen[n] = true
			nodes = append(nodes, n)
		}
	}
	for _, t := range targets {
		for _, o := range t.value.Outputs() {
			add(o.Artifact.Node)
		}
		if m, ok := t.value.(*builtins.Machine); ok && m.Preflight() != nil {
			add(m.Preflight())
		}
	}
	return nodes
}

// isScriptError reports whether the script is to blame.
func isScriptError(err error) bool {
	var one *lang.Error
	var many lang.Errors
	var eval *starlark.EvalError
	return errors.As(err, &one) || errors.As(err, &many) || errors.As(err, &eval)
}
