package preflight

import (
	"fmt"
	"strings"
)

// known reports whether the configuration has been computed.
func (k Kernel) known() bool { return k.Config != nil }

// on reports whether a symbol is built in.
func (k Kernel) on(symbol string) bool { return k.Config[symbol] == "y" }

// module reports whether a symbol is a module: there only once something has loaded it.
func (k Kernel) module(symbol string) bool { return k.Config[symbol] == "m" }

// lacks are those of the symbols that are not built in.
func (k Kernel) lacks(symbols ...string) []string {
	var off []string
	for _, s := range symbols {
		if !k.on(s) {
			off = append(off, s)
		}
	}
	return off
}

// absent are those of the symbols that are neither built in nor a module: where a module would do, who uses it may load it.
func (k Kernel) absent(symbols ...string) []string {
	var off []string
	for _, s := range symbols {
		if !k.on(s) && !k.module(s) {
			off = append(off, s)
		}
	}
	return off
}

// ask is the line to write for symbols that are off.
func ask(symbols []string) string {
	var items []string
	for _, s := range symbols {
		items = append(items, fmt.Sprintf("%q: True", s))
	}
	return "ask for it: config = {" + strings.Join(items, ", ") + "}"
}

// are says of symbols that they are off.
func are(off []string) string {
	if len(off) == 1 {
		return off[0] + " is off"
	}
	return strings.Join(off[:len(off)-1], ", ") + " and " + off[len(off)-1] + " are off"
}
