package builtins

import (
	"path/filepath"

	"mini/build"

	"go.starlark.net/starlark"
)

// given makes an artifact of a file that lies beside the script, as file(…) names it, for builtins that take a file that a build
// makes. Other values it returns as they are.
func (s *Session) given(v starlark.Value) starlark.Value {
	e, ok := v.(*Entry)
	if !ok {
		return v
	}
	if e.from != nil {
		return e.from
	}
	if s.files[e] == nil {
		in := e.input()
		in.Path = "given"
		name := filepath.Base(e.host)
		if !packageName.MatchString(name) || name == in.Path { // what it is called is for people
			name = "file"
		}
		n := &build.Node{
			Name: "file", Title: "file: take " + e.name, Pos: e.pos, Tools: []string{"cp"},
			Inputs: []build.Input{in}, Steps: []string{"cp given " + name}, Outputs: []string{name},
		}
		s.files[e] = newFile(e.name, "", &build.Artifact{Node: n, Output: name})
	}
	return s.files[e]
}

// givenFile reports whether given makes an artifact of a value.
func givenFile(v starlark.Value) bool {
	e, ok := v.(*Entry)
	return ok && e.isFile()
}
