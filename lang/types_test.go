package lang

import (
	"errors"
	"testing"

	"go.starlark.net/starlark"
)

func TestTypes(t *testing.T) {
	str := func(s string) starlark.Value { return starlark.String(s) }
	num := starlark.MakeInt
	list := func(vs ...starlark.Value) starlark.Value { return starlark.NewList(vs) }
	big := num(1).Lsh(64)
	for _, test := range []struct {
		typ  Type
		v    starlark.Value
		want string // the converted value, or the error
	}{
		{StringType, str("a"), `"a"`},
		{StringType, num(1), "want string, got int"},
		{StringType, starlark.None, "want string, got None"},
		{StringType, starlark.Bytes("a"), "want string, got bytes"},
		{StringType, str("-" + Mark("linux.image") + "-"), "this string contains the artifact linux.image; only its build knows its path, so pass the artifact itself"},
		{StringType, str(string(Marker)), "this string contains an artifact; only its build knows its path, so pass the artifact itself"},
		{IntType, num(1), "1"},
		{IntType, starlark.True, "want int, got bool"},
		{IntType, starlark.Float(1), "want int, got float"},
		{IntType, big, "want int, got a number of over 64 bits"},
		{BoolType, starlark.True, "True"},
		{BoolType, num(1), "want bool, got int"},
		{AnyType, starlark.None, "None"},
		{DictType, starlark.NewDict(0), "{}"},
		{DictType, list(), "want dict, got list"},
		{ListType, starlark.Tuple{num(1)}, "[1]"},
		{ListType, str("ab"), "want list, got string"},
		{ListType, starlark.NewDict(0), "want list, got dict"},
		{ListOf(StringType), list(str("a"), num(1)), "item 2: want string, got int"},
		{ListOf(ListOf(IntType)), list(list(num(1), str("x"))), "item 1: item 2: want int, got string"},
		{OneOf("gzip", "xz"), str("xz"), `"xz"`},
		{OneOf("gzip", "xz"), num(1), `want one of "gzip", "xz", got int`},
		{OneOf("gzip", "xz"), str("gzp"), `want one of "gzip", "xz", got "gzp"` + "\n" + `did you mean "gzip"?`},
		{OneOf("gzip"), str(Mark("x")), "this string contains the artifact x; only its build knows its path, so pass the artifact itself"},
		{Union(StringType, IntType), num(1), "1"},
		{Union(StringType, IntType), list(), "want string or int, got list"},
		{Union(StringType, ListOf(StringType)), list(num(1)), "want string or list of string: item 1: want string, got int"},
		{Union(StringType, ListOf(StringType)), str(Mark("x")), "this string contains the artifact x; only its build knows its path, so pass the artifact itself"},
		{Union(OneOf("a", "b"), OneOf("c")), str("d"), `want one of "a", "b" or one of "c", got string`},
		{Optional(StringType), starlark.None, "None"},
		{Optional(StringType), str("a"), `"a"`},
		{Optional(StringType), num(1), "want string or None, got int"},
		{Optional(OneOf("xz")), str("x"), `want one of "xz", got "x"`},
		{TypeFunc("even", func(v starlark.Value) (starlark.Value, error) { return nil, errors.New("odd") }), num(1), "odd"},
	} {
		got := ""
		if v, err := test.typ.Convert(test.v); err != nil {
			got = err.Error()
		} else {
			got = v.String()
		}
		if got != test.want {
			t.Errorf("%s of %v:\ngot:  %s\nwant: %s", test.typ, test.v, got, test.want)
		}
	}
}

// TestListIsCopied keeps a script from changing what it passed.
func TestListIsCopied(t *testing.T) {
	mine := starlark.NewList([]starlark.Value{starlark.None})
	v, err := ListType.Convert(mine)
	if err != nil || v == starlark.Value(mine) {
		t.Errorf("got the script's own list, %v", err)
	}
}

func TestTypeNames(t *testing.T) {
	for want, typ := range map[string]Type{
		"string": StringType, "int": IntType, "bool": BoolType, "any value": AnyType, "dict": DictType, "list": ListType,
		"list of string":              ListOf(StringType),
		`one of "a", "b" or None`:     Optional(OneOf("a", "b")),
		"string or list of int":       Union(StringType, ListOf(IntType)),
		"size":                        TypeFunc("size", nil),
		"list of list of string or x": ListOf(ListOf(Union(StringType, TypeFunc("x", nil)))),
	} {
		if typ.String() != want {
			t.Errorf("got %s, want %s", typ, want)
		}
	}
}
