package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"mini/build"
	"mini/builtins"
	"mini/internal/hosttools"
)

// wantedVersions is what the kernels among some nodes want of their tools. The source says it itself; where that is not unpacked
// here yet, a table does. of tells what a node's outputs are, as far as that is known.
func wantedVersions(nodes []*build.Node, of func(*build.Artifact) string) []hosttools.Wanted {
	var all []hosttools.Wanted
	for _, n := range nodes {
		linux, ok := builtins.LinuxOf(n)
		if !ok {
			continue
		}
		w := hosttools.Wanted{Of: "Linux", Tools: linux.Tools}
		switch linux.Version {
		case "":
		case "newest":
			w.Of = "the newest Linux"
		default:
			w.Of += " " + linux.Version
		}
		if dir := of(linux.Source); dir != "" {
			changes, _ := os.ReadFile(filepath.Join(dir, "Documentation/process/changes.rst")) // of an old Linux it is elsewhere
			script, _ := os.ReadFile(filepath.Join(dir, "scripts/min-tool-version.sh"))
			w.Minimums = hosttools.ReadMinimums(changes, script, linux.Arch)
		}
		if len(w.Minimums) == 0 {
			w.Minimums = hosttools.LinuxMinimums(linux.Version)
		}
		all = append(all, w)
	}
	return all
}

// unpacked says where the trees of a plan lie in the store, "" for those that are not there.
func (s *session) unpacked(plan []*build.Planned) func(*build.Artifact) string {
	return func(a *build.Artifact) string {
		for _, p := range plan {
			if p.Node != a.Node {
				continue
			}
			if o, ok := p.Outputs()[a.Output]; ok && o.IsTree {
				return s.store.TreePath(o.Digest)
			}
		}
		return ""
	}
}

// says asks a program for its version.
func (a *app) says(ctx context.Context, program string) string {
	cmd := exec.CommandContext(ctx, program, "--version")
	cmd.Env = a.toolEnv()
	out, _ := cmd.Output() // who doesn't say counts as new enough
	return string(out)
}

// checkVersions says which programs are too old for what is going to be configured, by the plan that the headers were looked up for.
func (s *session) checkVersions(ctx context.Context, host hosttools.Host) error {
	var nodes []*build.Node
	for _, p := range s.known {
		if p.Status != build.StatusHit {
			nodes = append(nodes, p.Node)
		}
	}
	old := host.TooOld(ctx, wantedVersions(nodes, s.unpacked(s.known)))
	if len(old) == 0 {
		return nil
	}
	return fmt.Errorf("mini: %s", strings.TrimSpace(hosttools.ReportOld(old)))
}
