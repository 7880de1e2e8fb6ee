package lint

import (
	"slices"
	"strings"

	"mini/lang"

	"go.starlark.net/syntax"
)

// badCalls finds in all functions what running a script finds in those that are called.
func badCalls(f *file) {
	syntax.Walk(f.Tree, func(n syntax.Node) bool {
		if call, ok := n.(*syntax.CallExpr); ok {
			if b := f.builtin(call); b != nil {
				badCall(f, b, call)
			}
		}
		return n != nil
	})
}

func badCall(f *file, b *lang.Builtin, call *syntax.CallExpr) {
	var positional, names []string
	for _, p := range b.Params {
		names = append(names, p.Name)
		if !p.Named {
			positional = append(positional, p.Name)
		}
	}
	given := make(map[string]bool)
	plain, starred := 0, false
	for _, arg := range call.Args {
		if u, ok := arg.(*syntax.UnaryExpr); ok && (u.Op == syntax.STAR || u.Op == syntax.STARSTAR) {
			starred = true
			continue
		}
		name, keyword := keywordOf(arg)
		switch {
		case keyword && b.Rest == nil && !slices.Contains(names, name.Name):
			hint := b.Signature()
			if near := lang.Suggest(name.Name, names); near != "" {
				hint = "did you mean " + near + "?"
			}
			f.report(name.NamePos, hint, "%s has no parameter %q", b.Name, name.Name)
		case keyword:
			given[name.Name] = true
		case plain == len(positional):
			f.report(syntax.Start(arg), b.Signature(), "%s takes at most %d values without a name", b.Name, len(positional))
			return
		default:
			given[positional[plain]] = true
			plain++
		}
	}
	var missing []string
	for _, p := range b.Params {
		if p.Default == nil && !given[p.Name] && !starred {
			missing = append(missing, p.Name)
		}
	}
	if len(missing) > 0 {
		f.report(syntax.Start(call.Fn), b.Signature(), "%s is called without %s", b.Name, strings.Join(missing, ", "))
	}
}

// keywordOf returns the name in an argument of the form name = value.
func keywordOf(arg syntax.Expr) (*syntax.Ident, bool) {
	if b, ok := arg.(*syntax.BinaryExpr); ok && b.Op == syntax.EQ {
		id, ok := b.X.(*syntax.Ident)
		return id, ok
	}
	return nil, false
}
