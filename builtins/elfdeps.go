package builtins

import (
	"fmt"
	"path"
	"slices"

	"mini/build"
	"mini/build/step"
	"mini/lang"

	"go.starlark.net/starlark"
)

func (s *Session) elfDeps() *lang.Builtin {
	return &lang.Builtin{
		Name: "elf_deps", Group: "Root filesystem", Returns: "tree",
		Doc: "The shared libraries and program interpreters that ELF files need, and what those need: out of the `deps` that a package was built with, or else in the sysroot of the compiler that built it. The files are read, never run, so it works for every architecture.",
		Params: []lang.Param{
			{Name: "of", Type: lang.AnyType, Doc: "A tree or a file that a build makes, or a list of them."},
			archParam(),
		},
		Example: `elf_deps(bb)`,
		Do: func(c *lang.Call) (starlark.Value, error) {
			a, err := s.arch(c)
			if err != nil {
				return nil, err
			}
			cc := a.Cross(s.opts.Host) + "gcc"
			n := &build.Node{
				Name: "elf_deps", Title: "elf_deps " + a.Name + ": find libraries", Pos: c.Own().String(),
				Tools: []string{cc}, Compilers: []string{cc}, Outputs: []string{"libs", "copied"}, HostFiles: "copied",
				Recipe: 1, // since copied has what was absent
			}
			args := []string{"--cc", cc, "--from", "copied"}
			var programs []string
			var deps []*Tree
			err = eachOf(c.Value("of"), func(v starlark.Value) error {
				in, at := build.Input{Path: fmt.Sprintf("in/%d", len(n.Inputs))}, "/"
				switch v := v.(type) {
				case *Tree:
					in.From = v.artifact
					for _, d := range v.deps {
						if !slices.Contains(deps, d) {
							deps = append(deps, d)
						}
					}
				case *File:
					in.From, at = v.artifact, path.Join("/", v.artifact.Sub)
				default:
					return c.ArgErrorf("of", "elf_deps: want a tree or a file that a build makes, got %s", v.Type())
				}
				n.Inputs = append(n.Inputs, in)
				programs = append(programs, at+"="+in.Path)
				return nil
			})
			if err != nil {
				return nil, err
			}
			for i, d := range deps {
				in := build.Input{Path: fmt.Sprintf("deps/%d", i), From: d.artifact}
				n.Inputs = append(n.Inputs, in)
				args = append(args, "--dep", in.Path)
			}
			n.Steps = []string{step.Line("elfdeps", slices.Concat(args, []string{"libs"}, programs)...)}
			return &Tree{thing: thing{"tree", "elf_deps"}, artifact: &build.Artifact{Node: n, Output: "libs"}}, nil
		},
	}
}

// eachOf calls f for a value, or for each of a list of them.
func eachOf(v starlark.Value, f func(starlark.Value) error) error {
	list, ok := v.(*starlark.List)
	if !ok {
		return f(v)
	}
	for i := range list.Len() {
		if err := f(list.Index(i)); err != nil {
			return err
		}
	}
	return nil
}
