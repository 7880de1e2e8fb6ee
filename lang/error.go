package lang

import (
	"errors"
	"fmt"
	"sort"
	"strings"
)

// Error is one problem of a script, told with its place.
type Error struct {
	Pos    Position
	Msg    string  // what happened, in the user's terms
	Source string  // the source line at Pos, "" if not available
	Hint   string  // what to do next; may have several lines; "" for none
	Stack  []Frame // the calls on the way to Pos, innermost last; empty unless the problem is inside a function
	Err    error   // the wrapped cause, or nil
}

// Frame is one call on the way to a problem: at Pos, the function called Name was called.
type Frame struct {
	Pos  Position
	Name string
}

// String is the call as people read it.
func (f Frame) String() string { return fmt.Sprintf("%s: %s(…)", f.Pos, f.Name) }

// Error renders the problem for a person: the place and the message, the source line with a caret, the hint, and
// the calls that led there.
func (e *Error) Error() string {
	var b strings.Builder
	if where := e.Pos.String(); where != "" {
		b.WriteString(where + ": ")
	}
	b.WriteString(e.Msg)
	if e.Source != "" {
		b.WriteString("\n" + excerpt(e.Source, e.Pos.Col))
	}
	if e.Hint != "" {
		b.WriteString("\n" + e.Hint)
	}
	if len(e.Stack) > 0 {
		b.WriteString("\ncalled on the way here:")
		for _, f := range e.Stack {
			b.WriteString("\n    " + f.String())
		}
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errors is several independent problems found at once, in the order of their places.
type Errors []*Error

// Error renders each problem, with an empty line between them.
func (es Errors) Error() string {
	texts := make([]string, len(es))
	for i, e := range es {
		texts[i] = e.Error()
	}
	return strings.Join(texts, "\n\n")
}

// Unwrap gives errors.Is and errors.As each problem.
func (es Errors) Unwrap() []error {
	errs := make([]error, len(es))
	for i, e := range es {
		errs[i] = e
	}
	return errs
}

// inOrder sorts problems of one file by place; a single problem is returned as itself, none as nil.
func (es Errors) inOrder() error {
	sort.SliceStable(es, func(i, j int) bool { return es[i].Pos.before(es[j].Pos) })
	switch len(es) {
	case 0:
		return nil
	case 1:
		return es[0]
	}
	return es
}

// ofOneCall is inOrder for several problems of one call: what led to the call is told once, with the last.
func (es Errors) ofOneCall() error {
	err := es.inOrder()
	for i := range max(len(es)-1, 0) {
		if es[i].Hint == es[i+1].Hint {
			es[i].Hint = ""
		}
		es[i].Stack = nil
	}
	return err
}

// WithHint says what to do next about err: it sets the Hint of the *Error inside err and returns err. An err
// without an *Error inside becomes one, whose place is filled in when it leaves the builtin. nil stays nil.
func WithHint(err error, hint string) error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		e.Hint = hint
		return err
	}
	return &Error{Msg: err.Error(), Hint: hint, Err: err}
}

// didYouMean is the hint for a mistyped name, "" if nothing in among comes near.
func didYouMean(name string, among []string) string {
	if s := Suggest(name, among); s != "" {
		return fmt.Sprintf("did you mean %q?", s)
	}
	return ""
}
