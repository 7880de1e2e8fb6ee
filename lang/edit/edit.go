// Package edit changes a script's text as somebody would with an editor: what a call is given, and nothing else.
// Comments, order and layout of all else stay, byte for byte.
package edit

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"mini/lang"
	"mini/lang/format"
)

// Entry is a key of a dict with the value that it is to have, an expression as a script has it.
type Entry struct{ Key, Value string }

// Keys is what somebody knows of a dict's keys.
type Keys struct {
	Same func(a, b string) bool                   // whether two of them mean the same
	Like func(key string, others []string) string // how a new one is written beside others
}

// Changed is a script with its changes.
type Changed struct {
	Text []byte
	At   lang.Position // of the dict, or of the argument that was added
	// Uses are the other places that use the variable in which the dict is. They see the changes as well.
	Uses []lang.Position
}

// NotLiteral says why there is no dict that could be changed.
type NotLiteral struct {
	Pos lang.Position
	Why string // "config is a call, not a dict that is written out"
}

func (e *NotLiteral) Error() string { return e.Pos.String() + ": " + e.Why }

// Dict changes entries of the dict that a call gives as its argument arg: values of keys that it has are replaced where they
// stand, and other keys come behind the last one. The dict is one that is written out in the call, or in a variable at the
// top level of the script, alone or as the last of a list or of a | b, where it wins. A call without such an argument gets
// one. Everything else is a *NotLiteral error.
//
// call is the place of the callee's name, as [lang.Call] has it. A script that is in the usual layout stays so.
func Dict(name string, src []byte, call lang.Position, arg string, entries []Entry, keys Keys) (*Changed, error) {
	ending := "\n"
	if strings.Contains(string(src), "\r\n") {
		ending = "\r\n"
	}
	file, err := lang.Parse(name, src)
	if err != nil {
		return nil, err
	}
	t := &text{file: file, lines: file.Lines(), keys: keys}
	where, err := t.find(call, arg)
	if err != nil {
		return nil, err
	}
	if where.dict != nil {
		t.intoDict(where.dict, entries)
	} else {
		t.intoCall(where.call, arg, entries)
	}
	out := []byte(t.edited())
	if usual, err := format.Source(name, src); err == nil && string(usual) == string(src) {
		if laid, err := format.Source(name, out); err == nil {
			out = laid
		}
	}
	if _, err := lang.Parse(name, out); err != nil {
		return nil, errors.Join(errors.New("the changed script would be broken, so it stays as it is"), err)
	}
	if ending != "\n" {
		out = []byte(strings.ReplaceAll(string(out), "\n", ending))
	}
	return &Changed{out, where.at, where.uses}, nil
}

// text is a script being changed.
type text struct {
	file  *lang.File
	lines []string
	keys  Keys
	edits []replacement
}

// replacement puts words in the place of those between two byte offsets of the joined lines.
type replacement struct {
	from, to int
	words    string
}

func (t *text) replace(from, to int, words string) {
	t.edits = append(t.edits, replacement{from, to, words})
}

func (t *text) insert(at int, words string) { t.replace(at, at, words) }

// edited is the script with the replacements made, from its end to its beginning so that offsets stay what they are. Of two at
// one offset the later one's words come behind the earlier one's.
func (t *text) edited() string {
	whole := t.whole()
	slices.Reverse(t.edits)
	slices.SortStableFunc(t.edits, func(a, b replacement) int { return b.from - a.from })
	for _, e := range t.edits {
		whole = whole[:e.from] + e.words + whole[e.to:]
	}
	return whole
}

func (t *text) whole() string { return strings.Join(t.lines, "\n") }

// entry is one entry as it is written.
func entry(e Entry) string { return fmt.Sprintf("%q: %s", e.Key, e.Value) }
