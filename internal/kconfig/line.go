package kconfig

import "strings"

const unset = " is not set"

// line writes what .config says of a symbol. The form for n is the one that every Kconfig reads as n.
func line(symbol string, v Value) string {
	if v == (Value{}) {
		return "# " + prefix + symbol + unset
	}
	return prefix + symbol + "=" + v.String()
}

// splitLine takes a line without its line break apart. The symbol is "" for a comment, a blank line and anything that
// Kconfig would pass over; "is not set" comes back as the text "n".
//
// Kconfig finds the name at a fixed place: a line with a blank before CONFIG_, or a comment with no blank or two, is
// not a setting.
func splitLine(s string) (symbol, text string) {
	if rest, ok := strings.CutPrefix(s, "# "+prefix); ok {
		if name, ok := strings.CutSuffix(strings.TrimRight(rest, " \t"), unset); ok && isName(name) {
			return name, "n"
		}
		return "", ""
	}
	if rest, ok := strings.CutPrefix(s, prefix); ok {
		if name, value, ok := strings.Cut(rest, "="); ok && isName(name) {
			return name, value
		}
	}
	return "", ""
}

// nextLine cuts the first line off data. The ending is "\n", "\r\n" or, at the end of data, "".
func nextLine(data string) (text, ending, rest string) {
	text, rest, found := strings.Cut(data, "\n")
	if found {
		ending = "\n"
	}
	if cut, ok := strings.CutSuffix(text, "\r"); ok {
		return cut, "\r" + ending, rest
	}
	return text, ending, rest
}
