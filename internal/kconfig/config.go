package kconfig

import (
	"fmt"
	"slices"
	"strings"
)

// A Config is a complete .config, as make leaves it. It does not change.
type Config struct {
	values  map[string]Value
	symbols []string // sorted
}

// ParseConfig reads a .config; name is used in errors, which begin with name:line. Values that have no usual form are
// kept as they are, since make wrote them. The same line twice is fine (BusyBox writes a symbol once for each menu it
// stands in), two lines that contradict each other are an error: Linux would take the last, BusyBox the first.
func ParseConfig(name string, data []byte) (*Config, error) {
	c := &Config{values: make(map[string]Value)}
	given := make(map[string]int)
	rest := string(data)
	for number := 1; rest != ""; number++ {
		var text string
		text, _, rest = nextLine(rest)
		symbol, value := splitLine(text)
		if symbol == "" {
			if trimmed := strings.TrimSpace(text); trimmed != "" && trimmed[0] != '#' {
				return nil, fmt.Errorf("%s:%d: %q is not a line of a .config: was the file cut short?", name, number, trimmed)
			}
			continue
		}
		v := readValue(value)
		if first, again := given[symbol]; again && c.values[symbol] != v {
			return nil, fmt.Errorf("%s:%d: %s contradicts line %d, %s: keep one of them",
				name, number, line(symbol, v), first, line(symbol, c.values[symbol]))
		} else if !again {
			given[symbol] = number
			c.symbols = append(c.symbols, symbol)
		}
		c.values[symbol] = v
	}
	slices.Sort(c.symbols)
	return c, nil
}

// Get returns the value of a symbol, given with or without CONFIG_. It reports false when the .config does not name the
// symbol at all; "is not set" is n and true.
func (c *Config) Get(symbol string) (Value, bool) {
	if v, ok := c.values[symbol]; ok { // first, for a symbol whose own name begins with CONFIG_
		return v, true
	}
	v, ok := c.values[strings.TrimPrefix(symbol, prefix)]
	return v, ok
}

// Symbols returns the names of all symbols, sorted, without CONFIG_, those that are not set included.
func (c *Config) Symbols() []string { return slices.Clone(c.symbols) }

// A Change is a symbol that two configurations disagree about.
type Change struct {
	Symbol   string // without CONFIG_
	Old, New string // text after '='; "n" for "is not set", "" where the .config does not name the symbol
}

// String is one line in the manner of the kernel's scripts/diffconfig: "+NEW y", "-OLD y" or " CHANGED y -> n".
func (c Change) String() string {
	switch {
	case c.Old == "":
		return "+" + c.Symbol + " " + c.New
	case c.New == "":
		return "-" + c.Symbol + " " + c.Old
	}
	return " " + c.Symbol + " " + c.Old + " -> " + c.New
}

// Diff lists what changes from a to b, sorted by symbol.
func Diff(a, b *Config) []Change {
	symbols := slices.Concat(a.symbols, b.symbols)
	slices.Sort(symbols)
	var changes []Change
	for _, symbol := range slices.Compact(symbols) {
		if before, after := a.text(symbol), b.text(symbol); before != after {
			changes = append(changes, Change{symbol, before, after})
		}
	}
	return changes
}

func (c *Config) text(symbol string) string {
	if v, ok := c.values[symbol]; ok {
		return v.String()
	}
	return ""
}
