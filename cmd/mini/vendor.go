package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"mini/build"
	"mini/internal/modules"
	"mini/internal/source"

	"github.com/spf13/pflag"
)

const vendorHelp = `Puts what comes from outside into the folder vendor beside mini.lock: all modules that it requires, and the sources that the
targets are built from. A build then takes them from there, so that it needs neither the network nor a cache. They are
checked as if they came from anywhere else: a module that was edited there is an error. With --matrix the sources of all
systems are put there. Modules that mini.lock doesn't require any more are removed from the folder; sources are kept.`

func (a *app) vendorCommand(f *pflag.FlagSet) func(context.Context, []string) error {
	c := a.buildFlags(f)
	c.renew = true
	return func(ctx context.Context, args []string) error {
		s, rows, err := a.openRows(ctx, c, args)
		if err != nil {
			return err
		}
		defer s.close()
		s.resolveRows(ctx, rows)
		if err := a.failures(&c.selection, rows, nil); err != nil {
			return err
		}
		v := &vendoring{session: s, root: s.script.root()}
		if err := v.check(); err != nil {
			return err
		}
		if err := v.modules(ctx); err != nil {
			return fmt.Errorf("mini: vendor: %w", err)
		}
		if err := v.sources(ctx, targetsOf(rows)); err != nil {
			return err
		}
		s.display.Close()
		fmt.Fprintf(a.stdout, "%s: %d modules and %d sources\n", filepath.Join(v.root, vendorName), v.nModules, v.nSources)
		return nil
	}
}

// vendoring fills the folder.
type vendoring struct {
	*session
	root               string
	nModules, nSources int
}

// vendorMark tells our folder from one of the same name that another program fills. It also keeps git from changing line
// ends, which would change checksums.
const (
	vendorMark     = ".gitattributes"
	vendorMarkText = "# Filled by `mini vendor`.\n* -text\n"
)

// check refuses a folder of somebody else's, out of which things would be removed.
func (v *vendoring) check() error {
	dir := filepath.Join(v.root, vendorName)
	text, err := os.ReadFile(filepath.Join(dir, vendorMark))
	switch {
	case err == nil && string(text) == vendorMarkText:
		return nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("mini: %w", err)
	}
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return usagef("%s is there already, and not of mini's making: move it away first", dir)
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return fmt.Errorf("mini: %w", err)
	}
	return os.WriteFile(filepath.Join(dir, vendorMark), []byte(vendorMarkText), 0o666)
}

func (v *vendoring) modules(ctx context.Context) error {
	dir := vendorModules(v.root)
	keep := map[string]bool{}
	for _, r := range v.script.set.Required {
		to := modules.VendorDir(dir, r)
		keep[to] = true
		tree, err := v.script.set.Tree(ctx, r)
		if err != nil {
			return err
		}
		if tree.Dir != to {
			if err := copyModule(tree, to); err != nil {
				return err
			}
		}
		v.nModules++
	}
	return removeOthers(dir, keep)
}

// copyModule puts a module's files into a directory, in one step.
func copyModule(t *modules.Tree, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
		return err
	}
	fresh, err := os.MkdirTemp(filepath.Dir(to), ".new-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(fresh)
	if err := os.Chmod(fresh, 0o755); err != nil {
		return err
	}
	for _, name := range t.Files() {
		if err := t.Check(name); err != nil {
			return err
		}
		data, err := os.ReadFile(filepath.Join(t.Dir, filepath.FromSlash(name)))
		if err != nil {
			return err
		}
		file := filepath.Join(fresh, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, data, 0o644)); err != nil {
			return err
		}
	}
	if err := os.RemoveAll(to); err != nil {
		return err
	}
	return os.Rename(fresh, to)
}

// removeOthers removes the versions of modules that are not to be kept.
func removeOthers(dir string, keep map[string]bool) error {
	var gone []string
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || !d.IsDir() || !strings.Contains(d.Name(), "@v") {
			return err
		}
		if !keep[p] {
			gone = append(gone, p)
		}
		return fs.SkipDir
	})
	for _, p := range gone {
		err = errors.Join(err, os.RemoveAll(p))
		for up := filepath.Dir(p); up != dir && os.Remove(up) == nil; up = filepath.Dir(up) { // while they are empty
		}
	}
	return err
}

// sources brings what the targets are built from.
func (v *vendoring) sources(ctx context.Context, targets []target) error {
	all := roots(targets)
	merged := build.Merge(all)
	var nodes []*build.Node
	for _, n := range merged.Nodes {
		if n.Fetch != nil {
			nodes = append(nodes, n)
		}
	}
	v.graph, v.known = build.NewGraph(nodes), nil
	if err := v.haveAll(ctx, nodes); err != nil {
		return err
	}
	v.display.Expect(len(nodes))
	results, err := v.newRun().Build(ctx, nodes)
	if err != nil {
		return err
	}
	for _, n := range nodes {
		if err := v.putSource(ctx, results[n], n, vendoredName(n, nodes)); err != nil {
			return fmt.Errorf("mini: vendor: %w", err)
		}
		v.nSources++
	}
	return nil
}

// putSource copies a source into the folder, if it is not there.
func (v *vendoring) putSource(ctx context.Context, r *build.Result, n *build.Node, name string) error {
	to := filepath.Join(vendorSources(v.root), name)
	if sum, err := fileSum(to); err == nil && sum == n.Fetch.SHA256 {
		return nil
	}
	if err := errors.Join(os.MkdirAll(filepath.Dir(to), 0o777), os.RemoveAll(to)); err != nil {
		return err
	}
	return v.engine.CopyOut(ctx, r, &build.Artifact{Node: n, Output: n.Fetch.File}, to)
}

// vendoredName is what a source is called in the folder: two may have files of the same name.
func vendoredName(n *build.Node, among []*build.Node) string {
	twice := slices.ContainsFunc(among, func(o *build.Node) bool {
		return o.Fetch.File == n.Fetch.File && o.Fetch.SHA256 != n.Fetch.SHA256
	})
	if twice {
		return source.Pin{File: n.Fetch.File, SHA256: n.Fetch.SHA256}.LongName()
	}
	return n.Fetch.File
}

func fileSum(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	_, err = io.Copy(h, f)
	return fmt.Sprintf("%x", h.Sum(nil)), err
}
