// Package lint finds in scripts what runs and is a mistake all the same, or will puzzle the next reader. It looks at the
// text alone: nothing runs, and no other file is read.
package lint

import (
	"cmp"
	"fmt"
	"slices"

	"mini/lang"

	"go.starlark.net/syntax"
)

// Finding is one thing found.
type Finding struct {
	Rule    string // its name in the comment that silences it
	Problem *lang.Error
}

// String is the finding as text. The name of the rule stands behind the message, since a reader may want to silence it.
func (f Finding) String() string {
	told := *f.Problem
	told.Msg += " [" + f.Rule + "]"
	return told.Error()
}

// Rule is one kind of finding.
type Rule struct {
	Name string
	Doc  string // what it finds, in a sentence
	find func(*file)
}

// Rules lists all, in alphabetical order.
func Rules() []Rule {
	return []Rule{
		{"bad-call", "A call of a builtin with parameters that it doesn't take, or without those that it needs.", badCalls},
		{"bad-ignore", "A comment that silences what is no rule.", badIgnores},
		{"late-load", "A load that stands below other statements, so that a reader doesn't find it.", lateLoads},
		{"missing-doc", "A function for others to load that doesn't say what it does.", missingDocs},
		{"nested-param", "A param inside a function, a loop or a condition, so that help doesn't find it.", nestedParams},
		{"shadowed-builtin", "A name that takes away the builtin of the same name.", shadowedBuiltins},
		{"unused-load", "A loaded name that the script doesn't use.", unusedLoads},
	}
}

// Check finds what there is in the script src, in the order of the source. A script that could not run gets the error
// that [lang.Check] has. A comment "# mini: ignore RULE" silences the rule on its own line or, if it has a line to
// itself, on the next.
func Check(path string, src []byte, opts lang.Options) ([]Finding, error) {
	tree, err := lang.Check(path, src, opts)
	if err != nil {
		return nil, err
	}
	return Tree(tree, opts), nil
}

// Tree is [Check] of a file that [lang.Check] read.
func Tree(tree *lang.File, opts lang.Options) []Finding {
	f := &file{File: tree, builtins: append(lang.Core(), opts.Builtins...), ignored: ignoredIn(tree)}
	for _, rule := range Rules() {
		f.rule = rule.Name
		rule.find(f)
	}
	slices.SortStableFunc(f.found, func(a, b Finding) int {
		p, q := a.Problem.Pos, b.Problem.Pos
		return cmp.Or(p.Line-q.Line, p.Col-q.Col)
	})
	return f.found
}

// file is a script while the rules look at it.
type file struct {
	*lang.File
	builtins []*lang.Builtin
	ignored  map[int32][]ignore // by the line that is silenced
	rule     string             // the one that looks
	found    []Finding
}

func (f *file) report(pos syntax.Position, hint, format string, args ...any) {
	for _, ig := range f.ignored[pos.Line] {
		if ig.rule == f.rule {
			return
		}
	}
	f.found = append(f.found, Finding{f.rule, f.ErrorAt(pos, fmt.Sprintf(format, args...), hint)})
}

// builtin returns the builtin that a call means, nil if it means something else.
func (f *file) builtin(call *syntax.CallExpr) *lang.Builtin {
	id, ok := call.Fn.(*syntax.Ident)
	if !ok || !predeclared(id) {
		return nil
	}
	for _, b := range f.builtins {
		if b.Name == id.Name {
			return b
		}
	}
	return nil
}
