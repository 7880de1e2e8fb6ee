package sandbox

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// A Front is a program that PATH has in the place of some tools and that runs them in turn, as ccache does for
// compilers. It belongs to contained actions: uncontained ones see the tools themselves.
type Front struct {
	Program string   // absolute host path
	Script  string   // when set, a shell script that is run in Program's place, and runs it where it should
	Names   []string // which of Spec.Tools it stands before; it finds them, by these names, in FrontTools
	Store   string   // a host directory that the action sees, writable, as FrontStore, and that other actions may see too
	Env     []string // NAME=value settings for it
}

// Where a Front finds what it needs.
const (
	frontDir   = "/front"
	FrontTools = frontDir + "/tools"
	FrontStore = frontDir + "/store"
	frontRun   = frontDir + "/run" // the script
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

// writeScript puts the front's script where the names of PATH lead.
func (o *order) writeScript() error {
	if o.Front == nil || o.Front.Script == "" {
		return nil
	}
	if err := os.MkdirAll(frontDir, 0o755); err != nil {
		return err
	}
	return os.WriteFile(frontRun, []byte(o.Front.Script), 0o755)
}

// toolLinks fills links with the names of PATH, and with those behind the front.
func (o *order) toolLinks(links map[string]string) {
	for _, t := range o.Tools {
		at := filepath.Join(toolsDir, t.Name)
		if o.Front != nil && slices.Contains(o.Front.Names, t.Name) {
			front := o.FrontTool.Path
			if o.Front.Script != "" {
				front = frontRun
			}
			links[at], at = front, filepath.Join(FrontTools, t.Name)
		}
		links[at] = t.Path
	}
}
