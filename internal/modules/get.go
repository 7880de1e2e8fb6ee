package modules

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
)

// Wish is a module that is asked for, at the version that a query means; see [Cache.Resolve]. With [None] it is not
// wanted any more.
type Wish struct{ Path, Query string }

// ParseWish reads MODULE@QUERY; without a query it is [Latest].
func ParseWish(arg string) (Wish, error) {
	path, query, versioned := strings.Cut(arg, "@")
	if !versioned {
		query = Latest
	}
	if module, file, ok := strings.Cut(path, "//"); ok {
		return Wish{}, errorf("get "+module, "%s names a file: a module is got as a whole%s", arg, fileHint(file))
	}
	if query == "" {
		return Wish{}, errorf("", "the version behind @ is missing in %s", arg)
	}
	return Wish{path, query}, CheckPath(path)
}

func fileHint(file string) string {
	if file == "" {
		return ""
	}
	return ", and a script loads " + file + " of it"
}

// Change is what became of one module. From or To is "" if there was none before, or is none any more.
type Change struct {
	Path, From, To string
	Indirect       bool
	By             string // who requires To, if that is not what was asked for
	Empty          bool   // it has no script, so there is nothing to load
}

// Get changes what a lock requires by wishes, and settles the versions of everything. The modules of the result are all in
// the cache.
func (c *Cache) Get(ctx context.Context, have []Requirement, wishes []Wish) ([]Requirement, []Change, error) {
	g := &getting{cache: c, sums: map[module.Version]string{}, before: map[string]Requirement{}, direct: map[string]need{}, asked: map[string]string{}}
	for _, r := range have {
		g.before[r.Path] = r
		g.sums[r.Module()] = r.Sum
		if !r.Indirect {
			g.direct[r.Path] = need{r.Module(), "mini.lock"}
		}
	}
	if err := g.wish(ctx, wishes); err != nil {
		return nil, nil, err
	}
	chosen, err := g.settle(ctx, have)
	if err != nil {
		return nil, nil, err
	}
	return g.result(ctx, chosen)
}

// getting is one call of Get.
type getting struct {
	cache  *Cache
	before map[string]Requirement
	sums   map[module.Version]string // that the lock knows
	direct map[string]need
	asked  map[string]string // the query that a version was found by
}

func (g *getting) wish(ctx context.Context, wishes []Wish) error {
	for _, w := range wishes {
		if _, twice := g.asked[w.Path]; twice {
			return errorf("", "%s is asked for twice", w.Path)
		}
		g.asked[w.Path] = w.Query
		if w.Query == None {
			if _, has := g.direct[w.Path]; !has {
				return errorf(suggestion(w.Path, slices.Collect(maps.Keys(g.direct))), "mini.lock doesn't require %s", w.Path)
			}
			delete(g.direct, w.Path)
			continue
		}
		version, err := g.cache.Resolve(ctx, w.Path, w.Query)
		if err != nil {
			return err
		}
		// What is newer than the newest release was chosen on purpose, or is a pre-release.
		old := g.before[w.Path].Version
		if w.Query == Latest && semver.Compare(old, version) > 0 && !differentMajors(old, version) {
			version = old
		}
		g.direct[w.Path] = need{module.Version{Path: w.Path, Version: version}, "the command line"}
	}
	return nil
}

// settle chooses the versions. What the lock has of indirect modules stays at least as new as it is: somebody may have
// tried it so.
func (g *getting) settle(ctx context.Context, have []Requirement) (map[string]need, error) {
	var roots []need
	for _, path := range slices.Sorted(maps.Keys(g.direct)) {
		roots = append(roots, g.direct[path])
	}
	for _, r := range have {
		_, wished := g.asked[r.Path]
		if r.Indirect && !wished {
			roots = append(roots, need{r.Module(), "mini.lock"})
		}
	}
	requires := func(n need) ([]need, error) { return g.requires(ctx, n) }
	chosen, err := choose(roots, requires)
	if err != nil {
		return nil, err
	}
	for path, n := range g.direct {
		if got := chosen[path]; got.Version != n.Version && g.asked[path] != "" && g.asked[path] != Latest {
			return nil, errorf("take a "+path+" that is new enough, or another version of what requires it",
				"%s can't be had: %s requires %s %s", n.Version, got.by, path, got.Version.Version)
		}
	}
	reached, err := reachable(slices.Collect(maps.Keys(g.direct)), chosen, requires)
	if err != nil {
		return nil, err
	}
	maps.DeleteFunc(chosen, func(path string, _ need) bool { return !reached[path] })
	return chosen, nil
}

func (g *getting) requires(ctx context.Context, n need) ([]need, error) {
	tree, err := g.cache.Tree(ctx, n.Version, g.sums[n.Version])
	if err != nil {
		return nil, g.explain(ctx, n, err)
	}
	rs, err := tree.requirements()
	var ns []need
	for _, r := range rs {
		ns = append(ns, need{r.Module(), n.Version.String()})
	}
	return ns, err
}

// explain adds to the error of a version that isn't there who wanted it, and which there are.
func (g *getting) explain(ctx context.Context, n need, err error) error {
	told := (*Error)(nil)
	if !errors.As(err, &told) || !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	more := *told
	if n.by != "the command line" {
		more.Msg = fmt.Sprintf("%s (required by %s)", more.Msg, n.by)
	} else if all, err := g.cache.versions(ctx, n.Path); err == nil && len(all) > 0 {
		more.Msg, more.Hint = "there is no "+n.Version.String(), someVersions(all)
	}
	return &more
}

// hasScript reports whether there is anything to load.
func (t *Tree) hasScript() bool {
	return slices.ContainsFunc(t.Files(), func(name string) bool { return strings.HasSuffix(name, ".star") })
}

func (g *getting) result(ctx context.Context, chosen map[string]need) (now []Requirement, changes []Change, err error) {
	for _, path := range slices.Sorted(maps.Keys(chosen)) {
		n := chosen[path]
		tree, err := g.cache.Tree(ctx, n.Version, g.sums[n.Version])
		if err != nil {
			return nil, nil, err
		}
		_, direct := g.direct[path]
		r := Requirement{Path: path, Version: n.Version.Version, Sum: tree.Sum, Indirect: !direct}
		now = append(now, r)
		old, had := g.before[path]
		if had && old.Version == r.Version && old.Indirect == r.Indirect {
			continue
		}
		change := Change{Path: path, From: old.Version, To: r.Version, Indirect: r.Indirect, Empty: !tree.hasScript()}
		if n.by != "the command line" && n.by != "mini.lock" {
			change.By = n.by
		}
		changes = append(changes, change)
	}
	for _, path := range slices.Sorted(maps.Keys(g.before)) {
		if _, still := chosen[path]; !still {
			changes = append(changes, Change{Path: path, From: g.before[path].Version, Indirect: g.before[path].Indirect})
		}
	}
	return now, changes, nil
}
