package modules

import (
	"fmt"

	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
)

// maxModules bounds how many versions are looked at: a proxy could invent ever more of them.
const maxModules = 10_000

// need is what somebody requires.
type need struct {
	module.Version
	by string // who: mini.lock, the command line, or a module
}

// choose is minimal version selection: of all versions of a module that anything reachable from the roots requires, the
// highest. What a version requires, requires tells. Nothing else is looked at, in particular no newer version that
// happens to exist, so the same roots always come to the same versions.
func choose(roots []need, requires func(need) ([]need, error)) (map[string]need, error) {
	chosen := map[string]need{}
	seen := map[module.Version]bool{}
	queue := append([]need{}, roots...)
	for len(queue) > 0 {
		n := queue[0]
		queue = queue[1:]
		old, known := chosen[n.Path]
		if known && differentMajors(old.Version.Version, n.Version.Version) {
			return nil, errorf(
				fmt.Sprintf("A major that breaks its users is a module of its own, whose path ends in it: ask the author to declare it in a go.mod (module %s/%s).", n.Path, majorOf(old, n)),
				"two majors of %s are required:\n    %s by %s\n    %s by %s", n.Path, old.Version.Version, old.by, n.Version.Version, n.by)
		}
		if !known || semver.Compare(n.Version.Version, old.Version.Version) > 0 {
			chosen[n.Path] = n
		}
		if seen[n.Version] {
			continue
		}
		seen[n.Version] = true
		if len(seen) > maxModules {
			return nil, errorf("", "the modules of %s require over %d others", roots[0].Path, maxModules)
		}
		more, err := requires(n)
		if err != nil {
			return nil, err
		}
		queue = append(queue, more...)
	}
	return chosen, nil
}

// differentMajors reports whether two versions of one path can't stand for each other. Apart from v0 and v1 that only
// happens in repositories that say nothing of modules, with versions that are marked +incompatible.
func differentMajors(v, w string) bool {
	return semver.Major(v) != semver.Major(w) && (semver.Build(v) == "+incompatible" || semver.Build(w) == "+incompatible")
}

func majorOf(a, b need) string {
	if semver.Compare(a.Version.Version, b.Version.Version) > 0 {
		return semver.Major(a.Version.Version)
	}
	return semver.Major(b.Version.Version)
}

// reachable is the modules that the paths lead to through the versions that were chosen. What only a version
// wanted that lost is left out.
func reachable(paths []string, chosen map[string]need, requires func(need) ([]need, error)) (map[string]bool, error) {
	reached := map[string]bool{}
	queue := append([]string{}, paths...)
	for len(queue) > 0 {
		path := queue[0]
		queue = queue[1:]
		if reached[path] {
			continue
		}
		reached[path] = true
		more, err := requires(chosen[path])
		if err != nil {
			return nil, err
		}
		for _, n := range more {
			queue = append(queue, n.Path)
		}
	}
	return reached, nil
}
