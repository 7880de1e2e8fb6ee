package lang

import (
	"slices"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// frame is a call of a script's function, or of its top level, on the interpreter's stack. Calls of builtins have no
// place of their own and are left out.
type frame struct {
	mod  *module
	pos  syntax.Position // what is being evaluated; for a call under way, its "("
	name string          // of the function
}

// toplevel is what the interpreter calls the function that runs a file's statements.
const toplevel = "<toplevel>"

// scriptFrames picks the frames that stand in scripts, outermost first. While anything runs there is at least one.
func (r *run) scriptFrames(stack starlark.CallStack) []frame {
	var frames []frame
	for _, f := range stack {
		if mod := r.byName[f.Pos.Filename()]; mod != nil {
			frames = append(frames, frame{mod, f.Pos, f.Name})
		}
	}
	return frames
}

// callee is the place of the name that is being called, the k of kernel(…), or of what else is being evaluated.
func (f frame) callee() Position {
	at := spotOf(f.pos)
	if call := f.mod.calls[at]; call != nil {
		return f.mod.position(nameOf(call.Fn))
	}
	if dot := f.mod.dots[at]; dot != nil {
		return f.mod.position(dot.Name.NamePos)
	}
	return f.mod.position(f.pos)
}

// nameOf is where the last name of a callee stands: the f of f(…) and of x.y.f(…).
func nameOf(fn syntax.Expr) syntax.Position {
	if dot, ok := fn.(*syntax.DotExpr); ok {
		return dot.Name.NamePos
	}
	return syntax.Start(fn)
}

// stackOf tells the calls that led into the innermost frame. Loads are not told: the place names the file.
func stackOf(frames []frame) []Frame {
	var stack []Frame
	for i := 1; i < len(frames); i++ {
		if frames[i].name != toplevel {
			stack = append(stack, Frame{Pos: frames[i-1].callee(), Name: frames[i].name})
		}
	}
	return stack
}

// at is the place that an error of the interpreter is about: callee, but for loops, where the word for would be shown.
func (f frame) at(msg string) Position {
	if x := f.mod.loops[spotOf(f.pos)]; x != nil && (strings.Contains(msg, "iterable") || strings.Contains(msg, "unpack")) {
		return f.mod.position(syntax.Start(x))
	}
	return f.callee()
}

// ownPlace is the innermost place that is not in a module, or else simply the innermost.
func ownPlace(frames []frame) Position {
	for _, f := range slices.Backward(frames) {
		if f.mod.place.module == "" {
			return f.callee()
		}
	}
	return frames[len(frames)-1].callee()
}
