package kconfig

import (
	"fmt"
	"slices"
	"strings"
)

// A Miss is a setting that the final configuration does not have.
type Miss struct {
	Setting Setting
	Got     string   // the line as in .config, or "" when the final configuration does not name the symbol
	Near    []string // similar names that exist in the final configuration or among the known ones
	Known   bool     // the source does have such a symbol
}

// Check compares what was asked for with what make made of it. known lists symbols that the source has beyond those of
// final, as far as the caller can tell. That a symbol is in neither proves nothing: Linux leaves symbols whose
// dependencies are off out of a .config. Kconfig drops what it can't satisfy in silence, so this is the only place where
// it shows.
//
// A request of n is satisfied by a symbol that is absent; y is not satisfied by m, nor m by y; Accept always is.
func Check(r Request, final *Config, known []string) []Miss {
	var misses []Miss
	var all []string // sorted names to look for similar ones in, gathered when the first is needed
	for _, s := range r {
		got, present := final.Get(s.Symbol)
		if s.Accept || present && s.Value.Same(got) || !present && s.Value == (Value{}) {
			continue
		}
		m := Miss{Setting: s}
		switch m.Known = slices.Contains(known, s.Symbol); {
		case present:
			m.Got, m.Known = line(s.Symbol, got), true
		case !m.Known:
			if all == nil {
				all = slices.Concat(final.symbols, known)
				slices.Sort(all)
				all = slices.Compact(all)
			}
			m.Near = near(s.Symbol, all)
		}
		misses = append(misses, m)
	}
	return misses
}

// String is one line that says what was asked for, what the final configuration has instead, and why where that can
// be told from the two alone.
func (m Miss) String() string {
	asked := fmt.Sprintf("%s%s=%s", prefix, m.Setting.Symbol, m.Setting.Value)
	if m.Got != "" {
		return fmt.Sprintf("%s did not stick: the final configuration has %s%s", asked, quoteOnce(m.Got), m.hint())
	}
	if m.Known {
		return m.absent("something it depends on is off")
	}
	return m.absent("this source has no such symbol, or something it depends on is off")
}

// Nowhere is the line for a symbol that the source is known not to have.
func (m Miss) Nowhere() string { return m.absent("this source has no such symbol") }

func (m Miss) absent(why string) string {
	if len(m.Near) > 0 {
		why += " (similar: " + strings.Join(m.Near, ", ") + ")"
	}
	return fmt.Sprintf("%s%s=%s is not in the final configuration: %s", prefix, m.Setting.Symbol, m.Setting.Value, why)
}

// Because is the line with a reason that somebody found.
func (m Miss) Because(why string) string {
	asked := fmt.Sprintf("%s%s=%s", prefix, m.Setting.Symbol, m.Setting.Value)
	if m.Got != "" && m.Setting.Value != Bool(false) && !strings.HasSuffix(m.Got, " is not set") {
		return fmt.Sprintf("%s did not stick: %s; the final configuration has %s", asked, why, quoteOnce(m.Got))
	}
	return fmt.Sprintf("%s did not stick: %s", asked, why)
}

// quoteOnce puts quotes around a line, unless the line has its own.
func quoteOnce(s string) string {
	if strings.Contains(s, `"`) {
		return s
	}
	return `"` + s + `"`
}

// hint explains the mismatches that come from the kind of value rather than from a dependency.
func (m Miss) hint() string {
	want := m.Setting.Value
	_, text := splitLine(m.Got)
	got := readValue(text)
	switch {
	case want == Bool(true) && got == Tristate("m"):
		return ", a module: something it depends on is a module too"
	case want == Tristate("m") && got == Bool(true):
		return ", built in: it can't be a module here, or another symbol selects it"
	case want == Bool(false) && got.kind == KindTristate:
		return ": another symbol selects it, or it can't be turned off"
	case want.kind == KindInt && got.kind == KindHex:
		return fmt.Sprintf(": this symbol is hexadecimal, ask for it as %q", hexOf(want))
	case want.kind == KindString && (got.kind == KindInt || got.kind == KindHex):
		return ": this symbol is a number, ask for it without quotes"
	case want.kind == KindString && got.kind == KindTristate:
		return ": this symbol is not text, it is on or off"
	case want.kind != KindString && got.kind == KindString:
		return ": this symbol is text"
	}
	return ""
}

// hexOf writes the number of an Int the way a hex symbol wants it.
func hexOf(v Value) string {
	var n uint64
	if _, err := fmt.Sscan(v.text, &n); err != nil {
		return "0x…"
	}
	return Hex(n).String()
}
