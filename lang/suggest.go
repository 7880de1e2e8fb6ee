package lang

import (
	"strings"
	"unicode/utf8"

	"github.com/agnivade/levenshtein"
)

// Suggest returns the one of among that name was probably meant to be, or "" if none comes near. Case and the
// difference between - and _ do not count; one or two slips do not matter, more in long names; a beginning of two or
// more letters stands for the whole name. Of equally near names the first in alphabetical order wins, so that
// the answer does not depend on the order of among.
func Suggest(name string, among []string) string {
	want := folded(name)
	limit := slips(want)
	best, found := guess{}, false
	for _, candidate := range among {
		if candidate == name {
			continue
		}
		g, near := compare(want, candidate, limit)
		if near && (!found || g.betterThan(best)) {
			best, found = g, true
		}
	}
	return best.name
}

// guess is a candidate with how far it is: first in edits, then in length.
type guess struct {
	name          string
	edits, longer int
}

func (g guess) betterThan(h guess) bool {
	if g.edits != h.edits {
		return g.edits < h.edits
	}
	if g.longer != h.longer {
		return g.longer < h.longer
	}
	return g.name < h.name
}

// compare measures candidate against the folded name want, and says whether it is near enough to be offered.
func compare(want, candidate string, limit int) (guess, bool) {
	have := folded(candidate)
	longer := utf8.RuneCountInString(have) - utf8.RuneCountInString(want)
	if longer < 0 {
		longer = -longer
	}
	// The distance costs len × len: a name of a megabyte must not be compared letter by letter.
	if longer <= limit {
		if swapped(want, have) {
			return guess{candidate, 2, longer}, true
		}
		if d := levenshtein.ComputeDistance(want, have) + strangeStart(want, have); d <= limit {
			return guess{candidate, d, longer}, true
		}
	}
	return guess{candidate, 1, longer}, abbreviates(want, have) || 2*len(have) > len(want) && abbreviates(have, want)
}

// swapped reports whether two neighbouring letters in the wrong order are all that is wrong: the commonest slip. It
// counts as two edits, as by the plain distance, but is forgiven in short names too.
func swapped(a, b string) bool {
	if len(a) != len(b) || a == b {
		return false
	}
	i := 0
	for a[i] == b[i] {
		i++
	}
	return i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}

// strangeStart is 1 if the names begin with different letters: people rarely miss the first one, so that gz is meant
// to be gzip rather than xz.
func strangeStart(want, have string) int {
	if want == have || want != "" && have != "" && want[0] == have[0] {
		return 0
	}
	return 1
}

// abbreviates reports whether short begins full and is long enough to stand for it.
func abbreviates(short, full string) bool {
	return len(short) >= 2 && strings.HasPrefix(full, short)
}

// slips is how many edits a name may be away: none in one letter, two in "arhc", four at most.
func slips(name string) int {
	n := utf8.RuneCountInString(name)
	if n < 2 {
		return 0
	}
	return min((n+2)/3, 4)
}

func folded(name string) string {
	return strings.ReplaceAll(strings.ToLower(name), "-", "_")
}
