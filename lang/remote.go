package lang

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// Remote returns the module that path means, e.g. github.com/owner/repo, in a file of the module from, which is "" for
// the entry script's own. The same path must mean the same module all through a run, but not every module may load
// every other. An error that says what to do next carries it as [WithHint] puts it there.
type Remote func(ctx context.Context, from, path string) (*Module, error)

// Module is a directory of files that scripts load from by a name of its own.
type Module struct {
	// Shown stands before the names of its files where places are told: "github.com/owner/repo@v1.2.3//".
	Shown string
	// Dir is its root directory on this machine, an absolute path.
	Dir string
	// Check is asked before a file or directory of it is used, whether it is still what was published; name is relative
	// to Dir, with slashes. Nil: nobody is asked.
	Check func(name string) error
}

// need finds the module of a file that a file at from loads, unless it is at hand anyway.
func (r *run) need(from place, module string) error {
	if p := (place{module: module}); !p.remote() || module == from.module {
		return nil
	}
	switch {
	case r.opts.Remote == nil:
		return fmt.Errorf("there is no module %s: none can be loaded here", module)
	case from.embedded():
		return fmt.Errorf("a file of %s can't load %s", from.module, module)
	}
	mod, err := r.opts.Remote(r.ctx, from.module, module)
	if err != nil {
		return err
	}
	r.remotes[module] = mod
	return nil
}

// missingSlashes adds to the error of a file that isn't there what may be meant by its name.
func missingSlashes(name string, err error) error {
	parts := strings.SplitN(name, "/", 4)
	if !errors.Is(err, fs.ErrNotExist) || len(parts) < 4 || strings.Contains(name, "//") || !strings.Contains(strings.TrimLeft(parts[0], "."), ".") {
		return err
	}
	return WithHint(err, fmt.Sprintf("for a file of another repository write // behind the repository: %q", strings.Join(parts[:3], "/")+"//"+parts[3]))
}
