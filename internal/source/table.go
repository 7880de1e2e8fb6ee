package source

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

//go:embed versions.tsv
var versionsTSV string

// Release is one known upstream file.
type Release struct {
	Name, Version string
	File          string // e.g. "linux-6.1.190.tar.xz"
	SHA256        string // lower-case hex
	Note          string // where the hash was published
}

// table reads versions.tsv once; nobody changes it afterwards.
var table = sync.OnceValue(func() map[string][]Release {
	byName := map[string][]Release{}
	for line := range strings.Lines(versionsTSV) {
		if r, ok := parseRelease(line); ok {
			byName[r.Name] = append(byName[r.Name], r)
		}
	}
	for _, list := range byName {
		slices.SortFunc(list, func(a, b Release) int { return CompareVersions(a.Version, b.Version) })
	}
	return byName
})

// parseRelease reads one line: file, sha256, note. The name and the version are
// in the file's name.
func parseRelease(line string) (Release, bool) {
	f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
	if len(f) != 3 || strings.HasPrefix(line, "#") {
		return Release{}, false
	}
	name, rest, ok1 := strings.Cut(f[0], "-")
	version, _, ok2 := strings.Cut(rest, ".tar")
	return Release{Name: name, Version: version, File: f[0], SHA256: f[1], Note: f[2]}, ok1 && ok2
}

// Known returns the releases of name in the table, oldest first.
func Known(name string) []Release { return slices.Clone(table()[name]) }

// Lookup returns the release of exactly that version.
func Lookup(name, version string) (Release, bool) {
	for _, r := range table()[name] {
		if r.Version == version {
			return r, true
		}
	}
	return Release{}, false
}

// known returns the releases that w could mean, newest first.
func (w Want) known() []Release {
	list := slices.DeleteFunc(Known(w.Name), func(r Release) bool { return !w.wanted(r.Version) })
	slices.Reverse(list)
	return list
}

// tableNear lists the versions of the table around w, for an error.
func (w Want) tableNear() []string {
	var have []string
	for _, r := range Known(w.Name) {
		have = append(have, r.Version)
	}
	return near(have, w.Version, maxHave)
}

// bySHA256 finds the upstream release with those bytes.
func bySHA256(name, sum string) (Release, bool) {
	for _, r := range table()[name] {
		if r.SHA256 == sum {
			return r, true
		}
	}
	return Release{}, false
}

func (r Release) pin(w Want) Pin {
	return Pin{
		Name: w.Name, Want: w.text(), Suite: w.suiteKey(),
		Version: r.Version, File: r.File, SHA256: r.SHA256,
		From: FromUpstream, Verified: VerifiedTable,
	}
}
