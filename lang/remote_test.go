package lang_test

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"go.starlark.net/starlark"

	"mini/lang"
)

// modules is what a test script can load by a repository's path.
type modules map[string]*testModule

type testModule struct {
	version, dir string
	users        []string // who may load it, "entry" for the entry script; empty: only that
	changed      []string // files that are not as they were published
}

func (m modules) find(_ context.Context, from, path string) (*lang.Module, error) {
	mod := m[path]
	if mod == nil {
		var names []string
		for name := range m {
			names = append(names, name)
		}
		return nil, lang.WithHint(fmt.Errorf("there is no module %s", path), "did you mean "+lang.Suggest(path, names)+"?")
	}
	if from == "" {
		from = "entry"
	}
	if !slices.Contains(append(mod.users, "entry")[:max(len(mod.users), 1)], from) {
		return nil, fmt.Errorf("%s may not load %s", from, path)
	}
	return &lang.Module{
		Shown: path + "@" + mod.version + "//", Dir: mod.dir,
		Check: func(name string) error {
			for _, c := range mod.changed {
				if name == c || strings.HasPrefix(c, name+"/") {
					return fmt.Errorf("%s was changed", c)
				}
			}
			return nil
		},
	}, nil
}

// anywhereBuiltin names what may lie outside of the script's root.
func anywhereBuiltin() *lang.Builtin {
	return &lang.Builtin{
		Name: "anywhere", Group: "Files", Doc: "Names a file of the machine.", Returns: "its path",
		Params: []lang.Param{{Name: "name", Type: lang.StringType}},
		Do: func(c *lang.Call) (starlark.Value, error) {
			path, err := c.ResolveAnywhere(c.Str("name"))
			return starlark.String(path), err
		},
	}
}
