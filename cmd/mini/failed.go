package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"mini/build"
)

// taught adds to the error of a step that failed how to read all that it printed, and how to get where it failed. graph is what was built of the targets.
func (s *session) taught(err error, script *script, targets []target, graph *build.Graph) error {
	failed := (*build.ActionError)(nil)
	if !errors.As(err, &failed) || graph == nil {
		return err
	}
	step := s.naming(script, failed.Node, targets, graph)
	if step == "" {
		return err
	}
	shell := ""
	if failed.Kept {
		shell = "\n  a shell there: mini shell " + step
	}
	return fmt.Errorf("%w\n  to read it: mini log %s%s", err, step, shell)
}

// naming is the arguments by which another command means a step of the script, "" if it has no name there.
func (s *session) naming(script *script, n *build.Node, targets []target, graph *build.Graph) string {
	known := script.all()
	for _, t := range targets {
		if _, err := script.named(t.name, known); err != nil {
			continue // what a command needs besides
		}
		own := build.NewGraph(roots([]target{t}))
		for _, one := range own.Nodes {
			if graph.Node(one) != n {
				continue
			}
			named := *script
			named.targets = []string{t.name}
			words := append(append(s.flags.apartWords(), named.arguments(s.flags.files)...), own.ID(one))
			for i, w := range words {
				words[i] = shellWord(w)
			}
			return strings.Join(words, " ")
		}
	}
	return ""
}

// apartWords are the flags that were given and say where the results are.
func (c *common) apartWords() []string {
	var words []string
	if c.cache != "" {
		words = append(words, "--cache", c.cache)
	}
	if c.sandbox == "off" {
		words = append(words, "--sandbox=off")
	}
	return words
}

// installer returns what says by which command something gets onto this machine.
func (a *app) installer() func(need string) string {
	host := a.hostTools()
	return func(need string) string {
		manager, known := host.Manager()
		if !known {
			return ""
		}
		return manager.InstallLine(need, os.Geteuid() == 0)
	}
}
