package lang

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"go.starlark.net/resolve"
	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// readEntry reads the script that the user named. Unlike a loaded file it may itself be a link to anywhere, or a pipe,
// which can be read only once: the user named it, not a script.
func (r *run) readEntry() ([]byte, error) {
	here := r.entry()
	if r.opts.FS != nil {
		f, err := r.open(here)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		return ReadText(f)
	}
	f, err := os.Open(r.entryName)
	if err != nil {
		return nil, r.unreadable(here, err)
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, WithHint(errors.New("this is a directory"), r.scriptsIn())
	}
	src, err := ReadText(f)
	if err != nil {
		return nil, r.unreadable(here, err)
	}
	return src, nil
}

// scriptsIn is the hint for a user who named a directory in place of a script.
func (r *run) scriptsIn() string {
	var names []string
	entries, _ := os.ReadDir(r.entryName)
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".star") {
			names = append(names, filepath.Join(r.entryName, e.Name()))
		}
	}
	if len(names) == 0 {
		return "name the script"
	}
	return "name the script in it: " + plainList(names)
}

func (r *run) entryError(err error) error {
	e := &Error{Pos: Position{File: r.entryName}, Msg: err.Error(), Err: err}
	if inner := (*Error)(nil); errors.As(err, &inner) {
		e.Msg, e.Hint = inner.Msg, inner.Hint
	}
	return e
}

// load serves a load statement of the running script; it is called by the interpreter. Each file runs once.
func (r *run) load(thread *starlark.Thread, name string) (starlark.StringDict, error) {
	from := r.loading[len(r.loading)-1]
	stmt := from.loads[spotOf(thread.CallFrame(0).Pos)]
	mod, err := r.module(from, name)
	if err != nil {
		return nil, from.loadError(stmt, err)
	}
	return mod.globals, from.missingNames(stmt, mod)
}

// module returns the module that name means in the file from, after it ran.
func (r *run) module(from *module, name string) (*module, error) {
	if r.ctx.Err() != nil {
		return nil, r.stopped(Position{File: from.name})
	}
	p, err := r.from(from.place, name)
	if err != nil {
		return nil, err
	}
	if err := r.need(from.place, p.module); err != nil {
		return nil, err
	}
	if mod := r.modules[p]; mod != nil {
		if !mod.done {
			return nil, errors.New(r.cycle(mod))
		}
		return mod, nil
	}
	f, err := r.open(p)
	if err != nil {
		return nil, missingSlashes(name, err)
	}
	src, err := ReadText(f)
	f.Close()
	if err != nil {
		return nil, r.unreadable(p, err)
	}
	mod, err := r.evaluate(p, src)
	if err != nil {
		return nil, r.explain(err)
	}
	return mod, nil
}

// evaluate parses, checks and runs one file.
func (r *run) evaluate(p place, src []byte) (*module, error) {
	if r.ctx.Err() != nil {
		return nil, r.stopped(Position{File: r.name(p)})
	}
	mod := &module{place: p, name: r.name(p)}
	r.modules[p], r.byName[mod.name] = mod, mod
	r.loaded = append(r.loaded, mod.name)
	r.loading = append(r.loading, mod)
	defer func() { r.loading = r.loading[:len(r.loading)-1] }()

	prog, err := r.compile(mod, src)
	if err != nil {
		return nil, err
	}
	mod.globals, err = prog.Init(r.thread, r.scope)
	mod.globals.Freeze()
	mod.done = err == nil
	return mod, err
}

// compile turns the text into a program, or tells all static problems of the file at once.
func (r *run) compile(mod *module, src []byte) (*starlark.Program, error) {
	if err := mod.parse(src, 0); err != nil {
		return nil, err
	}
	defs, problems := r.typed(mod)
	r.insertChecks(mod, defs)
	mod.boundOperations()
	return r.resolve(mod, problems)
}

// resolve binds the names of a parsed file. What is wrong with them is told together with the problems that are known.
func (r *run) resolve(mod *module, problems Errors) (*starlark.Program, error) {
	problems = append(problems, mod.reassigned()...)
	prog, err := starlark.FileProgram(mod.file, r.scope.Has)
	if list := (resolve.ErrorList)(nil); errors.As(err, &list) {
		problems = append(problems, r.unresolved(mod, list)...)
	} else if err != nil {
		return nil, &Error{Pos: Position{File: mod.name}, Msg: err.Error(), Err: err}
	}
	return prog, problems.inOrder()
}

// loadError places a problem with the file that stmt loads at stmt; a problem inside that file has its place already.
func (m *module) loadError(stmt *syntax.LoadStmt, err error) error {
	if es := (Errors)(nil); errors.As(err, &es) {
		return es
	}
	e := (*Error)(nil)
	if errors.As(err, &e) && e.Pos != (Position{}) {
		return e
	}
	told := m.errorAt(stmt.Module.TokenPos, err.Error(), "")
	if e != nil {
		told.Msg, told.Hint = e.Msg, e.Hint
	}
	told.Msg, told.Err = "load: "+told.Msg, err
	return told
}

// missingNames tells all names at once that stmt wants and mod does not have.
func (m *module) missingNames(stmt *syntax.LoadStmt, mod *module) error {
	var es Errors
	for _, id := range stmt.From {
		if mod.globals.Has(id.Name) {
			continue
		}
		hint := didYouMean(id.Name, mod.exports())
		if hint == "" {
			hint = "it has: " + plainList(mod.exports())
		}
		es = append(es, m.errorAt(id.NamePos, fmt.Sprintf("load: %s does not define %q", mod.name, id.Name), hint))
	}
	return es.inOrder()
}

// exports is the names that other files may load.
func (m *module) exports() []string {
	var names []string
	for _, name := range m.globals.Keys() {
		if !strings.HasPrefix(name, "_") {
			names = append(names, name)
		}
	}
	return names
}

// cycle describes the chain of loads that leads from again back to itself.
func (r *run) cycle(again *module) string {
	var chain []string
	for _, mod := range r.loading {
		if mod == again || len(chain) > 0 {
			chain = append(chain, mod.name)
		}
	}
	if len(chain) == 1 {
		return chain[0] + " loads itself"
	}
	return chain[0] + " loads " + strings.Join(append(chain[1:], again.name), ", which loads ")
}
