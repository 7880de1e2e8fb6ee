package lang

import (
	"go.starlark.net/syntax"
)

// File is a script that was read and not run, for tools that look at scripts.
type File struct {
	Name string       // as positions show it
	Tree *syntax.File // with its comments
	mod  *module
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

// Lines is the text line by line, without a byte order mark and without line ends. The last one is empty if the text
// ends with a line end.
func (f *File) Lines() []string { return f.mod.lines }

// ErrorAt makes an error about the place pos of the file, with the source line that stands there.
func (f *File) ErrorAt(pos syntax.Position, msg, hint string) *Error {
	return f.mod.errorAt(pos, msg, hint)
}

// parse fills in the module's text and tree.
func (m *module) parse(src []byte, mode syntax.Mode) error {
	src, lines, err := text(m.name, src)
	if err != nil {
		return err
	}
	m.lines = lines
	m.file, err = dialect().Parse(m.name, src, mode)
	if err != nil {
		return m.syntaxError(err)
	}
	if err := m.index(); err != nil {
		return err
	}
	return nil
}
