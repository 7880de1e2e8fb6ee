package lang

import (
	"fmt"
	"strings"

	"go.starlark.net/starlark"
)

// Setting is the value of a param that stands in a file: in a variant, in a row of a matrix, or in a file of the
// user's.
type Setting struct {
	Name   string
	Value  starlark.Value // a string, an int, a bool or a list of strings; anything else is refused with its place
	Pos    Position       // of the name
	At     Position       // of the value
	Source string         // the line at Pos, "" if not available
}

// errorf makes an error about the value, where it stands.
func (s *Setting) errorf(hint, format string, args ...any) *Error {
	e := &Error{Pos: s.At, Msg: fmt.Sprintf(format, args...), Hint: hint}
	if s.At.Line == s.Pos.Line {
		e.Source = s.Source
	}
	return e
}

// value returns what the setting gives to d, or says what is wrong with it. what is whose setting it is.
func (s *Setting) value(what string, d *ParamDecl) (starlark.Value, *Error) {
	v, err := typeOf(d.Default).Convert(s.Value)
	if err == nil {
		err = allowed(v, d.Choices)
	}
	if err != nil {
		hint := strings.TrimSpace(hintOf(err) + fmt.Sprintf(" %s is declared at %s", d.Name, d.Pos))
		return nil, s.errorf(hint, "%s%s: %s", what, s.Name, plain(err))
	}
	return frozen(v), nil
}

// typeOf is the type that a param has by its default.
func typeOf(def starlark.Value) Type {
	switch def.(type) {
	case starlark.String:
		return StringType
	case starlark.Int:
		return IntType
	case starlark.Bool:
		return BoolType
	}
	return ListOf(StringType)
}

// Text is a value as the command line would write it after name=.
func Text(v starlark.Value) string {
	if list, ok := v.(*starlark.List); ok {
		items := make([]string, 0, list.Len())
		for _, item := range elements(list) {
			items = append(items, Text(item))
		}
		return strings.Join(items, ",")
	}
	if s, ok := starlark.AsString(v); ok {
		return s
	}
	if b, ok := v.(starlark.Bool); ok {
		return strings.ToLower(b.String())
	}
	return v.String()
}

// sameSettings reports whether two lists set the same.
func sameSettings(a, b []Setting) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if same, err := starlark.Equal(a[i].Value, b[i].Value); a[i].Name != b[i].Name || err != nil || !same {
			return false
		}
	}
	return true
}
