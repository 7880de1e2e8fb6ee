package source

import (
	"cmp"
	"regexp"
	"strings"
)

// debVersionSyntax is what a version of a package may be made of (Debian policy,
// section 5.6.12).
var debVersionSyntax = regexp.MustCompile(`^([0-9]+:)?[0-9][A-Za-z0-9.+~:-]*$`)

// upstreamVersion is the upstream's number in a package's version:
// "1:1.35.0-4+deb12u1" → "1.35.0", "7.3~rc2-1~exp1" → "7.3-rc2".
func upstreamVersion(v string) string {
	_, v, _ = cutEpoch(v)
	if i := strings.LastIndexByte(v, '-'); i >= 0 {
		v = v[:i]
	}
	v = strings.Replace(v, "~rc", "-rc", 1)
	if i := strings.IndexAny(v, "+~"); i >= 0 { // "+dfsg", "~git2026"
		v = v[:i]
	}
	return v
}

func cutEpoch(v string) (epoch, rest string, ok bool) {
	if e, r, found := strings.Cut(v, ":"); found {
		return e, r, true
	}
	return "0", v, false
}

// compareDeb orders versions of packages as dpkg does (Debian policy, section
// 5.6.12): epoch, upstream part, revision.
func compareDeb(a, b string) int {
	epochA, a, _ := cutEpoch(a)
	epochB, b, _ := cutEpoch(b)
	upA, revA := cutRevision(a)
	upB, revB := cutRevision(b)
	return cmp.Or(compareNumbers(epochA, epochB), compareDebPart(upA, upB), compareDebPart(revA, revB))
}

func cutRevision(v string) (upstream, revision string) {
	if i := strings.LastIndexByte(v, '-'); i >= 0 {
		return v[:i], v[i+1:]
	}
	return v, ""
}

// compareDebPart takes turns: a stretch without digits, compared by letter, then
// a number.
func compareDebPart(a, b string) int {
	for a != "" || b != "" {
		var textA, textB, numA, numB string
		textA, a = span(a, false)
		textB, b = span(b, false)
		if c := compareDebText(textA, textB); c != 0 {
			return c
		}
		numA, a = span(a, true)
		numB, b = span(b, true)
		if c := compareNumbers("0"+numA, "0"+numB); c != 0 {
			return c
		}
	}
	return 0
}

// span cuts off the leading digits, or what comes before them.
func span(s string, digits bool) (head, tail string) {
	i := 0
	for i < len(s) && (s[i] >= '0' && s[i] <= '9') == digits {
		i++
	}
	return s[:i], s[i:]
}

// compareDebText sorts a tilde before the end, the end before letters, and
// letters before everything else.
func compareDebText(a, b string) int {
	for i := 0; i < len(a) || i < len(b); i++ {
		if c := cmp.Compare(debOrder(a, i), debOrder(b, i)); c != 0 {
			return c
		}
	}
	return 0
}

func debOrder(s string, i int) int {
	switch {
	case i >= len(s):
		return 0
	case s[i] == '~':
		return -1
	case s[i] >= 'A' && s[i] <= 'Z' || s[i] >= 'a' && s[i] <= 'z':
		return int(s[i])
	}
	return int(s[i]) + 256
}
