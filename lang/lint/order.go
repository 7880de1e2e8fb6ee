package lint

import (
	"strings"

	"go.starlark.net/syntax"
)

func lateLoads(f *file) {
	other := 0 // the line of the first statement that is no load
	for i, stmt := range f.Tree.Stmts {
		load, ok := stmt.(*syntax.LoadStmt)
		switch {
		case ok && other != 0:
			f.report(load.Load, "move it up, above the first statement that is no load", "this load stands below line %d", other)
		case !ok && other == 0 && !(i == 0 && isText(stmt)):
			start, _ := stmt.Span()
			other = int(start.Line)
		}
	}
}

// isText reports whether a statement is a string that stands for itself, which is how files and functions say what they
// are.
func isText(stmt syntax.Stmt) bool {
	e, ok := stmt.(*syntax.ExprStmt)
	if !ok {
		return false
	}
	lit, ok := e.X.(*syntax.Literal)
	return ok && lit.Token == syntax.STRING
}

func nestedParams(f *file) {
	var path []syntax.Node // from the file to the node
	syntax.Walk(f.Tree, func(n syntax.Node) bool {
		if n == nil {
			path = path[:len(path)-1]
			return false
		}
		path = append(path, n)
		call, ok := n.(*syntax.CallExpr)
		if !ok {
			return true
		}
		if b := f.builtin(call); b != nil && b.Name == "param" {
			if where := nesting(path); where != "" {
				f.report(syntax.Start(call), "declare it at the top level, and use its value here", "a param %s", where)
			}
		}
		return true
	})
}

// nesting says what the nodes on the way to a param make of it, "" if it is declared in every run.
func nesting(path []syntax.Node) string {
	for i, n := range path[:len(path)-1] {
		next := path[i+1]
		switch n := n.(type) {
		case *syntax.DefStmt, *syntax.LambdaExpr:
			return "in a function is there only if that is called"
		case *syntax.ForStmt:
			if next != syntax.Node(n.X) {
				return "in a loop is there only if that runs"
			}
		case *syntax.Comprehension:
			return "in a loop is there only if that runs"
		case *syntax.IfStmt:
			if next != syntax.Node(n.Cond) {
				return "under a condition is there only in some of the cases"
			}
		case *syntax.CondExpr:
			if next != syntax.Node(n.Cond) {
				return "under a condition is there only in some of the cases"
			}
		}
	}
	return ""
}

// missingDocs looks at files for others to load: they define functions and make nothing.
func missingDocs(f *file) {
	if makesSomething(f) {
		return
	}
	for _, stmt := range f.Tree.Stmts {
		def, ok := stmt.(*syntax.DefStmt)
		if !ok || strings.HasPrefix(def.Name.Name, "_") || isText(def.Body[0]) {
			continue
		}
		f.report(def.Name.NamePos, `say what it does in a string as its first line, or call it _`+def.Name.Name+` if it is for this file alone`,
			"%s has no doc, and others can load it", def.Name.Name)
	}
}

// makesSomething reports whether the file's top level calls a builtin other than those of the language itself: then it
// is a script to be built, and its functions are its own.
func makesSomething(f *file) bool {
	found := false
	syntax.Walk(f.Tree, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.DefStmt, *syntax.LambdaExpr:
			return false
		case *syntax.CallExpr:
			if b := f.builtin(n); b != nil && b.Group != languageGroup {
				found = true
			}
		}
		return n != nil && !found
	})
	return found
}

// languageGroup is the heading of the builtins that every script has, whatever it makes.
const languageGroup = "Language"
