package main

import (
	"context"
	"slices"
	"strings"

	"mini/build"
	"mini/builtins"
	"mini/internal/bloat"

	"github.com/spf13/pflag"
)

const sizeHelp = `Says what makes a target big. Of a machine, or a kernel: how its image divides into the kernel and what it carries; the files
of the root filesystem, and the packages that they come from; and the kernel by directory of its source, and by symbol. Of a
root filesystem, an initramfs, or a tree: its files. Without a target it is the script's machines.

SIZE is unpacked. PACKED is a file's part of the archive, an estimate: an archive is packed as a whole. Of the kernel, SIZE is
what its file holds (text and data), and BSS comes on top of that in memory. The kernel is looked at as it was compiled, before
it was given anything to carry.

--diff OTHER tells what changed from the target to another one, to a variant, or to other parameters, the largest change first. A
package in another version, or for another CPU, is the same package:
    mini size --diff tiny distro.star:vm      mini size --diff linux=6.12 distro.star:linux

What is not built yet is built first, as mini build does.`

type sizeFlags struct {
	*common
	diff  string
	by    []string
	top   int
	depth int
}

// sizeBy is what tables can be by.
var sizeBy = []string{"part", "file", "package", "directory", "symbol"}

func (a *app) sizeCommand(f *pflag.FlagSet) func(context.Context, []string) error {
	c := &sizeFlags{common: a.buildFlags(f)}
	f.Lookup("json").Usage = "print the tables, all of them, as one JSON object, with sizes in bytes"
	f.StringVar(&c.diff, "diff", "", diffFlag)
	f.StringSliceVar(&c.by, "by", nil, "only the tables by "+strings.Join(sizeBy, ", ")+"; may be repeated")
	f.IntVar(&c.top, "top", 12, "how many lines a table has at most; 0 for all")
	f.IntVar(&c.depth, "depth", 1, "how deep directories of the kernel are told apart: 2 for drivers/net/")
	return func(ctx context.Context, args []string) error { return a.size(ctx, c, args) }
}

func (a *app) size(ctx context.Context, c *sizeFlags, args []string) error {
	for _, by := range c.by {
		if !oneOf(by, sizeBy...) {
			return usagef("size: --by is %s, not %q", strings.Join(sizeBy, ", "), by)
		}
	}
	if c.top < 0 || c.depth < 1 {
		return usagef("size: --top takes a number of lines, or 0 for all, and --depth takes 1 or more")
	}
	asJSON := c.json
	c.json = false // of the build's events, which go to the terminal
	other, otherArgs, err := a.compared(ctx, c.common, c.diff, args, func(target) bool { return true })
	if err != nil {
		return err
	}
	one, err := a.measured(ctx, c, c.common, args)
	if err != nil {
		return err
	}
	if c.diff != "" {
		two, err := a.measured(ctx, c, other, otherArgs)
		if err != nil {
			return err
		}
		changes := one.changes(two)
		if asJSON {
			return a.encode(changes)
		}
		return changes.print(a.stdout, c.top)
	}
	if asJSON {
		return a.encode(one)
	}
	return one.print(a.stdout, c.top)
}

// measured is what the tables say of targets.
type measured struct {
	Target string      `json:"target"` // the arguments that mean it
	Tables []sizeTable `json:"tables"`
}

// sizeTable is what one thing consists of, in one way to look at it.
type sizeTable struct {
	What   string      `json:"what"` // "image", "root filesystem", "kernel", "tree"
	Name   string      `json:"name"` // the script's, or that of the source: "root", "linux 6.1.192 x86_64"
	By     string      `json:"by"`
	Size   int64       `json:"size"`
	Packed int64       `json:"packed,omitempty"` // 0: it is in no archive, or the archive isn't packed
	Rows   []bloat.Row `json:"rows"`
}

// measured builds what is missing, and measures it.
func (a *app) measured(ctx context.Context, f *sizeFlags, c *common, args []string) (*measured, error) {
	s, err := a.open(ctx, c, args)
	if err != nil {
		return nil, err
	}
	defer s.close()
	m := &measured{Target: strings.Join(s.script.arguments(c.files), " ")}
	choose := func() ([]target, error) {
		targets, err := s.script.sized()
		for i := range targets {
			targets[i].value = withParts{targets[i].value}
		}
		return targets, err
	}
	err = s.whole(ctx, choose, nil, func(_ *build.Run, results map[*build.Node]*build.Result) error {
		targets, err := s.script.sized()
		if err != nil {
			return err
		}
		m.Tables, err = (&scale{session: s, results: results, depth: f.depth}).weigh(ctx, targets)
		return err
	})
	if len(f.by) > 0 {
		m.Tables = slices.DeleteFunc(m.Tables, func(t sizeTable) bool { return !oneOf(t.By, f.by...) })
	}
	return m, err
}

// sized are the targets that were named, or the machines, which have all others in them, or all.
func (s *script) sized() ([]target, error) {
	all, err := s.chosen()
	if err != nil || len(s.targets) > 0 {
		return all, err
	}
	machines := slices.DeleteFunc(slices.Clone(all), func(t target) bool { _, ok := t.value.(*builtins.Machine); return !ok })
	if len(machines) > 0 {
		return machines, nil
	}
	return all, nil
}

// withParts is a target of which what is measured is needed too.
type withParts struct{ builtins.Target }

// Outputs implements builtins.Target. What the target itself consists of comes first, so that its steps have the names that
// they have in any build of it.
func (o withParts) Outputs() []builtins.Output {
	p := builtins.PartsOf(o.Target)
	all := slices.Clone(o.Target.Outputs())
	need := func(artifacts ...*build.Artifact) {
		for _, a := range artifacts {
			if a != nil {
				all = append(all, builtins.Output{Artifact: a})
			}
		}
	}
	need(p.Other)
	if k := p.Kernel; k != nil {
		need(k.Image, k.Build)
	}
	for _, c := range p.Carried {
		need(c.Archive)
		if c.Root != nil {
			need(c.Root.List(), c.Root.Content())
			_, from := c.Root.Layers()
			for _, path := range sortedKeys(from) {
				need(from[path])
			}
		}
	}
	return all
}
