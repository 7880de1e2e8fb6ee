package mini_test

import (
	"io/fs"
	"slices"
	"testing"

	"mini/lang"
	"mini/stdlib"

	"go.starlark.net/syntax"
)

// TestRecipesTellTheirLicence holds every recipe that mini ships to what a manifest tells of it. autotools.star hands on what its
// caller says.
func TestRecipesTellTheirLicence(t *testing.T) {
	names, err := fs.Glob(stdlib.FS, "*.star")
	if err != nil {
		t.Fatal(err)
	}
	recipes := 0
	for _, name := range names {
		if name == "autotools.star" {
			continue
		}
		text, err := fs.ReadFile(stdlib.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		file, err := lang.Parse(name, text)
		if err != nil {
			t.Fatal(err)
		}
		syntax.Walk(file.Tree, func(n syntax.Node) bool {
			call, ok := n.(*syntax.CallExpr)
			if !ok {
				return true
			}
			if fn, ok := call.Fn.(*syntax.Ident); !ok || fn.Name != "package" && fn.Name != "autotools" {
				return true
			}
			recipes++
			if !slices.ContainsFunc(call.Args, isLicence) {
				at, _ := call.Span()
				t.Errorf("%s: it has no licence", at)
			}
			return true
		})
	}
	if recipes == 0 {
		t.Error("there are no recipes")
	}
}

func isLicence(arg syntax.Expr) bool {
	assign, ok := arg.(*syntax.BinaryExpr)
	if !ok || assign.Op != syntax.EQ {
		return false
	}
	name, ok := assign.X.(*syntax.Ident)
	return ok && name.Name == "licence"
}
