package kconfig

import (
	"slices"
	"strings"
)

// A Setting is one symbol with the value that was asked for.
type Setting struct {
	Symbol string // without CONFIG_
	Value  Value
	Accept bool   // take whatever make chose; Value means nothing then
	Origin string // where it was asked for, such as distro.star:9:20 or net.config:3
}

// A Request is what was asked for, sorted by symbol, each symbol once. ParseFragment and Merge return such lists;
// a list put together by hand becomes one by Request(nil).Merge(list).
type Request []Setting

// Merge lays over upon r: where both name a symbol, over's setting counts, and that includes Accept. Where one of the two
// lists names a symbol twice, the later one counts. Neither list is changed.
func (r Request) Merge(over Request) Request {
	last := make(map[string]Setting, len(r)+len(over))
	for _, s := range r {
		last[s.Symbol] = s
	}
	for _, s := range over {
		last[s.Symbol] = s
	}
	merged := make(Request, 0, len(last))
	for _, s := range last {
		merged = append(merged, s)
	}
	slices.SortFunc(merged, func(a, b Setting) int { return strings.Compare(a.Symbol, b.Symbol) })
	return merged
}
