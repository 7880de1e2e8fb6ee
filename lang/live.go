package lang

import (
	"context"
	"strings"

	"go.starlark.net/resolve"
	"go.starlark.net/starlark"
)

// Function is a function that the entry script's top level defines with def.
type Function struct {
	Name  string
	Value *starlark.Function
	Pos   Position // of the name
}

// functions lists them in the order of the source, without those whose names start with an underscore.
func (m *module) functions() []Function {
	var fs []Function
	for _, b := range m.file.Module.(*resolve.Module).Globals {
		name := b.First.Name
		if f, ok := m.globals[name].(*starlark.Function); ok && f.Name() == name && !strings.HasPrefix(name, "_") {
			fs = append(fs, Function{Name: name, Value: f, Pos: m.position(b.First.NamePos)})
		}
	}
	return fs
}

// live marks the thread of a [Program.Call].
const live = "mini/lang.live"

// Call calls a function of the program after its evaluation, with values that do something, such as those of
// [Program.Method]. Calls may run side by side. What the script's builtins describe is fixed by then: a function that calls one
// fails. Errors have their places in the script, as those of [Run].
func (p *Program) Call(ctx context.Context, fn starlark.Callable, args ...starlark.Value) (starlark.Value, error) {
	r := *p.run
	r.ctx, r.tooLong = ctx, false
	thread := r.newThread()
	thread.SetLocal(live, true)
	stop := context.AfterFunc(ctx, func() { thread.Cancel("context") })
	defer stop()
	v, err := starlark.Call(thread, fn, args, nil)
	if err != nil {
		return nil, r.explain(err)
	}
	return v, nil
}

// Method makes a value of b that the functions of [Program.Call] can call, mostly an attribute of a value given to them.
func (p *Program) Method(b *Builtin) *starlark.Builtin {
	method := *b
	method.live = true
	return p.run.callable(&method)
}

// fixed refuses to describe anything while a function of [Program.Call] runs.
func (c *Call) fixed(thread *starlark.Thread) error {
	if thread.Local(live) == nil || c.Builtin.live {
		return nil
	}
	return WithHint(c.Errorf("this describes something, and while a test runs nothing more is built"), "call it at the top level of the script")
}
