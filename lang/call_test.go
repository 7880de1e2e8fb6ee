package lang_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"

	"mini/lang"
)

// run evaluates src with one builtin "probe" and returns what came of it.
func run(t *testing.T, src string, params []lang.Param, do func(*lang.Call) (starlark.Value, error)) error {
	t.Helper()
	b := &lang.Builtin{Name: "probe", Params: params, Do: do}
	_, err := lang.Run(context.Background(), "main.star", []byte(src), lang.Options{Builtins: []*lang.Builtin{b}})
	return err
}

func TestAccessors(t *testing.T) {
	params := []lang.Param{
		{Name: "s", Type: lang.StringType, Default: starlark.None},
		{Name: "i", Type: lang.IntType, Default: starlark.MakeInt(7)},
		{Name: "b", Type: lang.BoolType, Default: starlark.False},
		{Name: "none", Type: lang.IntType, Default: starlark.None},
		{Name: "list", Type: lang.ListType, Default: starlark.Tuple{}},
	}
	err := run(t, `
p = param("p", "value")
probe(b = True, s = "x", list = ("a", "b"))
probe(None)
`, params, func(c *lang.Call) (starlark.Value, error) {
		if c.Pos.Line == 4 {
			got := fmt.Sprint(c.Str("s"), c.Int("none"), c.Bool("none"), c.Given("s"), c.Given("i"))
			if want := " 0 false true false"; got != want && got != strings.TrimSpace(want) {
				t.Errorf("got %q, want %q", got, want)
			}
			return nil, nil
		}
		if c.Str("s") != "x" || c.Int("i") != 7 || !c.Bool("b") || c.Given("i") || !c.Given("list") {
			t.Error("accessors disagree with the call")
		}
		if v := c.Value("list"); v.Type() != "list" || v.String() != `["a", "b"]` {
			t.Errorf("list: got %s %v", v.Type(), v)
		}
		if v, ok := c.ScriptParam("p"); !ok || v != starlark.String("value") {
			t.Errorf("param p: got %v, %v", v, ok)
		}
		if _, ok := c.ScriptParam("q"); ok {
			t.Error("there is no param q")
		}
		return nil, nil
	})
	if err != nil {
		t.Error(err)
	}
}

// TestUnknownParameterPanics tells a slip in a builtin's own code from one in a script.
func TestUnknownParameterPanics(t *testing.T) {
	err := run(t, "probe()", nil, func(c *lang.Call) (starlark.Value, error) {
		defer func() {
			if recover() == nil {
				t.Error("no panic")
			}
		}()
		c.Str("nope")
		return nil, nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestErrorWrapsTheCause(t *testing.T) {
	cause := errors.New("cause")
	err := run(t, "\nprobe()", nil, func(*lang.Call) (starlark.Value, error) {
		return nil, fmt.Errorf("outside: %w", cause)
	})
	if !errors.Is(err, cause) {
		t.Errorf("the cause is lost: %v", err)
	}
	var e *lang.Error
	if !errors.As(err, &e) || e.Pos != (lang.Position{File: "main.star", Line: 2, Col: 1}) || e.Source != "probe()" {
		t.Errorf("got %#v", e)
	}
}

func TestWithHint(t *testing.T) {
	if lang.WithHint(nil, "hint") != nil {
		t.Error("no error, but a hint made one")
	}
	inner := &lang.Error{Msg: "inner"}
	err := lang.WithHint(fmt.Errorf("outer: %w", inner), "hint")
	if inner.Hint != "hint" || !strings.HasPrefix(err.Error(), "outer: ") {
		t.Errorf("got %v", err)
	}
	if err := lang.WithHint(errors.New("plain"), "hint"); err.Error() != "plain\nhint" {
		t.Errorf("got %q", err)
	}
}

// TestClashes refuses a vocabulary that says the same word twice.
func TestClashes(t *testing.T) {
	b := &lang.Builtin{Name: "probe"}
	for _, opts := range []lang.Options{
		{Builtins: []*lang.Builtin{b, b}},
		{Builtins: []*lang.Builtin{{Name: "param"}}},
		{Builtins: []*lang.Builtin{b}, Globals: starlark.StringDict{"probe": starlark.None}},
	} {
		if _, err := lang.Run(context.Background(), "main.star", []byte(""), opts); err == nil {
			t.Error("no error")
		}
	}
}

func TestGlobals(t *testing.T) {
	opts := lang.Options{Globals: starlark.StringDict{"GiB": starlark.MakeInt(1024)}}
	prog, err := lang.Run(context.Background(), "x/main.star", []byte("size = 2 * GiB"), opts)
	if err != nil {
		t.Fatal(err)
	}
	if got := prog.Targets[0].Value.String(); got != "2048" {
		t.Errorf("got %s", got)
	}
	if !filepath.IsAbs(prog.Dir) || filepath.Base(prog.Dir) != "x" || prog.Path != "x/main.star" {
		t.Errorf("got %s, %s", prog.Dir, prog.Path)
	}
}

// TestFrozen checks that nobody can change a program's values once it ran.
func TestFrozen(t *testing.T) {
	prog, err := lang.Run(context.Background(), "main.star", []byte("l = [1]; p = param('p', ['a'])"), lang.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for what, v := range map[string]starlark.Value{
		"target": prog.Targets[0].Value, "param": prog.Params[0].Value, "default": prog.Params[0].Default,
	} {
		if err := v.(*starlark.List).Append(starlark.None); err == nil {
			t.Errorf("the list of the %s could be changed", what)
		}
	}
}

// duration is a value that multiplies itself.
type duration int

func (d duration) String() string        { return fmt.Sprintf("%ds", int(d)) }
func (d duration) Type() string          { return "duration" }
func (d duration) Freeze()               {}
func (d duration) Truth() starlark.Bool  { return d != 0 }
func (d duration) Hash() (uint32, error) { return uint32(d), nil }
func (d duration) Binary(op syntax.Token, y starlark.Value, _ starlark.Side) (starlark.Value, error) {
	n, ok := y.(starlark.Int)
	if !ok || op != syntax.STAR {
		return nil, nil
	}
	times, _ := n.Int64()
	return d * duration(times), nil
}

// TestOperators: values of an embedder's multiply as they would without mini.
func TestOperators(t *testing.T) {
	opts := lang.Options{Globals: starlark.StringDict{"second": duration(1)}}
	prog, err := lang.Run(context.Background(), "main.star", []byte("a = second * 2 * 3\nb = 2 * second\nb *= 5\n"), opts)
	if err != nil {
		t.Fatal(err)
	}
	if a, b := prog.Targets[0].Value.String(), prog.Targets[1].Value.String(); a != "6s" || b != "10s" {
		t.Errorf("got %s, %s", a, b)
	}
}
