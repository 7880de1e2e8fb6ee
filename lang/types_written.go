package lang

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// ValueType makes a Type called name of the values that fits accepts; it hands them on as they are.
func ValueType(name string, fits func(starlark.Value) bool) Type {
	return &basic{name, func(v starlark.Value) (starlark.Value, error) {
		if !fits(v) {
			return nil, wrongType(name, v)
		}
		return v, nil
	}}
}

// namedTypes is what a script can write as a type, without what an embedder adds. Unlike the types of builtins' parameters
// they convert nothing: what a function is called with is what it gets.
func namedTypes() map[string]Type {
	of := func(name string, kinds ...string) Type {
		return ValueType(name, func(v starlark.Value) bool { return slices.Contains(kinds, v.Type()) })
	}
	callable := func(v starlark.Value) bool { _, ok := v.(starlark.Callable); return ok }
	return map[string]Type{
		"Any":      AnyType,
		"None":     ValueType("None", func(v starlark.Value) bool { return v == starlark.None }),
		"bool":     of("bool", "bool"),
		"bytes":    of("bytes", "bytes"),
		"callable": ValueType("callable", callable),
		"dict":     of("dict", "dict"),
		"float":    of("float", "float", "int"), // as in Python: an int will do
		"function": ValueType("function", callable),
		"int":      of("int", "int"),
		"list":     of("list", "list"),
		"range":    of("range", "range"),
		"set":      of("set", "set"),
		"str":      of("str", "string"),
		"string":   of("string", "string"),
		"struct":   of("struct", "struct"),
		"tuple":    of("tuple", "tuple"),
	}
}

// typeReader makes types of what a file says.
type typeReader struct {
	mod   *module
	known map[string]Type
}

// typeReader is for one file.
func (r *run) typeReader(m *module) *typeReader {
	known := namedTypes()
	maps.Copy(known, r.opts.Types)
	return &typeReader{m, known}
}

// read makes a Type of an annotation. Its name is the text that the script has.
func (t *typeReader) read(a annotation) (Type, *Error) {
	if strings.TrimSpace(a.text) == "" {
		return nil, t.errorAt(a.at, "a type is missing here", "for example: str, list[str], rootfs | None")
	}
	e, err := t.mod.typeExpr(a)
	if err != nil {
		return nil, t.errorAt(a.at, "this is not a type", "for example: str, list[str], str | None")
	}
	return t.expr(e)
}

func (t *typeReader) expr(e syntax.Expr) (Type, *Error) {
	switch e := e.(type) {
	case *syntax.ParenExpr:
		return t.expr(e.X)
	case *syntax.Ident:
		return t.named(e)
	case *syntax.IndexExpr:
		return t.indexed(e)
	case *syntax.BinaryExpr:
		if e.Op == syntax.PIPE {
			x, err := t.expr(e.X)
			if err != nil {
				return nil, err
			}
			y, err := t.expr(e.Y)
			if err != nil {
				return nil, err
			}
			return &either{x, y}, nil
		}
	case *syntax.Literal:
		if s, ok := e.Value.(string); ok {
			return nil, t.errorf(e, s, "a type is written without quotes")
		}
	}
	return nil, t.errorf(e, "", "this is not a type")
}

func (t *typeReader) named(id *syntax.Ident) (Type, *Error) {
	if typ := t.known[id.Name]; typ != nil {
		return typ, nil
	}
	names := slices.Sorted(maps.Keys(t.known))
	hint := didYouMean(id.Name, names)
	if hint == "" {
		hint = "the types are: " + plainList(names)
	}
	return nil, t.mod.errorAt(id.NamePos, "there is no type "+id.Name, hint)
}

// indexed reads list[X], set[X], dict[K, V] and tuple[X, Y, …].
func (t *typeReader) indexed(e *syntax.IndexExpr) (Type, *Error) {
	name := ""
	if id, ok := e.X.(*syntax.Ident); ok {
		name = id.Name
	}
	outer, err := t.expr(e.X)
	if err != nil {
		return nil, err
	}
	args := []syntax.Expr{e.Y}
	if tuple, ok := e.Y.(*syntax.TupleExpr); ok {
		args = tuple.List
	}
	items := make([]Type, len(args))
	for i, arg := range args {
		if items[i], err = t.expr(arg); err != nil {
			return nil, err
		}
	}
	want := map[string]int{"list": 1, "set": 1, "dict": 2, "tuple": len(items)}[name]
	switch {
	case want == 0:
		return nil, t.errorf(e.X, "list[X], set[X], dict[K, V] and tuple[X, Y] say what is in them", "%s takes no types in brackets", outer)
	case want != len(items):
		return nil, t.errorf(e.Y, "", "%s takes %s in its brackets, not %d", name, map[int]string{1: "one type", 2: "two types"}[want], len(items))
	}
	return &container{name, outer, items}, nil
}

func (t *typeReader) errorf(at syntax.Expr, hint, format string, args ...any) *Error {
	return t.mod.errorAt(syntax.Start(at), fmt.Sprintf(format, args...), hint)
}

func (t *typeReader) errorAt(at spot, msg, hint string) *Error {
	pos := Position{File: t.mod.name, Line: int(at.line), Col: int(at.col)}
	return &Error{Pos: pos, Msg: msg, Hint: hint, Source: t.mod.line(pos.Line)}
}

// either is X | Y.
type either struct{ x, y Type }

func (t *either) String() string { return t.x.String() + " | " + t.y.String() }

func (t *either) Convert(v starlark.Value) (starlark.Value, error) {
	_, err := t.x.Convert(v)
	if err == nil {
		return v, nil
	}
	_, other := t.y.Convert(v)
	if other == nil {
		return v, nil
	}
	m := (*mismatch)(nil)
	switch {
	case !isMismatch(err, &m) && isMismatch(other, &m):
		return nil, err // the value is an x, and something in it is wrong
	case isMismatch(err, &m) && !isMismatch(other, &m):
		return nil, other
	}
	return nil, wrongType(t.String(), v)
}

// container is a list, set, dict or tuple that says what is in it.
type container struct {
	name  string
	outer Type
	items []Type
}

func (t *container) String() string {
	names := make([]string, len(t.items))
	for i, item := range t.items {
		names[i] = item.String()
	}
	return t.name + "[" + plainList(names) + "]"
}

func (t *container) Convert(v starlark.Value) (starlark.Value, error) {
	if _, err := t.outer.Convert(v); err != nil {
		return nil, wrongType(t.String(), v)
	}
	switch v := v.(type) {
	case *starlark.Dict:
		for _, kv := range v.Items() {
			if _, err := t.items[0].Convert(kv[0]); err != nil {
				return nil, within(fmt.Sprintf("the key %s", kv[0]), err)
			}
			if _, err := t.items[1].Convert(kv[1]); err != nil {
				return nil, within(fmt.Sprintf("the value of %s", kv[0]), err)
			}
		}
	case starlark.Tuple:
		if len(v) != len(t.items) {
			return nil, within("want "+t.String(), fmt.Errorf("got %d items", len(v)))
		}
		for i, item := range v {
			if _, err := t.items[i].Convert(item); err != nil {
				return nil, within(fmt.Sprintf("item %d", i+1), err)
			}
		}
	case starlark.Iterable:
		n := 0
		for item := range starlark.Elements(v) {
			n++
			if _, err := t.items[0].Convert(item); err != nil {
				return nil, within(fmt.Sprintf("item %d", n), err)
			}
		}
	}
	return v, nil
}
