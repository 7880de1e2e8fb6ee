package lint

import (
	"slices"
	"strings"

	"mini/lang"

	"go.starlark.net/syntax"
)

// ignore is one rule named in a comment.
type ignore struct {
	rule string
	pos  syntax.Position // of the comment
}

// ignoredIn reads the comments "# mini: ignore RULE, RULE", by the line that each silences.
func ignoredIn(f *lang.File) map[int32][]ignore {
	ignored := make(map[int32][]ignore)
	add := func(list []syntax.Comment, below int32) {
		for _, c := range list {
			names, found := strings.CutPrefix(strings.TrimSpace(strings.TrimPrefix(c.Text, "#")), "mini: ignore")
			if !found {
				continue
			}
			for _, name := range strings.FieldsFunc(names, func(r rune) bool { return r == ' ' || r == ',' }) {
				line := c.Start.Line + below
				ignored[line] = append(ignored[line], ignore{name, c.Start})
			}
		}
	}
	syntax.Walk(f.Tree, func(n syntax.Node) bool {
		if n == nil {
			return false
		}
		if c := n.Comments(); c != nil {
			add(c.Before, 1)
			add(c.Suffix, 0)
			add(c.After, 1)
		}
		return true
	})
	return ignored
}

func badIgnores(f *file) {
	var names []string
	for _, r := range Rules() {
		names = append(names, r.Name)
	}
	for _, list := range f.ignored {
		for _, ig := range list {
			if slices.Contains(names, ig.rule) {
				continue
			}
			hint := "the rules are: " + strings.Join(names, ", ")
			if near := lang.Suggest(ig.rule, names); near != "" {
				hint = "did you mean " + near + "?"
			}
			f.report(ig.pos, hint, "there is no rule %q to silence", ig.rule)
		}
	}
}
