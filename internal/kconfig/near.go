package kconfig

import (
	"cmp"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// nearLimit bounds how many names are offered.
const nearLimit = 3

// near picks the names that were perhaps meant by symbol: those that differ in a few letters or underscores, and those
// made of the same words in another order (NET_VIRTIO for VIRTIO_NET). The closest come first; the order of equals
// is that of the alphabet.
func near(symbol string, names []string) []string {
	type candidate struct {
		name     string
		distance int
	}
	limit := min(max((len(symbol)+1)/4, 1), 3) // two swapped letters count as two
	words := wordsOf(symbol)
	var found []candidate
	for _, name := range names {
		if name == symbol {
			continue
		}
		if wordsOf(name) == words {
			found = append(found, candidate{name, 1})
			continue
		}
		if diff := len(name) - len(symbol); diff > limit || -diff > limit {
			continue // the distance is at least the difference in length, and costs more to compute
		}
		if d := levenshtein.ComputeDistance(strings.ToUpper(symbol), strings.ToUpper(name)); d <= limit {
			found = append(found, candidate{name, d})
		}
	}
	slices.SortFunc(found, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), strings.Compare(a.name, b.name))
	})
	var out []string
	for _, c := range found[:min(len(found), nearLimit)] {
		out = append(out, c.name)
	}
	return out
}

// wordsOf is the same text for all names that consist of the same words.
func wordsOf(name string) string {
	words := strings.Split(strings.ToUpper(name), "_")
	slices.Sort(words)
	return strings.Join(words, "_")
}
