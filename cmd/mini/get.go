package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"mini/internal/modules"
	"mini/internal/source"

	"github.com/spf13/pflag"
	"golang.org/x/mod/semver"
)

const getHelp = `Requires modules: repositories that scripts load from, as in load("github.com/owner/repo//net.star", "dhcp"). Which version
is taken stands in mini.lock alone, with the checksum of its files. MODULE@v1.2.3 asks for that version, MODULE or
MODULE@latest for the newest release, MODULE@v1 for the newest v1, MODULE@main for a branch or commit, and MODULE@none
gives it up. -u raises all modules that mini.lock requires to their newest releases. What modules require themselves
comes with them: of each module the highest version that anybody requires is taken, and never a newer one.

Modules come from the places that GOPROXY names (proxy.golang.org, and the repositories themselves, if it is not set), and
GOPRIVATE, GONOPROXY, GONOSUMDB and GOSUMDB have the meaning that they have for the go command; go env -w sets them too.
docs/modules.md tells how to publish a module.`

func (a *app) getCommand(f *pflag.FlagSet) func(context.Context, []string) error {
	l := &loading{}
	l.cacheFlags(f)
	raise := f.BoolP("update", "u", false, "raise all modules that mini.lock requires to their newest releases")
	dir := f.StringP("dir", "C", ".", "the directory of the script that is to load them, if it is not this one")
	return func(ctx context.Context, args []string) error {
		var wishes []modules.Wish
		for _, arg := range args {
			if strings.HasSuffix(arg, ".star") && !strings.Contains(arg, "//") {
				return usagef("get takes modules, not scripts: mini get github.com/owner/repo@v1.2.3")
			}
			w, err := modules.ParseWish(arg)
			if err != nil {
				return usagef("get: %v", err)
			}
			wishes = append(wishes, w)
		}
		if info, err := os.Stat(*dir); err != nil || !info.IsDir() {
			return usagef("get: there is no directory %s", *dir)
		}
		return a.get(ctx, l, rootOf(*dir), wishes, *raise)
	}
}

func (a *app) get(ctx context.Context, l *loading, root string, wishes []modules.Wish, raise bool) error {
	set, lock, err := a.lockedModules(l, root)
	if err != nil {
		return err
	}
	if raise && len(wishes) == 0 {
		for _, r := range set.Required {
			if !r.Indirect {
				wishes = append(wishes, modules.Wish{Path: r.Path, Query: modules.Latest})
			}
		}
	}
	if len(wishes) == 0 && len(set.Required) == 0 {
		return usagef("%s requires no module; name one: mini get github.com/owner/repo@v1.2.3", set.Lock)
	}
	now, changes, err := set.Cache.Get(ctx, set.Required, wishes)
	if err != nil {
		return fmt.Errorf("mini: get: %w", err)
	}
	for _, c := range changes {
		fmt.Fprintln(a.stdout, clean(changed(c)))
		if c.Empty {
			fmt.Fprintf(a.stderr, "mini: %s %s has no script (*.star), so there is nothing to load from it\n", c.Path, c.To)
		}
	}
	if len(changes) == 0 {
		fmt.Fprintf(a.stdout, "nothing to change: %s has it so already\n", set.Lock)
	}
	var lines []source.Line
	for _, r := range now {
		lines = append(lines, source.Line{Text: r.Format()})
	}
	lock.SetModules(lines)
	if err := source.WriteLock(set.Lock, lock); err != nil {
		return fmt.Errorf("mini: %w", err)
	}
	return nil
}

// lockedModules reads the lock of a directory.
func (a *app) lockedModules(l *loading, root string) (*modules.Set, *source.Lock, error) {
	s := &script{path: root + string(os.PathSeparator), loading: l}
	if err := a.readLockOf(s, ""); err != nil {
		return nil, nil, err
	}
	return s.set, s.lock, nil
}

// changed is what became of a module, in a line.
func changed(c modules.Change) string {
	why := ""
	if c.By != "" {
		why = ", required by " + c.By
	} else if c.Indirect && c.To != "" {
		why = ", for other modules"
	}
	switch {
	case c.From == "":
		return fmt.Sprintf("added    %s %s%s", c.Path, c.To, why)
	case c.To == "":
		return fmt.Sprintf("removed  %s %s", c.Path, c.From)
	case c.From == c.To && c.Indirect:
		return fmt.Sprintf("kept     %s %s, for other modules", c.Path, c.To)
	case c.From == c.To:
		return fmt.Sprintf("kept     %s %s, which can be loaded now", c.Path, c.To)
	case semver.Compare(c.From, c.To) < 0:
		return fmt.Sprintf("raised   %s %s -> %s%s", c.Path, c.From, c.To, why)
	}
	return fmt.Sprintf("lowered  %s %s -> %s", c.Path, c.From, c.To)
}
