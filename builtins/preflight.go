package builtins

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"

	"mini/build"
	"mini/build/step"
	"mini/internal/preflight"
	"mini/lang"

	"go.starlark.net/starlark"
)

// archive is an initramfs as a machine's preflight looks at it.
type archive struct {
	root   *Rootfs // nil: something else made it
	format string
	look   *build.Node // looks into what something else made
	at     string      // the place of what it is told by
}

// archiveOf is the archive that asInitramfs makes of the same value; nil for None.
func (s *Session) archiveOf(c *lang.Call, v starlark.Value, format string) *archive {
	switch v := s.given(v).(type) {
	case *Rootfs:
		if format == quick {
			format = "zstd"
		}
		return &archive{root: v, format: format, at: v.at}
	case *Initramfs:
		return &archive{root: v.root, format: v.format, at: v.root.at}
	case *File:
		return &archive{look: s.lookInto(c, v.artifact), at: step.Origin(c.ArgPos("initramfs").String(), calls(c))}
	}
	return nil
}

// originOf is the place of a call, with those that led there.
func originOf(c *lang.Call) string { return step.Origin(c.Pos.String(), calls(c)) }

func calls(c *lang.Call) []string {
	var all []string
	for _, f := range c.Stack() {
		all = append(all, f.String())
	}
	return all
}

// lookInto describes the step that looks into an initramfs that something else made; the same for all who look into it.
func (s *Session) lookInto(c *lang.Call, a *build.Artifact) *build.Node {
	if s.looks[*a] == nil {
		s.looks[*a] = &build.Node{
			Name: "initramfs.look", Title: "initramfs: look into " + path.Base(path.Join(a.Output, a.Sub)), Pos: c.Pos.String(),
			Inputs:  []build.Input{{Path: "archive", From: a}},
			Steps:   []string{step.Line("initramfs", "archive", "unpacked.json", "content")},
			Outputs: []string{"unpacked.json", "content"},
		}
	}
	return s.looks[*a]
}

// newPreflight describes the step that looks, before the machine's kernel is compiled, for what would keep the machine from
// booting. It reads the kernel's configuration and the lists of what is unpacked, none of which takes a kernel.
func (m *Machine) newPreflight(c *lang.Call, outside *archive) (*build.Node, error) {
	n := &build.Node{
		Name: "preflight", Title: "machine " + m.Arch.Name + ": preflight", Pos: c.Pos.String(), Recipe: preflight.Edition,
		Steps: []string{step.Line("preflight", step.PreflightSpec, "findings")}, Outputs: []string{"findings"},
	}
	spec := step.Machine{
		Arch: m.Arch.Name, Cmdline: m.Cmdline, Memory: m.Memory, CPUs: m.CPUs, Machine: m.Machine, Network: m.Network, Ports: len(m.Ports) > 0, Args: m.Args,
	}
	input := func(path string, from *build.Artifact) string {
		n.Inputs = append(n.Inputs, build.Input{Path: path, From: from})
		return path
	}
	archives := []*archive{nil, outside}
	origins := []string{originOf(c), ""}
	if k := m.kernel; k != nil {
		spec.Config = input("config", k.config)
		archives[0] = k.carried
		origins[1] = k.at
	} else {
		spec.Image = input("image", m.Kernel)
		switch config := c.Value("config").(type) {
		case *File:
			spec.Config = input("config", config.artifact)
		case starlark.String:
			text, err := c.ReadFile(string(config))
			if err != nil {
				return nil, err
			}
			spec.Text = string(text)
		}
	}
	for i, a := range archives {
		if a == nil {
			continue
		}
		one := step.MachineArchive{Embedded: i == 0, Format: a.format}
		content := fmt.Sprintf("content%d", i)
		origins = append(origins, a.at)
		if r := a.root; r != nil {
			one.List, one.Content = input(fmt.Sprintf("root%d.list", i), r.List()), input(content, r.Content())
			one.Paths, origins = r.paths, append(origins, r.origins...)
		} else {
			one.Unpacked = input(fmt.Sprintf("unpacked%d.json", i), &build.Artifact{Node: a.look, Output: "unpacked.json"})
			one.Content = input(content, &build.Artifact{Node: a.look, Output: "content"})
		}
		spec.Archives = append(spec.Archives, one)
	}
	text, err := json.Marshal(spec)
	if err != nil {
		panic(fmt.Sprintf("qemu: %v", err)) // texts, numbers and lists of them
	}
	n.Inputs = append(n.Inputs, build.Input{Path: step.PreflightSpec, Data: append(text, '\n')})
	n.Origins = origins
	if m.kernel != nil && !needs(n, m.kernel.compile) {
		n.Before = []*build.Node{m.kernel.compile}
	}
	return n, nil
}

// needs reports whether a node reads what another one makes, or what is made of that.
func needs(n, other *build.Node) bool {
	seen := map[*build.Node]bool{}
	var look func(*build.Node) bool
	look = func(n *build.Node) bool {
		if seen[n] {
			return false
		}
		seen[n] = true
		return n == other || slices.ContainsFunc(n.Inputs, func(in build.Input) bool { return in.From != nil && look(in.From.Node) })
	}
	return look(n)
}

// Inspection is the step that looks for what would keep the machine from booting.
func (m *Machine) Inspection() *build.Node { return m.inspection }

// Preflight is Inspection where a build is to wait for it; nil if the script doesn't want that.
func (m *Machine) Preflight() *build.Node {
	if m.trusted {
		return nil
	}
	return m.inspection
}

// CompilesKernel reports whether a step is the one that takes minutes.
func CompilesKernel(n *build.Node) bool { return n.Name == "linux.compile" }
