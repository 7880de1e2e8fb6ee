package lang

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// defaultSteps is far above what any description of a system needs, and takes some seconds to use up.
const defaultSteps = 200_000_000

// Options is all that a script can see besides its own files.
type Options struct {
	// Builtins is the vocabulary; [Core] is always added to it.
	Builtins []*Builtin
	// Globals is further predeclared constants and modules. json, math and struct are always there.
	Globals starlark.StringDict
	// Root is the absolute path of a directory at or above the script's: what // means in it, and what it may not leave.
	// When empty it is the script's own directory.
	Root string
	// FS, if not nil, holds the entry script and all that it names, in the place of the disk: the script's path is one of FS,
	// whose root is what // means, and Root is not used. Its files have no path on this machine; see [ErrNoPath].
	FS fs.FS
	// Modules holds embedded files: "mini" is where load("@mini//net.star", …) looks.
	Modules map[string]fs.FS
	// Remote finds the modules that scripts load by their repository's path. Nil: there are none.
	Remote Remote
	// Types is what scripts may write as the type of a parameter or a result, besides Starlark's own: by its name there.
	Types map[string]Type
	// Params is the name=value pairs of the command line. They win over Variants, and those over Settings.
	Params map[string]string
	// Variants is the variants to put in force. Where two set the same param, the later wins.
	Variants []string
	// Settings is values that the user keeps in files. Where two set the same param, the later wins.
	Settings []Setting
	// MaxSteps bounds the interpreter steps of the script and all it loads; 0 is a generous default.
	MaxSteps uint64
	// Print receives what print() and help() say; nil drops it.
	Print func(pos Position, text string)
}

// Program is a script that was run to its end. All its values are frozen.
type Program struct {
	Path      string        // as the user named it
	Dir       string        // absolute directory that the entry script's file names may not leave, see [Options.Root]
	Functions []Function    // that the entry script's top level defines, in the order of the source
	Targets   []Target      // what the entry script's top level assigned, in the order of the source
	Params    []ParamDecl   // in the order of their declaration
	Variants  []VariantDecl // in the order of their declaration
	Matrices  []MatrixDecl  // in the order of their declaration
	Loaded    []string      // the script files that were read, the entry first; embedded ones as @mini//net.star

	run *run
}

// Target is a top-level name of the entry script: no loaded name, no function, no loop variable, and no name that
// starts with an underscore. Pos is where the name is assigned first.
type Target struct {
	Name  string
	Value starlark.Value
	Pos   Position
}

// Run evaluates the script at path; src, if not nil, stands in for the file's bytes. Every problem comes back as an
// *Error or, if several were found at once, as Errors. The Program of a script that has a problem has no targets, but
// what it declared until then.
func Run(ctx context.Context, path string, src []byte, opts Options) (*Program, error) {
	r, err := newRun(ctx, path, opts)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { r.thread.Cancel("context") })
	defer stop()
	if src == nil {
		if src, err = r.readEntry(); err != nil {
			return nil, r.entryError(err)
		}
	}
	if err := r.force(src); err != nil {
		return r.program(nil), err
	}
	mod, err := r.evaluate(r.entry(), src)
	if err != nil {
		return r.program(nil), r.explain(err)
	}
	if err := r.checkParams(); err != nil {
		return r.program(nil), err
	}
	p := r.program(mod.targets())
	p.Functions = mod.functions()
	return p, nil
}

func (r *run) program(targets []Target) *Program {
	ps := r.params
	return &Program{
		run: r, Path: r.entryName, Dir: r.root, Targets: targets, Loaded: r.loaded,
		Params: values(ps.decls), Variants: values(ps.variants), Matrices: values(ps.matrices),
	}
}

func values[T any](pointers []*T) []T {
	var vs []T
	for _, p := range pointers {
		vs = append(vs, *p)
	}
	return vs
}

// entry is the place of the script that the user named.
func (r *run) entry() place { return place{path: r.entryPath} }

// run is the state of one Run.
type run struct {
	ctx         context.Context
	opts        Options
	root        string // absolute directory that the entry script's file names are relative to with //
	rootName    string // the same as the user named it, "." if only the file's name was given
	above       bool   // the root is above the entry script's own directory
	entryName   string // the entry script as the user named it
	entryPath   string // the same relative to the root, with slashes
	builtins    []*Builtin
	predeclared starlark.StringDict
	scope       starlark.StringDict // the same, with what no script can name
	typedDefs   []*typedDef         // the functions with types, as the inserted checks number them
	thread      *starlark.Thread
	params      *params
	modules     map[place]*module
	remotes     map[string]*Module // by the repository's path
	byName      map[string]*module // by the name that positions carry
	loading     []*module          // the chain of loads that is under way, the entry first
	loaded      []string
	tooLong     bool // the step limit was reached
}

func newRun(ctx context.Context, path string, opts Options) (*run, error) {
	if opts.FS != nil {
		return newRunIn(ctx, path, opts)
	}
	dir, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return nil, &Error{Pos: Position{File: path}, Msg: "can't tell the current directory", Err: err}
	}
	r := &run{root: dir, rootName: filepath.Dir(path), entryName: path, entryPath: filepath.Base(path)}
	if err := r.rootAt(opts.Root, dir); err != nil {
		return nil, &Error{Pos: Position{File: path}, Msg: err.Error(), Err: err}
	}
	return r.prepare(ctx, opts)
}

// newRunIn is newRun for a script in opts.FS.
func newRunIn(ctx context.Context, path string, opts Options) (*run, error) {
	if !fs.ValidPath(path) {
		return nil, &Error{Pos: Position{File: path}, Msg: "this is no path in a file system of Go's io/fs"}
	}
	return (&run{entryName: path, entryPath: path}).prepare(ctx, opts)
}

func (r *run) prepare(ctx context.Context, opts Options) (*run, error) {
	r.ctx, r.opts = ctx, opts
	r.params = &params{given: opts.Params, settings: opts.Settings}
	r.modules = make(map[place]*module)
	r.remotes = make(map[string]*Module)
	r.byName = make(map[string]*module)
	if err := r.predeclare(); err != nil {
		return nil, &Error{Pos: Position{File: r.entryName}, Msg: err.Error(), Err: err}
	}
	r.thread = r.newThread()
	return r, nil
}

// rootAt puts the root above the directory of the entry script.
func (r *run) rootAt(root, dir string) error {
	if root == "" || root == dir {
		return nil
	}
	up, err := filepath.Rel(dir, root)
	down, err2 := filepath.Rel(root, dir)
	if err != nil || err2 != nil || strings.HasPrefix(down, "..") {
		return fmt.Errorf("the script is not below %s", root)
	}
	r.root, r.above = root, true
	r.rootName = filepath.Join(r.rootName, up)
	r.entryPath = filepath.ToSlash(filepath.Join(down, r.entryPath))
	return nil
}

// predeclare joins the vocabulary, the globals and the guarded parts of Starlark itself.
func (r *run) predeclare() error {
	r.predeclared = guarded()
	for name, v := range r.opts.Globals {
		r.predeclared[name] = v
	}
	r.builtins = append(Core(), r.opts.Builtins...)
	own := make(map[string]bool)
	for _, b := range r.builtins {
		if _, also := r.opts.Globals[b.Name]; also || own[b.Name] {
			return fmt.Errorf("the vocabulary defines %s twice", b.Name)
		}
		own[b.Name] = true
		r.predeclared[b.Name] = r.callable(b)
	}
	r.scope = r.hidden()
	maps.Copy(r.scope, r.predeclared)
	return nil
}

// newThread makes the one thread that evaluates the script and everything it loads, so that all of them share
// the step limit, the cancellation and the call stack.
func (r *run) newThread() *starlark.Thread {
	thread := &starlark.Thread{
		Name: r.entryName,
		Load: r.load,
		Print: func(thread *starlark.Thread, text string) {
			frames := r.scriptFrames(thread.CallStack())
			r.print(frames[len(frames)-1].callee(), text)
		},
		OnMaxSteps: func(thread *starlark.Thread) {
			r.tooLong = true
			thread.Cancel("step limit")
		},
	}
	thread.SetMaxExecutionSteps(r.maxSteps())
	return thread
}

func (r *run) maxSteps() uint64 {
	if r.opts.MaxSteps != 0 {
		return r.opts.MaxSteps
	}
	return defaultSteps
}

func (r *run) print(pos Position, text string) {
	if r.opts.Print != nil {
		r.opts.Print(pos, text)
	}
}

// dialect is the language of every file; see the package comment. GlobalReassign is needed for
// "if c: x = 1 else: x = 2"; the accidents that it would let through as well are found by reassigned.
func dialect() *syntax.FileOptions {
	return &syntax.FileOptions{Set: true, TopLevelControl: true, GlobalReassign: true}
}

// sourceAt returns the source line at pos, "" if the file is not known.
func (r *run) sourceAt(pos Position) string {
	if mod := r.byName[pos.File]; mod != nil {
		return mod.line(pos.Line)
	}
	return ""
}

// plainList joins names for a sentence.
func plainList(names []string) string { return strings.Join(names, ", ") }
