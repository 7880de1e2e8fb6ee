package kconfig

import "strings"

// Override writes r into the text of a .config: the first line that names a symbol of r is replaced, further lines for
// it are dropped, symbols that have no line are appended in order, and every other byte stays. Settings with Accept
// change nothing.
//
// Appending alone, as is often done by hand, is not enough: of two lines for one symbol Linux takes the last, but the
// older Kconfig inside BusyBox keeps the first and only warns.
func Override(config []byte, r Request) []byte {
	r = Request(nil).Merge(r)
	wanted := make(map[string]Value, len(r))
	for _, s := range r {
		if !s.Accept {
			wanted[s.Symbol] = s.Value
		}
	}
	var b strings.Builder
	written := make(map[string]bool, len(wanted))
	lastEnding := "\n"
	for rest := string(config); rest != ""; {
		var text, ending string
		text, ending, rest = nextLine(rest)
		lastEnding = ending
		symbol, _ := splitLine(text)
		value, ok := wanted[symbol]
		switch {
		case !ok:
			b.WriteString(text + ending)
		case !written[symbol]:
			written[symbol] = true
			b.WriteString(line(symbol, value) + ending)
		}
	}
	for _, s := range r {
		if s.Accept || written[s.Symbol] {
			continue
		}
		if !strings.HasSuffix(lastEnding, "\n") {
			b.WriteByte('\n')
			lastEnding = "\n"
		}
		b.WriteString(line(s.Symbol, s.Value) + "\n")
	}
	return []byte(b.String())
}
