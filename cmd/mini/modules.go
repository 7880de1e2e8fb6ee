package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"mini/internal/modules"
	"mini/internal/source"
	"mini/lang"
)

// vendorName is the folder beside mini.lock that mini vendor fills.
const vendorName = "vendor"

func vendorModules(root string) string { return filepath.Join(root, vendorName, "modules") }
func vendorSources(root string) string { return filepath.Join(root, vendorName, "sources") }

// vendored is the folder with the script's sources, "" if there is none.
func (s *script) vendored() string {
	dir := vendorSources(s.root())
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return ""
	}
	return dir
}

// moduleSet is the modules that scripts below root can load.
func (a *app) moduleSet(l *loading, root string, lock *source.Lock, offline string) (*modules.Set, error) {
	path := filepath.Join(root, "mini.lock")
	rs, err := required(path, lock)
	if err != nil {
		return nil, err
	}
	overrides, err := l.overridden()
	if err != nil {
		return nil, err
	}
	cache, err := a.moduleCache(l, offline)
	if err != nil && len(rs) > 0 { // without any it isn't used
		return nil, err
	}
	return &modules.Set{
		Cache: cache, Lock: path, Required: rs, Overrides: overrides, Get: getLine(root),
		Vendor: vendorModules(root), Renew: l.renew,
	}, nil
}

// getLine is the command that requires a module for scripts below root, up to the module.
func getLine(root string) string {
	if root == "." || rootOf(".") == root {
		return "mini get"
	}
	return "mini get -C " + shellWord(root)
}

// remote lets scripts load the modules of a set.
func remote(set *modules.Set) lang.Remote {
	return func(ctx context.Context, from, path string) (*lang.Module, error) {
		found, err := set.Find(ctx, from, path)
		if err != nil {
			return nil, hinted(err)
		}
		dir, err := filepath.Abs(found.Dir)
		if err != nil {
			return nil, err
		}
		m := &lang.Module{Shown: found.Shown, Dir: dir}
		if found.Check != nil {
			m.Check = func(name string) error { return hinted(found.Check(name)) }
		}
		return m, nil
	}
}

// hinted gives an error of package modules to package lang, which shows what to do on a line of its own.
func hinted(err error) error {
	told := (*modules.Error)(nil)
	if !errors.As(err, &told) {
		return err
	}
	return &lang.Error{Msg: told.Msg, Hint: told.Hint, Err: err}
}
