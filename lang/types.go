package lang

import (
	"fmt"

	"go.starlark.net/starlark"
)

// Type is what a parameter accepts. Validation lives here, so that a builtin's Do sees only good values.
type Type interface {
	// String names the type in docs and errors: "string", "int", "list of string".
	String() string
	// Convert returns v as the builtin wants it, or an error that says what is wanted and what came: "want
	// string, got int". An *Error without a place carries a hint as well; the call fills in the place.
	Convert(v starlark.Value) (starlark.Value, error)
}

// The basic types.
var (
	// StringType accepts a string that carries no artifact marker (see [Marker]).
	StringType Type = &basic{"string", convertString}
	// IntType accepts an int of 64 bits.
	IntType Type = &basic{"int", convertInt}
	// BoolType accepts True and False.
	BoolType Type = &basic{"bool", is[starlark.Bool]("bool")}
	// AnyType accepts everything.
	AnyType Type = &basic{"any value", func(v starlark.Value) (starlark.Value, error) { return v, nil }}
	// DictType accepts a dict.
	DictType Type = &basic{"dict", is[*starlark.Dict]("dict")}
	// ListType accepts a list, a tuple or a set, and converts to a list.
	ListType Type = ListOf(AnyType)
)

// TypeFunc makes a Type called name out of a function.
func TypeFunc(name string, convert func(starlark.Value) (starlark.Value, error)) Type {
	return &basic{name, convert}
}

type basic struct {
	name    string
	convert func(starlark.Value) (starlark.Value, error)
}

func (t *basic) String() string                                   { return t.name }
func (t *basic) Convert(v starlark.Value) (starlark.Value, error) { return t.convert(v) }

// mismatch says that a value is of another type altogether. [Union] tells it from the errors of a value whose type
// fits but whose content does not, because only those are worth repeating.
type mismatch struct{ want, got string }

func (m *mismatch) Error() string { return fmt.Sprintf("want %s, got %s", m.want, m.got) }

func wrongType(want string, v starlark.Value) error { return &mismatch{want, typeName(v)} }

// typeName is v.Type() as people write it: nobody writes NoneType.
func typeName(v starlark.Value) string {
	if v == starlark.None {
		return "None"
	}
	return v.Type()
}

func is[T starlark.Value](name string) func(starlark.Value) (starlark.Value, error) {
	return func(v starlark.Value) (starlark.Value, error) {
		if _, ok := v.(T); !ok {
			return nil, wrongType(name, v)
		}
		return v, nil
	}
}

func convertString(v starlark.Value) (starlark.Value, error) {
	s, ok := v.(starlark.String)
	if !ok {
		return nil, wrongType("string", v)
	}
	if desc, found := marked(string(s)); found {
		what := "an artifact"
		if desc != "" {
			what = "the artifact " + desc
		}
		return nil, fmt.Errorf("this string contains %s; only its build knows its path, so pass the artifact itself", what)
	}
	return s, nil
}

func convertInt(v starlark.Value) (starlark.Value, error) {
	i, ok := v.(starlark.Int)
	if !ok {
		return nil, wrongType("int", v)
	}
	if _, ok := i.Int64(); !ok {
		return nil, fmt.Errorf("want int, got a number of over 64 bits")
	}
	return i, nil
}
