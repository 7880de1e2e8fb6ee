package lang_test

import (
	"context"
	"fmt"
	"testing"

	"go.starlark.net/starlark"

	"mini/lang"
)

// What a script declared before it failed is known: help shows it.
func TestAFailedScriptTellsWhatItDeclared(t *testing.T) {
	const script = `
a = param("a", 1, doc = "first")
variant("tiny", a = 2)
matrix("all", ["tiny"])
fail("no further")
b = param("b", 1)
`
	for _, variants := range [][]string{nil, {"tiny"}, {"nobody"}} {
		prog, err := lang.Run(context.Background(), "main.star", []byte(script), lang.Options{Variants: variants})
		if err == nil || prog == nil {
			t.Fatal(err)
		}
		got := fmt.Sprintln(len(prog.Params), prog.Params[0].Name, len(prog.Variants), len(prog.Matrices), len(prog.Targets))
		if got != "1 a 1 1 0\n" {
			t.Errorf("with %v: %s", variants, got)
		}
	}
}

// A text that Text wrote means the same again.
func TestTextIsWhatTheCommandLineTakes(t *testing.T) {
	const script = `
s = param("s", "x y")
i = param("i", -7)
b = param("b", False)
l = param("l", ["a", "b c"])
e = param("e", [])
`
	first, err := lang.Run(context.Background(), "main.star", []byte(script), lang.Options{})
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, p := range first.Params {
		texts[p.Name] = lang.Text(p.Value)
	}
	if got := fmt.Sprint(texts); got != "map[b:false e: i:-7 l:a,b c s:x y]" {
		t.Error(got)
	}
	again, err := lang.Run(context.Background(), "main.star", []byte(script), lang.Options{Params: texts})
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range again.Params {
		if p.Value.String() != first.Params[i].Value.String() || p.From != "command line" {
			t.Errorf("%s is %v, from %q", p.Name, p.Value, p.From)
		}
	}
}

// To find a variant, a script is evaluated as far as its declaration and no further.
func TestAScriptIsNotRunTwiceForItsVariants(t *testing.T) {
	calls := 0
	count := &lang.Builtin{Name: "count", Do: func(*lang.Call) (starlark.Value, error) {
		calls++
		return nil, nil
	}}
	const script = `
a = param("a", 1)
variant("tiny", a = 2)
variant("other", a = 3)
count()
`
	opts := lang.Options{Builtins: []*lang.Builtin{count}, Variants: []string{"other", "tiny"}}
	if _, err := lang.Run(context.Background(), "main.star", []byte(script), opts); err != nil {
		t.Fatal(err)
	}
	if calls != 1 {
		t.Errorf("what stands after the variants ran %d times", calls)
	}
}
