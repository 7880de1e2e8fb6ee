package source

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var (
	versionSyntax = regexp.MustCompile(`^[0-9]+(\.[0-9]+)+(-rc[0-9]+)?$`) // of linux and busybox
	anyVersion    = regexp.MustCompile(`^[0-9][0-9A-Za-z.+~-]*$`)         // of all others: 2022.83, 9.2p1, 1.2.13.dfsg
	nameSyntax    = regexp.MustCompile(`^[a-z0-9][a-z0-9+.-]*$`)          // Debian policy, section 5.6.1
	suiteSyntax   = regexp.MustCompile(`^[a-z][a-z0-9.-]*$`)
)

// IsSeries says whether v names a series of releases of name rather than one
// release: "6.1" of linux, "1.36" of busybox.
//
// The first release of a linux series has the series' own name (linux-6.19); it
// is taken for the series all the same, because that is what people mean by it.
// "6.19.0" asks for the first release. Before 3.0 linux series had three parts
// (2.6.39, whose second fix was 2.6.39.2).
func IsSeries(name, v string) bool {
	if strings.Contains(v, "-") {
		return false
	}
	parts := strings.Count(v, ".") + 1
	if name == "linux" && strings.HasPrefix(v, "2.6.") {
		return parts == 3
	}
	return parts <= 2
}

// inSeries says whether release v belongs to the series. A release candidate
// belongs to none: nobody gets one without asking for it by name.
func inSeries(v, series string) bool {
	return (v == series || strings.HasPrefix(v, series+".")) && !strings.Contains(v, "-")
}

// CompareVersions orders upstream version numbers: negative when a is older.
// Numbers compare by value, a longer version is newer than its beginning, and a
// release candidate ("6.1-rc3") is older than the release.
func CompareVersions(a, b string) int {
	numbersA, rcA, isRCA := strings.Cut(a, "-rc")
	numbersB, rcB, isRCB := strings.Cut(b, "-rc")
	if c := slices.CompareFunc(strings.Split(numbersA, "."), strings.Split(numbersB, "."), compareNumbers); c != 0 {
		return c
	}
	switch {
	case isRCA && isRCB:
		return compareNumbers(rcA, rcB)
	case isRCA:
		return -1
	case isRCB:
		return 1
	}
	return 0
}

func compareNumbers(a, b string) int {
	x, err1 := strconv.ParseUint(a, 10, 64)
	y, err2 := strconv.ParseUint(b, 10, 64)
	if err1 != nil || err2 != nil {
		return cmp.Compare(a, b)
	}
	return cmp.Compare(x, y)
}

// wanted says whether release v is what w asks for.
func (w Want) wanted(v string) bool {
	switch {
	case w.newest():
		return !strings.Contains(v, "-")
	case IsSeries(w.Name, w.Version):
		return inSeries(v, w.Version)
	}
	return v == w.Version || w.firstOfSeries() == v
}

func (w Want) newest() bool { return w.Version == "" || w.Version == newest }

// exact says whether w names one release.
func (w Want) exact() bool { return !w.newest() && !IsSeries(w.Name, w.Version) }

// firstOfSeries turns linux "6.19.0" into "6.19", as the file is called. It
// returns "" for all else.
func (w Want) firstOfSeries() string {
	series, ok := strings.CutSuffix(w.Version, ".0")
	if ok && w.Name == "linux" && IsSeries(w.Name, series) {
		return series
	}
	return ""
}

// String is how errors name w.
func (w Want) String() string {
	s := w.Name + " " + w.text()
	switch {
	case w.Suite != "":
		s += " of " + w.Suite
	case w.Distro:
		s += " of the distribution"
	}
	return s
}

func (w Want) text() string {
	if w.newest() {
		return newest
	}
	return w.Version
}

func (w Want) suiteKey() string {
	if w.Suite == "" && w.Distro {
		return AnySuite
	}
	return w.Suite
}

// check refuses what no place could have, and what must not reach a
// configuration file or a command line of apt.
func (w Want) check() error {
	switch {
	case !nameSyntax.MatchString(w.Name):
		return fmt.Errorf("%q is not a name of a source", w.Name)
	case !w.newest() && !w.versionSyntax().MatchString(w.Version):
		return fmt.Errorf("%s: %q is not a version; write a series like \"6.1\", a version like \"6.1.190\", or \"newest\"", w.Name, w.Version)
	case w.Suite != "" && !suiteSyntax.MatchString(w.Suite):
		return fmt.Errorf("%s: %q is not the name of a suite; write one like \"trixie\" or \"sid\"", w.Name, w.Suite)
	}
	return nil
}

func (w Want) versionSyntax() *regexp.Regexp {
	if w.Name == "linux" || w.Name == "busybox" {
		return versionSyntax
	}
	return anyVersion
}

// near returns at most n of have, sorted so that the versions closest to want
// come first; for the newest, the newest come first. Labels behind a version
// ("6.1.192 (bookworm)") are allowed.
func near(have []string, want string, n int) []string {
	number := func(s string) string { v, _, _ := strings.Cut(s, " "); return v }
	sorted := slices.Clone(have)
	slices.SortStableFunc(sorted, func(a, b string) int { return CompareVersions(number(a), number(b)) })
	sorted = slices.Compact(sorted)
	at := len(sorted)
	if want != "" && want != newest {
		at, _ = slices.BinarySearchFunc(sorted, want, func(e, t string) int { return CompareVersions(number(e), t) })
	}
	var out []string
	for lo, hi := at-1, at; len(out) < n && (lo >= 0 || hi < len(sorted)); lo, hi = lo-1, hi+1 {
		if lo >= 0 {
			out = append(out, sorted[lo])
		}
		if hi < len(sorted) && len(out) < n {
			out = append(out, sorted[hi])
		}
	}
	return out
}

func join(list []string) string { return strings.Join(list, ", ") }
