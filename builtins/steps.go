package builtins

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"mini/build"
	"mini/lang"

	"go.starlark.net/starlark"
)

// What calls that build have in common: steps, tools, environment and files that a script gives.

func envParam() lang.Param {
	return lang.Param{
		Name: "env", Type: lang.DictType, Default: starlark.NewDict(0), Named: true,
		Doc: "What the steps' environment has beyond, or in place of, what mini puts there: a dict from names to texts.",
	}
}

// ownJobs matches a make that is told how many jobs to run. It has the number from mini, for all that runs at once.
var ownJobs = regexp.MustCompile(`\bmake\b[^;&|\n]*\s(-j|--jobs\b)`)

// userSteps are the steps of a call, as they are.
func userSteps(c *lang.Call) ([]string, error) {
	steps := stringsOf(c, "steps")
	if len(steps) == 0 {
		return nil, c.ArgErrorf("steps", "%s: there are no steps", c.Builtin.Name)
	}
	for _, s := range steps {
		switch {
		case strings.TrimSpace(s) == "":
			return nil, c.ArgErrorf("steps", "%s: a step is empty", c.Builtin.Name)
		case strings.ContainsRune(s, 0):
			return nil, c.ArgErrorf("steps", "%s: a step has a NUL byte", c.Builtin.Name)
		case ownJobs.MatchString(s):
			return nil, lang.WithHint(c.ArgErrorf("steps", "%s: %q says how many jobs to run", c.Builtin.Name, s),
				"leave -j out: mini lends make the processors that are free, and takes them back")
		}
	}
	return steps, nil
}

func stringsOf(c *lang.Call, param string) []string {
	var all []string
	list := c.Value(param).(*starlark.List)
	for i := range list.Len() {
		text, _ := starlark.AsString(list.Index(i))
		all = append(all, text)
	}
	return all
}

func toolsParam(doc string) lang.Param {
	return lang.Param{Name: "tools", Type: lang.ListOf(lang.StringType), Default: starlark.NewList(nil), Named: true, Doc: doc}
}

// addTools adds the programs that a call names, and the compilers among them, which bring headers and libraries along.
func addTools(c *lang.Call, n *build.Node) error {
	for _, tool := range stringsOf(c, "tools") {
		if tool == "" || strings.ContainsAny(tool, "/ \t\n\x00") {
			return lang.WithHint(c.ArgErrorf("tools", "%s: %q is not a program's name", c.Builtin.Name, tool), `tools are found on PATH: "perl"`)
		}
		if slices.Contains(n.Tools, tool) {
			continue
		}
		n.Tools = append(n.Tools, tool)
		if tool == "cc" || tool == "gcc" || strings.HasSuffix(tool, "-gcc") {
			n.Compilers = append(n.Compilers, tool)
		}
	}
	return nil
}

var envName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// environment is what a call's env makes of the given settings.
func environment(c *lang.Call, env map[string]string) ([]string, error) {
	for _, item := range c.Value("env").(*starlark.Dict).Items() {
		name, ok := starlark.AsString(item[0])
		if !ok || !envName.MatchString(name) {
			return nil, c.ArgErrorf("env", "%s: %s is not the name of a variable", c.Builtin.Name, item[0])
		}
		if name == "PATH" || name == "MAKEFLAGS" {
			return nil, lang.WithHint(c.ArgErrorf("env", "%s: %s is mini's own", c.Builtin.Name, name), "programs are named in tools, and make has its jobs from mini")
		}
		value, err := lang.StringType.Convert(item[1])
		if err != nil {
			return nil, c.ArgErrorf("env", "%s: %s: %v", c.Builtin.Name, name, err)
		}
		env[name], _ = starlark.AsString(value)
	}
	var list []string
	for name, value := range env {
		if strings.ContainsRune(value, 0) {
			return nil, c.ArgErrorf("env", "%s: %s has a NUL byte", c.Builtin.Name, name)
		}
		list = append(list, name+"="+value)
	}
	slices.Sort(list)
	return list, nil
}

// fileInputs lays files and trees out below a directory, by a dict from relative paths.
func fileInputs(c *lang.Call, param, below string, files *starlark.Dict) ([]build.Input, error) {
	var inputs []build.Input
	for _, item := range sortedItems(files) {
		at, ok := starlark.AsString(item[0])
		if !ok || at == "" || at == "." || path.IsAbs(at) || path.Clean(at) != at || strings.HasPrefix(at+"/", "../") || strings.ContainsAny(at, "\n\x00") {
			return nil, lang.WithHint(c.ArgErrorf(param, "%s: %s is not a relative path", c.Builtin.Name, item[0]), `paths are written plainly: "src/main.c"`)
		}
		in, ok := inputOf(item[1])
		if !ok {
			return nil, c.ArgErrorf(param, "%s: %s is a %s; want a text, file(…), or something that a build makes", c.Builtin.Name, at, item[1].Type())
		}
		if text, ok := item[1].(starlark.String); ok {
			if _, err := lang.StringType.Convert(text); err != nil {
				return nil, c.ArgErrorf(param, "%s: %s: %v", c.Builtin.Name, at, err)
			}
		}
		in.Path, in.Label, in.Mode = below+at, at, build.Copied
		inputs = append(inputs, in)
	}
	for i, a := range inputs {
		for _, b := range inputs[i+1:] {
			if strings.HasPrefix(b.Path, a.Path+"/") {
				return nil, c.ArgErrorf(param, "%s: %s lies in %s, which is something else", c.Builtin.Name, b.Label, a.Label)
			}
		}
	}
	return inputs, nil
}

// inputOf makes an input of what scripts call a file or a tree.
func inputOf(v starlark.Value) (build.Input, bool) {
	switch v := v.(type) {
	case starlark.String:
		return build.Input{Data: []byte(v)}, true
	case starlark.Bytes:
		return build.Input{Data: []byte(v)}, true
	case *Entry:
		in := v.input()
		in.Exec = v.directive.Mode&0o111 != 0
		return in, v.isFile()
	case *File:
		return build.Input{From: v.artifact}, true
	case *Initramfs:
		return build.Input{From: v.artifact}, true
	case *Tree:
		return build.Input{From: v.artifact}, true
	}
	return build.Input{}, false
}
