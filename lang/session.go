package lang

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"sort"
	"strings"

	"go.starlark.net/resolve"
	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// Session goes on where a script ended: it runs statements one after the other, which see what the script defined and
// what went before. It is for one goroutine.
type Session struct {
	run     *run
	globals starlark.StringDict
	inputs  int
}

// NewSession runs the script at path as [Run] does, and begins a session with what it defined. An empty path begins one
// without a script, whose files are named relative to the current directory. If the script fails, the session is there
// all the same, with what was defined until then.
func NewSession(ctx context.Context, path string, opts Options) (*Session, error) {
	if path == "" {
		r, err := newRun(ctx, "session", opts)
		if err != nil {
			return nil, err
		}
		return r.session(nil), nil
	}
	r, err := newRun(ctx, path, opts)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { r.thread.Cancel("context") })
	defer stop()
	src, err := r.readEntry()
	if err != nil {
		return nil, r.entryError(err)
	}
	if err := r.force(src); err != nil {
		return r.session(nil), err
	}
	mod, err := r.evaluate(r.entry(), src)
	if err != nil {
		return r.session(mod), r.explain(err)
	}
	return r.session(mod), r.checkParams()
}

func (r *run) session(mod *module) *Session {
	s := &Session{run: r, globals: make(starlark.StringDict)}
	for name, v := range r.predeclared {
		s.globals[name] = v
	}
	if mod != nil {
		for name, v := range mod.globals {
			s.globals[name] = v
		}
		for _, stmt := range mod.loaded() {
			for i, to := range stmt.To {
				from, err := r.module(mod, stmt.ModuleName()) // it ran, unless the script failed before
				if err == nil && from.globals.Has(stmt.From[i].Name) {
					s.globals[to.Name] = from.globals[stmt.From[i].Name]
				}
			}
		}
	}
	return s
}

// Names lists what an input can use, sorted.
func (s *Session) Names() []string {
	names := append(s.globals.Keys(), starlark.Universe.Keys()...)
	sort.Strings(names)
	return names
}

// Value is what a name stands for.
func (s *Session) Value(name string) (starlark.Value, bool) {
	v, ok := s.globals[name]
	if !ok {
		v, ok = starlark.Universe[name]
	}
	return v, ok
}

// Next reads one statement, for which it calls line as often as it needs another line, and runs it. If the statement is
// an expression, its value comes back, otherwise nil. io.EOF is the end of the input; every other error is about the
// statement, and the session goes on.
func (s *Session) Next(ctx context.Context, line func() (string, error)) (starlark.Value, error) {
	s.inputs++
	mod := &module{name: fmt.Sprintf("<input %d>", s.inputs), place: s.run.entry()}
	stopped := error(nil)
	options := dialect()
	options.LoadBindsGlobally = true // or else what one statement loads is gone in the next
	file, err := options.ParseCompoundStmt(mod.name, func() ([]byte, error) {
		text, err := line()
		if err != nil {
			stopped = err
			return nil, err
		}
		mod.lines = append(mod.lines, text)
		return mod.lastUntyped(), nil
	})
	switch {
	case stopped != nil && (len(mod.lines) == 0 || !errors.Is(stopped, io.EOF)):
		return nil, stopped
	case err != nil && stopped != nil:
		last := len(mod.lines)
		return nil, &Error{Pos: Position{File: mod.name, Line: last}, Msg: "the input ends within a statement", Source: mod.line(last), Err: err}
	case err != nil:
		return nil, mod.syntaxError(err)
	}
	mod.file = file
	if err := mod.index(); err != nil {
		return nil, err
	}
	s.run.byName[mod.name] = mod
	return s.exec(ctx, mod)
}

// result is the name under which the value of an expression is taken out of its statement: no script can write it.
const result = "<result>"

func (s *Session) exec(ctx context.Context, mod *module) (starlark.Value, error) {
	for i, stmt := range mod.file.Stmts {
		if e, ok := stmt.(*syntax.ExprStmt); ok && i == len(mod.file.Stmts)-1 {
			mod.file.Stmts[i] = &syntax.AssignStmt{
				OpPos: syntax.Start(e.X), Op: syntax.EQ, RHS: e.X,
				LHS: &syntax.Ident{NamePos: syntax.Start(e.X), Name: result},
			}
		}
	}
	r := s.run
	r.ctx, r.tooLong = ctx, false
	if ctx.Err() != nil {
		return nil, r.stopped(Position{File: mod.name, Line: 1})
	}
	r.thread.Uncancel()
	r.thread.SetMaxExecutionSteps(r.thread.ExecutionSteps() + r.maxSteps())
	cancelled := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		r.thread.Cancel("context")
		close(cancelled)
	})
	defer func() {
		if !stop() {
			<-cancelled // or else it would hit the next statement
		}
	}()
	r.loading = append(r.loading, mod)
	defer func() { r.loading = r.loading[:len(r.loading)-1] }()
	delete(s.globals, result)
	defs, problems := r.typed(mod)
	if len(problems) > 0 {
		return nil, problems.inOrder()
	}
	r.insertChecks(mod, defs)
	mod.boundOperations()
	maps.Copy(s.globals, r.hidden())
	err := starlark.ExecREPLChunk(mod.file, r.thread, s.globals)
	maps.DeleteFunc(s.globals, func(name string, _ starlark.Value) bool { return r.scope.Has(name) && !r.predeclared.Has(name) })
	if list := (resolve.ErrorList)(nil); errors.As(err, &list) {
		return nil, s.unresolved(mod, list)
	}
	if err != nil {
		return nil, r.explain(err)
	}
	v := s.globals[result]
	delete(s.globals, result)
	return v, nil
}

// unresolved tells undefined names, with the session's own among those that can be meant.
func (s *Session) unresolved(mod *module, list resolve.ErrorList) error {
	var es Errors
	for _, problem := range list {
		msg := guessed.ReplaceAllString(problem.Msg, "")
		hint := ""
		if name, undefined := strings.CutPrefix(msg, "undefined: "); undefined {
			hint = didYouMean(name, s.Names())
		}
		es = append(es, mod.errorAt(problem.Pos, msg, hint))
	}
	return es.inOrder()
}

// loaded is the load statements of the top level.
func (m *module) loaded() []*syntax.LoadStmt {
	var stmts []*syntax.LoadStmt
	for _, stmt := range m.file.Stmts {
		if load, ok := stmt.(*syntax.LoadStmt); ok {
			stmts = append(stmts, load)
		}
	}
	return stmts
}
