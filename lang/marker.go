package lang

import "strings"

// Marker encloses the description of an artifact in the text that the artifact turns into when a script formats it
// into a string. It is U+2063, INVISIBLE SEPARATOR: nobody types it, and it does not spoil what print shows.
// An artifact has no path while a script runs, so a string that carries a marker can only be a mistake, and the
// string types refuse it. (They are the place for it: Starlark's own String() and == can't fail.)
const Marker = '\u2063'

// Mark returns the text that the artifact called desc has in a string.
func Mark(desc string) string { return string(Marker) + desc + string(Marker) }

// marked returns the description of the first artifact in s, "" if it is not known any more.
func marked(s string) (desc string, found bool) {
	_, rest, found := strings.Cut(s, string(Marker))
	if !found {
		return "", false
	}
	desc, _, closed := strings.Cut(rest, string(Marker))
	if !closed || desc == "" {
		return "", true // a slice of the string took one of the two markers
	}
	return desc, true
}
