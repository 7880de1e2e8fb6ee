package builtins

import (
	"slices"
	"strings"

	"mini/build"
	"mini/lang"

	"go.starlark.net/starlark"
)

func (s *Session) run() *lang.Builtin {
	return &lang.Builtin{
		Name: "run", Group: "Programs", Returns: "tree",
		Doc: "Shell commands whose result is a tree: what they put below `$OUT`. They run in a sandbox without network, in a directory that has the inputs and nothing else, with a shell's usual programs and those that `tools` names. What programs are compiled by is `package`'s affair.",
		Params: []lang.Param{
			{Name: "name", Type: lang.StringType, Doc: "What the step is called."},
			{Name: "steps", Type: lang.ListOf(lang.StringType), Doc: "Shell commands. A failing one ends the step. They share one shell: `cd` and variables stay in force."},
			{Name: "inputs", Type: lang.DictType, Default: starlark.NewDict(0), Named: true, Doc: "Files and trees that the steps read: a dict from relative paths to texts, `file(…)` or artifacts."},
			toolsParam("Further programs of this machine that the steps call: `openssl`, `gcc`."),
			envParam(),
		},
		Example: `words = run("words", ["sort -u words > $OUT/sorted"], inputs = {"words": file("words.txt")})
root = rootfs({"/usr/share/words": words["/sorted"]})`,
		Do: newRun,
	}
}

func newRun(c *lang.Call) (starlark.Value, error) {
	name := c.Str("name")
	if !packageName.MatchString(name) {
		return nil, lang.WithHint(c.ArgErrorf("name", "run: %q is not a name", name), "names have letters, digits, and + - . _ between them")
	}
	n := &build.Node{Name: name, Title: title("run", name), Pos: c.Own().String(), Tools: slices.Concat(unixTools, coreTools), Outputs: []string{"out"}}
	var err error
	if n.Inputs, err = fileInputs(c, "inputs", "", c.Value("inputs").(*starlark.Dict)); err != nil {
		return nil, err
	}
	for i, in := range n.Inputs {
		if in.Path == "out" || strings.HasPrefix(in.Path, "out/") {
			return nil, c.ArgErrorf("inputs", "run: out is where the result goes")
		}
		n.Inputs[i].Mode = build.ReadOnly // a copy of a large tree takes its time
	}
	if err := addTools(c, n); err != nil {
		return nil, err
	}
	if n.Env, err = environment(c, map[string]string{}); err != nil {
		return nil, err
	}
	steps, err := userSteps(c)
	if err != nil {
		return nil, err
	}
	n.Steps = append([]string{"mkdir out", `export OUT="$PWD/out"`}, steps...)
	return &Tree{thing: thing{"tree", name}, artifact: &build.Artifact{Node: n, Output: "out"}, id: name}, nil
}
