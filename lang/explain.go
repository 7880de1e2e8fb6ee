package lang

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.starlark.net/resolve"
	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// explain turns an error of the evaluation into ours. What a builtin or a load reported is ours already.
func (r *run) explain(err error) error {
	if es := (Errors)(nil); errors.As(err, &es) {
		return es
	}
	if e := (*Error)(nil); errors.As(err, &e) {
		return e
	}
	eval := (*starlark.EvalError)(nil)
	if !errors.As(err, &eval) {
		return &Error{Pos: Position{File: r.entryName}, Msg: err.Error(), Err: err}
	}
	frames := r.scriptFrames(eval.CallStack)
	if len(frames) == 0 {
		return &Error{Pos: Position{File: r.entryName}, Msg: eval.Msg, Err: err}
	}
	if r.ctx.Err() != nil || r.tooLong {
		return r.stopped(frames[len(frames)-1].callee())
	}
	if e := r.badCall(eval, frames); e != nil {
		return e
	}
	here := frames[len(frames)-1]
	msg, hint := r.rephrase(eval.Msg, here)
	return &Error{
		Pos: here.at(eval.Msg), Msg: msg, Hint: hint, Err: err,
		Source: here.mod.line(int(here.pos.Line)), Stack: stackOf(frames),
	}
}

// stopped is the error of a script that was ended from outside.
func (r *run) stopped(pos Position) error {
	e := &Error{Pos: pos, Source: r.sourceAt(pos)}
	if err := context.Cause(r.ctx); err != nil {
		e.Msg, e.Err = "stopped while the script was running: "+err.Error(), err
		return e
	}
	e.Msg = fmt.Sprintf("the script was still running after %d steps", r.maxSteps())
	e.Hint = "look for a loop over something very large, or raise the limit"
	return e
}

// rephrase puts the interpreter's messages into the terms of people who write scripts, where they need it.
func (r *run) rephrase(msg string, at frame) (text, hint string) {
	msg = strings.Replace(msg, "NoneType", "None", 1)
	if guess := guessed.FindStringSubmatch(msg); guess != nil {
		return guessed.ReplaceAllString(msg, ""), fmt.Sprintf("did you mean %q?", guess[1])
	}
	if text, ok := strings.CutPrefix(msg, "fail: "); ok {
		return text, ""
	}
	if match := unassigned.FindStringSubmatch(msg); match != nil {
		return match[1] + " has no value here", at.mod.bindingHint(match[1])
	}
	if kind, ok := strings.CutPrefix(msg, "invalid call of non-function "); ok {
		return "this can't be called: it is no function but a value of type " + strings.Trim(kind, "()"), r.shadowHint(at)
	}
	if match := binaryOp.FindStringSubmatch(msg); match != nil {
		return fmt.Sprintf("%s %s %s is not defined", plainType(match[1]), match[2], plainType(match[3])), plusHint(match[1], match[2], match[3])
	}
	if match := comparison.FindStringSubmatch(msg); match != nil {
		return fmt.Sprintf("%s can't be compared by %s with %s", plainType(match[1]), match[2], plainType(match[3])), ""
	}
	if match := unaryOp.FindStringSubmatch(msg); match != nil {
		return fmt.Sprintf("%s%s is not defined", match[1], plainType(match[2])), ""
	}
	if strings.Contains(msg, " frozen ") {
		return msg, "what another file defined can't be changed: work on a copy, list(x) or dict(x)"
	}
	return msg, ""
}

var (
	unassigned = regexp.MustCompile(`^(?:global|local) variable (\S+) referenced before assignment$`)
	binaryOp   = regexp.MustCompile(`^unknown binary op: (.+) (\S+|not in) (.+)$`)
	unaryOp    = regexp.MustCompile(`^unknown unary op: (\S+) (.+)$`)
	comparison = regexp.MustCompile(`^(\S.*) ([<>]=?) (.+) not implemented$`)
)

func plainType(name string) string {
	if name == "NoneType" {
		return "None"
	}
	return name
}

// plusHint is about "text" + 1, and about text with an artifact in it, which has no path while the script runs.
func plusHint(x, op, y string) string {
	other := x
	if x == "string" {
		other = y
	}
	switch {
	case op != "+" || x != "string" && y != "string":
		return ""
	case slices.Contains([]string{"int", "float", "bool", "list", "tuple", "dict", "set", "NoneType", "None"}, other):
		return "str(…) turns a value into a string"
	}
	return fmt.Sprintf("a value of type %s is no text: pass it as it is to what takes one", other)
}

// bindingHint tells where a global gets the value that it does not have yet.
func (m *module) bindingHint(name string) string {
	for _, b := range m.file.Module.(*resolve.Module).Globals {
		if b.First.Name == name {
			return fmt.Sprintf("line %d gives it one, if that line is reached", b.First.NamePos.Line)
		}
	}
	return ""
}

// shadowHint tells which line took away the name of a builtin that is being called.
func (r *run) shadowHint(at frame) string {
	call := at.mod.calls[spotOf(at.pos)]
	if call == nil {
		return ""
	}
	id, ok := call.Fn.(*syntax.Ident)
	if !ok || !(r.predeclared.Has(id.Name) || starlark.Universe.Has(id.Name)) {
		return ""
	}
	b, ok := id.Binding.(*resolve.Binding)
	if !ok || b.First == nil {
		return ""
	}
	return fmt.Sprintf("line %d gives the name of the builtin %s to something else", b.First.NamePos.Line, id.Name)
}
