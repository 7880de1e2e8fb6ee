package sandbox

import (
	"fmt"
	"path/filepath"
	"slices"
)

// A Front is a program that PATH has in the place of some tools and that runs them in turn, as ccache does for
// compilers. It belongs to contained actions: uncontained ones see the tools themselves.
type Front struct {
	Program string   // absolute host path
	Names   []string // which of Spec.Tools it stands before; it finds them, by these names, in FrontTools
	Store   string   // a host directory that the action sees, writable, as FrontStore, and that other actions may see too
	Env     []string // NAME=value settings for it
}

// Where a Front finds what it needs.
const (
	frontDir   = "/front"
	FrontTools = frontDir + "/tools"
	FrontStore = frontDir + "/store"
)

// check resolves the program as checkTools does for a tool.
func (f *Front) check() (tool, error) {
	if err := needDir(f.Store); err != nil {
		return tool{}, fmt.Errorf("the front's store: %w", err)
	}
	list, err := checkTools(map[string]string{filepath.Base(f.Program): f.Program})
	if err != nil {
		return tool{}, err
	}
	return list[0], nil
}

// gatherFront clones what a front needs of the host.
func (o *order) gatherFront(g *gathered) error {
	if o.Front == nil {
		return nil
	}
	if err := g.add(o.Front.Store, FrontStore, attrWritable); err != nil {
		return err
	}
	return g.cloneAsked(nil, []tool{o.FrontTool})
}

// toolLinks fills links with the names of PATH, and with those behind the front.
func (o *order) toolLinks(links map[string]string) {
	for _, t := range o.Tools {
		at := filepath.Join(toolsDir, t.Name)
		if o.Front != nil && slices.Contains(o.Front.Names, t.Name) {
			links[at], at = o.FrontTool.Path, filepath.Join(FrontTools, t.Name)
		}
		links[at] = t.Path
	}
}
