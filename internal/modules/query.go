package modules

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
)

// The words that stand for a version, as the go command has them.
const (
	Latest = "latest" // the highest release; without one the highest pre-release, or else the newest commit
	None   = "none"   // not required any more
)

// Resolve finds the version that a query means: a version, the beginning of one (v1, v1.2), latest, or the name of a
// branch or commit.
func (c *Cache) Resolve(ctx context.Context, path, query string) (string, error) {
	if err := CheckPath(path); err != nil {
		return "", err
	}
	version, err := c.query(ctx, path, query)
	if err == nil || ctx.Err() != nil {
		return version, err
	}
	told := (*Error)(nil)
	if errors.As(err, &told) {
		return "", err
	}
	msg := fmt.Sprintf("there is no %s@%s", path, query)
	if !errors.Is(err, fs.ErrNotExist) {
		msg = fmt.Sprintf("%s@%s could not be looked up", path, query)
	}
	return "", &Error{Msg: msg + ": " + err.Error(), Hint: placesHint(err), Err: err}
}

func (c *Cache) query(ctx context.Context, path, query string) (string, error) {
	switch {
	case c.config.Offline != "":
		return "", errorf("", "what %s@%s is has to be asked of the network, and %s forbids that", path, query, c.config.Offline)
	case query == "" || query == Latest:
		return c.latest(ctx, path)
	case strings.HasPrefix(query, "-") || strings.ContainsAny(query, " \t"):
		return "", errorf("", "%q can't be the name of a version, branch or commit", query)
	case semver.IsValid(query) && module.CanonicalVersion(query) == query && strings.Count(query, ".") >= 2:
		return c.exact(ctx, path, query)
	case semver.IsValid(query) && semver.Build(query) == "": // v1 or v1.2
		return c.highest(ctx, path, query)
	}
	return c.resolve(ctx, path, query)
}

// exact is a version that is written out. From version 2 on it belongs to a path that ends in /v2, or else to a
// repository that says nothing of modules and is incompatible with its version 1.
func (c *Cache) exact(ctx context.Context, path, version string) (string, error) {
	_, suffix, _ := module.SplitPathVersion(path)
	if module.CheckPathMajor(version, suffix) == nil {
		return version, nil // whoever downloads it finds out whether there is one
	}
	if suffix == "" && semver.Build(version) == "" {
		if v, err := c.resolve(ctx, path, version+"+incompatible"); err == nil {
			return v, nil
		}
	}
	prefix := strings.TrimSuffix(path, suffix)
	want := prefix
	if major := semver.Major(version); major != "v0" && major != "v1" {
		want = prefix + "/" + major
	}
	return "", errorf(fmt.Sprintf("it is a module of its own: mini get %s@%s", want, version),
		"%s is no version of %s", version, path)
}

// highest is the highest version that begins with v1 or v1.2.
func (c *Cache) highest(ctx context.Context, path, prefix string) (string, error) {
	all, err := c.versions(ctx, path)
	if err != nil {
		return "", err
	}
	best := ""
	for _, v := range all {
		if strings.HasPrefix(v, prefix+".") && (best == "" || semver.Prerelease(v) == "" || semver.Prerelease(best) != "") {
			best = v // they are in order, and a pre-release doesn't come after a release
		}
	}
	if best == "" {
		return "", errorf(someVersions(all), "there is no %s %s", path, prefix)
	}
	return best, nil
}

func (c *Cache) latest(ctx context.Context, path string) (string, error) {
	all, err := c.versions(ctx, path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	best := ""
	for _, v := range all {
		if strings.HasSuffix(v, "+incompatible") {
			continue // only if there is nothing else: it is another major than what most users have
		}
		if best == "" || semver.Prerelease(v) == "" || semver.Prerelease(best) != "" {
			best = v
		}
	}
	switch {
	case best != "":
		return best, nil
	case len(all) > 0:
		return all[len(all)-1], nil
	}
	return c.resolve(ctx, path, "")
}

// someVersions is the hint for a version that isn't there.
func someVersions(all []string) string {
	const shown = 8
	switch {
	case len(all) == 0:
		return "it has no versions"
	case len(all) > shown:
		all = all[len(all)-shown:]
	}
	return "it has: " + strings.Join(all, ", ")
}
