package lang

import (
	"errors"
	"fmt"
	"strings"

	"go.starlark.net/starlark"
)

// OneOf accepts a string out of a set; the error for another one lists the set and offers the nearest.
func OneOf(names ...string) Type { return &oneOf{names} }

type oneOf struct{ names []string }

func (t *oneOf) String() string { return "one of " + quoted(t.names) }

func (t *oneOf) Convert(v starlark.Value) (starlark.Value, error) {
	if _, ok := v.(starlark.String); !ok {
		return nil, wrongType(t.String(), v)
	}
	v, err := StringType.Convert(v)
	if err != nil {
		return nil, err
	}
	got := string(v.(starlark.String))
	for _, name := range t.names {
		if got == name {
			return v, nil
		}
	}
	return nil, &Error{Msg: fmt.Sprintf("want %s, got %q", t, got), Hint: didYouMean(got, t.names)}
}

func quoted(names []string) string {
	q := make([]string, len(names))
	for i, name := range names {
		q[i] = fmt.Sprintf("%q", name)
	}
	return strings.Join(q, ", ")
}

// ListOf accepts a list, a tuple or a set whose items are all t, and converts to a new list of the converted items.
// The list is new so that a script that changes its own list later does not change what it already passed.
func ListOf(t Type) Type { return &listOf{t} }

type listOf struct{ item Type }

func (t *listOf) String() string {
	if t.item == AnyType {
		return "list"
	}
	return "list of " + t.item.String()
}

func (t *listOf) Convert(v starlark.Value) (starlark.Value, error) {
	switch v.(type) {
	case *starlark.List, starlark.Tuple, *starlark.Set:
	default:
		return nil, wrongType(t.String(), v)
	}
	var items []starlark.Value
	for item := range starlark.Elements(v.(starlark.Iterable)) {
		converted, err := t.item.Convert(item)
		if err != nil {
			return nil, within(fmt.Sprintf("item %d", len(items)+1), err)
		}
		items = append(items, converted)
	}
	return starlark.NewList(items), nil
}

// within puts what before err, keeping its hint.
func within(what string, err error) error {
	inner := &Error{Msg: err.Error(), Err: err}
	if e := (*Error)(nil); errors.As(err, &e) {
		inner = &Error{Msg: e.Msg, Hint: e.Hint, Err: err}
	}
	inner.Msg = what + ": " + inner.Msg
	return inner
}

// Union accepts what any of ts accepts; the first that converts wins. The error names all of them; where the value
// has the type of one but a wrong content, it also says what is wrong with the content.
func Union(ts ...Type) Type { return &union{ts} }

type union struct{ types []Type }

func (t *union) String() string {
	names := make([]string, len(t.types))
	for i, alternative := range t.types {
		names[i] = alternative.String()
	}
	return strings.Join(names, " or ")
}

func (t *union) Convert(v starlark.Value) (starlark.Value, error) {
	var content []error // of the alternatives whose type fits
	for _, alternative := range t.types {
		converted, err := alternative.Convert(v)
		if err == nil {
			return converted, nil
		}
		if m := (*mismatch)(nil); !isMismatch(err, &m) {
			content = append(content, err)
		}
	}
	if len(content) == 1 {
		if _, ok := v.(starlark.String); ok {
			return nil, content[0] // of strings the error itself says enough
		}
		return nil, within("want "+t.String(), content[0])
	}
	return nil, wrongType(t.String(), v)
}

// isMismatch reports whether err itself, not something it wraps, is a mismatch: an item of the wrong type is a
// list of the right type.
func isMismatch(err error, m **mismatch) bool {
	var ok bool
	*m, ok = err.(*mismatch)
	return ok
}

// Optional accepts None, unchanged, besides what t accepts.
func Optional(t Type) Type { return &optional{t} }

type optional struct{ Type }

func (t *optional) String() string { return t.Type.String() + " or None" }

func (t *optional) Convert(v starlark.Value) (starlark.Value, error) {
	if v == starlark.None {
		return v, nil
	}
	converted, err := t.Type.Convert(v)
	if m := (*mismatch)(nil); isMismatch(err, &m) {
		return nil, wrongType(t.String(), v)
	}
	return converted, err
}
