package builtins

import (
	"fmt"
	"path"
	"path/filepath"

	"mini/build"
	"mini/build/step"
	"mini/lang"

	"go.starlark.net/starlark"
)

// patched is one patch: an input of the node that unpacks what it belongs to.
type patched struct {
	input build.Input
	name  string // for messages: "0001-fix.patch"
	id    string // the same for the same patch of one evaluation
}

func patchesParam() lang.Param {
	return lang.Param{
		Name: "patches", Type: lang.ListOf(lang.AnyType), Default: starlark.NewList(nil), Named: true,
		Doc: "Changes to the source, applied in their order as by `patch -p1`, without fuzz: paths of files beside the script, `file(…)`, or files that a build makes.",
	}
}

// patches reads the argument of that name.
func patches(c *lang.Call) ([]patched, error) {
	var all []patched
	list := c.Value("patches").(*starlark.List)
	for i := range list.Len() {
		p, err := onePatch(c, list.Index(i))
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

func onePatch(c *lang.Call, v starlark.Value) (patched, error) {
	if text, ok := v.(starlark.String); ok {
		if _, err := lang.StringType.Convert(text); err != nil {
			return patched{}, c.ArgErrorf("patches", "%s: patches: %v", c.Builtin.Name, err)
		}
		data, err := c.ReadFile(string(text))
		if err != nil {
			return patched{}, err
		}
		return patched{build.Input{Data: data}, path.Base(string(text)), fmt.Sprintf("%x", data)}, nil
	}
	in, ok := inputOf(v)
	if _, tree := v.(*Tree); !ok || tree {
		return patched{}, c.ArgErrorf("patches", "%s: patches has a %s; want the path of a file beside the script, file(…), or a file that a build makes", c.Builtin.Name, v.Type())
	}
	p := patched{in, "patch", fmt.Sprintf("%x", in.Data)}
	switch {
	case in.Host != "":
		p.name, p.id = filepath.Base(in.Host), in.Host
	case in.From != nil:
		p.name, p.id = path.Base(path.Join(in.From.Output, in.From.Sub)), fmt.Sprintf("%p %s %s", in.From.Node, in.From.Output, in.From.Sub)
	}
	p.input.Exec = false
	return p, nil
}

// addPatches lets a node that unpacks a source patch it as well. So a patched source costs no copy of the unpatched one,
// and another byte in a patch makes that source anew, and what is built of it.
func addPatches(n *build.Node, all []patched) {
	if len(all) == 0 {
		return
	}
	args := []string{"src"}
	for i, p := range all {
		p.input.Path, p.input.Label = fmt.Sprintf("patches/%d/%s", i+1, p.name), p.name
		n.Inputs = append(n.Inputs, p.input)
		args = append(args, p.input.Path)
	}
	n.Title += " and patch"
	n.Steps = append(n.Steps, step.Line("patch", args...))
}
