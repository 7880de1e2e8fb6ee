package lang

import (
	"fmt"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// checkArguments looks at what a function was called with, before its first statement. What is wrong is told where the
// call stands: all of it at once.
func (r *run) checkArguments(thread *starlark.Thread, d *typedDef, args starlark.Tuple) (starlark.Value, error) {
	var bad []badArgument
	for i, p := range d.params {
		if p.typ != nil {
			bad = append(bad, p.check(i, args[i])...)
		}
	}
	if len(bad) == 0 {
		return starlark.None, nil
	}
	return nil, r.badArguments(thread, d, bad)
}

// badArgument is a value that doesn't have the type of parameter i.
type badArgument struct {
	param   int
	item    int    // which of the values under a star
	keyword string // the name of a value under two stars
	err     error
}

func (p typedParam) check(i int, v starlark.Value) (bad []badArgument) {
	switch p.stars {
	case "*":
		for n, item := range v.(starlark.Tuple) {
			if _, err := p.typ.Convert(item); err != nil {
				bad = append(bad, badArgument{i, n, "", within(fmt.Sprintf("%s: value %d", p.name, n+1), err)})
			}
		}
	case "**":
		for _, kv := range v.(*starlark.Dict).Items() {
			if _, err := p.typ.Convert(kv[1]); err != nil {
				bad = append(bad, badArgument{i, 0, spelled(kv[0]), within(spelled(kv[0]), err)})
			}
		}
	default:
		if _, err := p.typ.Convert(v); err != nil {
			bad = append(bad, badArgument{i, 0, "", within(p.name, err)})
		}
	}
	return bad
}

// badArguments makes errors of what is wrong with a call, each at its argument. How the function wants to be called, and
// what led to the call, is told once.
func (r *run) badArguments(thread *starlark.Thread, d *typedDef, bad []badArgument) error {
	frames := r.scriptFrames(thread.CallStack())
	from := frames[max(len(frames)-2, 0)]
	var call *syntax.CallExpr
	// The frame below the function's own is the caller's, unless a builtin calls it, as sorted(key = f) does.
	if _, direct := thread.DebugFrame(2).Callable().(*starlark.Function); direct {
		call = from.mod.calls[spotOf(from.pos)]
	}
	var es Errors
	for _, b := range bad {
		e := &Error{Pos: from.callee(), Msg: fmt.Sprintf("%s: %s", d.def.Name.Name, plain(b.err)), Hint: hintOf(b.err), Err: b.err}
		if arg := d.argument(call, b); arg != nil {
			e.Pos = from.mod.position(syntax.Start(arg))
		}
		e.Source = from.mod.line(e.Pos.Line)
		es = append(es, e)
	}
	err := es.inOrder() // sorts them
	last := es[len(es)-1]
	last.Stack = stackOf(frames[:len(frames)-1])
	if last.Hint == "" {
		last.Hint = d.signature()
	}
	return err
}

// argument is the expression in a call that gives the value, nil if that can't be told.
func (d *typedDef) argument(call *syntax.CallExpr, b badArgument) syntax.Expr {
	if call == nil {
		return nil
	}
	p := d.params[b.param]
	name := p.name
	if p.stars == "**" {
		name = b.keyword
	}
	if k := keywordArg(call, name); k != nil && p.stars != "*" {
		return k.Y
	}
	named := p.stars == "**" // can it be given without its name?
	for _, q := range d.params[:b.param] {
		named = named || q.stars != ""
	}
	if plain := plainArgs(call); !named && b.param+b.item < len(plain) {
		return plain[b.param+b.item]
	}
	if stars := starArgs(call); len(stars) > 0 {
		return stars[len(stars)-1]
	}
	return nil
}

// checkResult looks at what a function is about to return. It is the function's fault, and is told there.
func (r *run) checkResult(thread *starlark.Thread, d *typedDef, args starlark.Tuple) (starlark.Value, error) {
	_, err := d.result.Convert(args[0])
	if err == nil {
		return args[0], nil
	}
	frames := r.scriptFrames(thread.CallStack())
	here := frames[len(frames)-1]
	e := here.errorf("%s: its result: %s", d.def.Name.Name, plain(err))
	e.Hint, e.Err, e.Stack = hintOf(err), err, stackOf(frames)
	if e.Hint == "" {
		e.Hint = d.signature()
	}
	return nil, e
}

// checkDefaults looks at a function's defaults once it is defined, since a call that leaves them out would be blamed.
func (r *run) checkDefaults(thread *starlark.Thread, d *typedDef, args starlark.Tuple) (starlark.Value, error) {
	fn, ok := args[0].(*starlark.Function)
	if !ok {
		return starlark.None, nil
	}
	var es Errors
	for i := range fn.NumParams() {
		name, _ := fn.Param(i)
		def, typ := fn.ParamDefault(i), d.typeOf(name)
		if def == nil || typ == nil {
			continue
		}
		if _, err := typ.Convert(def); err != nil {
			e := d.mod.errorAt(d.defaultPos(name), fmt.Sprintf("%s: the default of %s: %s", d.def.Name.Name, name, plain(err)), hintOf(err))
			if def == starlark.None {
				e.Hint = fmt.Sprintf("%s: %s | None allows it", name, typ)
			}
			es = append(es, e)
		}
	}
	return starlark.None, es.inOrder()
}

// defaultPos is where the default of a parameter stands.
func (d *typedDef) defaultPos(name string) syntax.Position {
	for _, p := range d.def.Params {
		if b, ok := p.(*syntax.BinaryExpr); ok && b.X.(*syntax.Ident).Name == name {
			return syntax.Start(b.Y)
		}
	}
	return d.def.Name.NamePos
}

func (d *typedDef) typeOf(name string) Type {
	for _, p := range d.params {
		if p.name == name {
			return p.typ
		}
	}
	return nil
}

// signature is the head of the function with its types, for a hint.
func (d *typedDef) signature() string {
	return d.def.Name.Name + "(" + plainList(d.mod.paramTexts(d.def)) + ")" + d.mod.resultText(d.def)
}
