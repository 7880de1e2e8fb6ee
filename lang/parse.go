package lang

import (
	"context"
	"path/filepath"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// File is a script that was read and not run, for tools that look at scripts.
type File struct {
	Name string       // as positions show it
	Tree *syntax.File // with its comments; after Check its names are bound, see package resolve of go.starlark.net
	// Predeclared is the names that Check found to be there without the file's doing; nil after Parse.
	Predeclared starlark.StringDict
	mod         *module
}

// Parse reads the text of a script into its syntax tree. What is wrong with it comes back as from [Run]: an *Error with
// its place. No name is looked up, and nothing runs.
func Parse(name string, src []byte) (*File, error) {
	mod := &module{name: name}
	if err := mod.parse(src, syntax.RetainComments); err != nil {
		return nil, err
	}
	return &File{Name: name, Tree: mod.file, mod: mod}, nil
}

// Check reads a script as [Run] does before anything of it runs: besides [Parse] it looks up the names and finds what is
// assigned twice. If only that goes wrong, the file is returned beside the error. Loaded files are not looked at.
func Check(path string, src []byte, opts Options) (*File, error) {
	r, err := newRun(context.Background(), path, opts)
	if err != nil {
		return nil, err
	}
	mod := &module{place: place{path: filepath.Base(path)}, name: path}
	if err := mod.parse(src, syntax.RetainComments); err != nil {
		return nil, err
	}
	_, problems := r.typed(mod)
	_, err = r.resolve(mod, problems)
	return &File{Name: path, Tree: mod.file, Predeclared: r.predeclared, mod: mod}, err
}

// Lines is the text line by line, without a byte order mark and without line ends. The last one is empty if the text
// ends with a line end.
func (f *File) Lines() []string { return f.mod.lines }

// ErrorAt makes an error about the place pos of the file, with the source line that stands there.
func (f *File) ErrorAt(pos syntax.Position, msg, hint string) *Error {
	return f.mod.errorAt(pos, msg, hint)
}

// TypeSource is the text of [File.TypeAt] as it stands, with the line ends and comments in it.
func (f *File) TypeSource(pos syntax.Position) string { return f.mod.annotations[spotOf(pos)].text }

// TypeAt is the type that the script gives, on one line, to the parameter whose name stands at pos, or to the result of the
// function whose name stands there; "" if it gives none.
func (f *File) TypeAt(pos syntax.Position) string { return f.mod.typeText(pos) }

// parse fills in the module's text and tree.
func (m *module) parse(src []byte, mode syntax.Mode) error {
	src, lines, err := text(m.name, src)
	if err != nil {
		return err
	}
	m.lines = lines
	m.file, err = m.parseTyped(src, mode)
	if err != nil {
		return m.syntaxError(err)
	}
	if err := m.index(); err != nil {
		return err
	}
	return nil
}
