package lang

import (
	"context"
	"errors"
	"strings"
	"testing"

	"go.starlark.net/starlark"
)

const liveScript = `
bb = thing()

def test_ok(vm):
    return vm("a")

def test_fails(vm):
    helper()

def helper():
    fail("it is", "broken")

def test_describes(vm):
    thing()

def test_param(vm):
    param("late", 1)

def test_bad_call(vm):
    vm(1)

def test_stopped(vm):
    for i in range(1000000):
        for j in range(1000000):
            pass

def _hidden():
    pass

alias = helper
other = lambda vm: 1
`

func TestCallOfAFunction(t *testing.T) {
	thing := &Builtin{Name: "thing", Do: func(*Call) (starlark.Value, error) { return nil, nil }}
	p, err := Run(t.Context(), "s.star", []byte(liveScript), Options{Builtins: []*Builtin{thing}})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	functions := map[string]Function{}
	for _, f := range p.Functions {
		names = append(names, f.Name)
		functions[f.Name] = f
	}
	if got := strings.Join(names, " "); got != "test_ok test_fails helper test_describes test_param test_bad_call test_stopped" {
		t.Errorf("functions: %s", got)
	}
	cause := errors.New("the cause")
	method := p.Method(&Builtin{
		Name: "vm.do", Params: []Param{{Name: "text", Type: StringType}},
		Do: func(c *Call) (starlark.Value, error) {
			if c.Str("text") == "a" {
				return starlark.String("b"), nil
			}
			return nil, cause
		},
	})
	if v, err := p.Call(t.Context(), functions["test_ok"].Value, method); err != nil || v != starlark.String("b") {
		t.Errorf("%v, %v", v, err)
	}
	for name, want := range map[string]string{
		"test_fails":     "s.star:11:5: it is broken\n",
		"test_describes": "s.star:14:5: thing: this describes something",
		"test_param":     "s.star:17:5: param: this describes something",
		"test_bad_call":  "s.star:20:8: vm.do: ",
	} {
		_, err := p.Call(t.Context(), functions[name].Value, method)
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Call(ctx, functions["test_stopped"].Value, method); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
	if _, err := p.Call(t.Context(), functions["test_ok"].Value, method); err != nil {
		t.Errorf("the next call: %v", err)
	}
}
