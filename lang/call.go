package lang

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// Call is one call of a builtin: its arguments, bound and converted, and its place. It is valid after Do
// returned as well, for a value that keeps it to tell its place, but not while another script runs with it.
type Call struct {
	Builtin *Builtin
	Pos     Position // of the callee's name, e.g. the k of kernel(…)

	run    *run
	site   *module          // the file in which the call stands, never nil
	expr   *syntax.CallExpr // the call in the syntax tree; nil if it is made by another builtin, as by sorted(key = kernel)
	own    Position         // see Own
	stack  []Frame
	given  map[string]bool           // the parameters that the script passed
	values map[string]starlark.Value // of those, what the conversion made of them
	rest   []Keyword
}

// Keyword is an argument that was given by a name that the builtin does not list; see [Builtin.Rest].
type Keyword struct {
	Name  string
	Value starlark.Value
}

// newCall finds where in which script the running call stands.
func (r *run) newCall(thread *starlark.Thread, b *Builtin) *Call {
	frames := r.scriptFrames(thread.CallStack())
	here := frames[len(frames)-1]
	c := &Call{
		Builtin: b,
		Pos:     here.callee(),
		run:     r,
		site:    here.mod,
		own:     ownPlace(frames),
		stack:   stackOf(frames),
		given:   make(map[string]bool),
		values:  make(map[string]starlark.Value),
	}
	// If the frame below this one isn't a script's, the call expression found there is the call of that other
	// builtin, and its arguments are not ours.
	if _, direct := thread.DebugFrame(1).Callable().(*starlark.Function); direct {
		c.expr = here.mod.calls[spotOf(here.pos)]
	}
	return c
}

// Value returns the converted value of the parameter called name, or its default if it was not given. It panics if the
// builtin has no such parameter.
func (c *Call) Value(name string) starlark.Value {
	if v, given := c.values[name]; given {
		return v
	}
	return c.known(name).Default
}

// known panics on a name that is not in the table: that is a slip in the builtin's Do, not in the script.
func (c *Call) known(name string) Param {
	p, ok := c.Builtin.param(name)
	if !ok {
		panic(fmt.Sprintf("lang: builtin %s has no parameter %q", c.Builtin.Name, name))
	}
	return p
}

// Str returns the string given as name, "" for None.
func (c *Call) Str(name string) string {
	s, _ := starlark.AsString(c.Value(name))
	return s
}

// Int returns the int given as name, 0 for None.
func (c *Call) Int(name string) int {
	i, ok := c.Value(name).(starlark.Int)
	if !ok {
		return 0
	}
	n, _ := i.Int64() // IntType let only 64 bits through
	return int(n)
}

// Bool returns the bool given as name, false for None.
func (c *Call) Bool(name string) bool {
	b, _ := c.Value(name).(starlark.Bool)
	return bool(b)
}

// Own is the place that led to the call in the tree of the script that is run: Pos itself, unless the call stands in a
// module's recipe. Who wrote the script knows that place, and can change it.
func (c *Call) Own() Position { return c.own }

// Stack is the calls of the script's functions that led to the call, innermost last; nil at its top level.
func (c *Call) Stack() []Frame { return c.stack }

// Given reports whether the script passed the parameter called name, if only as None.
func (c *Call) Given(name string) bool {
	c.known(name)
	return c.given[name]
}

// Rest returns the arguments whose names the builtin does not list, in the order of the call.
func (c *Call) Rest() []Keyword { return c.rest }

// ScriptParam returns the value of the param called name, if a param() call has declared it so far.
func (c *Call) ScriptParam(name string) (starlark.Value, bool) {
	if d := c.run.params.find(name); d != nil {
		return d.Value, true
	}
	return nil, false
}

// Context is the context of the run.
func (c *Call) Context() context.Context { return c.run.ctx }

// Errorf makes an error about the call as a whole. The message begins with the builtin's name, which is put
// in front unless format begins with it.
func (c *Call) Errorf(format string, args ...any) error {
	return c.errorAt(c.Pos, fmt.Sprintf(format, args...))
}

// ArgErrorf makes an error about the argument called name: the same as [Call.Errorf], with the caret under the
// argument's value.
func (c *Call) ArgErrorf(name, format string, args ...any) error {
	return c.errorAt(c.ArgPos(name), fmt.Sprintf(format, args...))
}

func (c *Call) errorAt(pos Position, msg string) *Error {
	return &Error{Pos: pos, Msg: c.prefixed(msg), Source: c.run.sourceAt(pos), Stack: c.stack}
}

// prefixed puts the builtin's name before msg, unless msg begins with it as a whole word: "kernel 6.1: …" stays.
func (c *Call) prefixed(msg string) string {
	rest, found := strings.CutPrefix(msg, c.Builtin.Name)
	if found && (rest == "" || strings.ContainsAny(rest[:1], ": (")) {
		return msg
	}
	return c.Builtin.Name + ": " + msg
}

// placed gives an error of Do the place of the call, unless it has one already.
func (c *Call) placed(err error) error {
	if es := (Errors)(nil); errors.As(err, &es) {
		return es
	}
	e := (*Error)(nil)
	if !errors.As(err, &e) {
		made := c.errorAt(c.Pos, err.Error())
		made.Err = err
		return made
	}
	if e.Pos != (Position{}) {
		return e
	}
	made := c.errorAt(c.Pos, e.Msg)
	made.Hint, made.Err = e.Hint, e.Err
	return made
}
