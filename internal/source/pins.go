package source

import (
	"maps"
	"slices"
)

// Pins lists all pins, sorted as Format writes them.
func (l *Lock) Pins() []Pin {
	keys := slices.SortedFunc(maps.Keys(l.pins), lockKey.compare)
	pins := make([]Pin, 0, len(keys))
	for _, k := range keys {
		pins = append(pins, l.pins[k])
	}
	return pins
}
