package mini_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// process is what belongs to the process, and to whoever started it: below cmd/mini nothing touches it, so that a program
// can embed mini.
var process = []string{
	"os.Getenv", "os.LookupEnv", "os.Environ", "os.Exit", "os.Stdin", "os.Stdout", "os.Stderr",
	"fmt.Print", "fmt.Printf", "fmt.Println", "log.Print", "log.Printf", "log.Println", "log.Fatal", "log.Fatalf", "log.Panic",
}

func TestNothingBelowTheCommandTouchesTheProcess(t *testing.T) {
	n := 0
	for _, room := range []string{"lang", "builtins", "build", "internal", "stdlib"} {
		err := filepath.WalkDir(room, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			n++
			files := token.NewFileSet()
			file, err := parser.ParseFile(files, path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(node ast.Node) bool {
				sel, ok := node.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				if pkg, ok := sel.X.(*ast.Ident); ok && slices.Contains(process, pkg.Name+"."+sel.Sel.Name) {
					t.Errorf("%s: %s.%s", files.Position(sel.Pos()), pkg.Name, sel.Sel.Name)
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if n < 50 {
		t.Errorf("only %d files were looked at", n)
	}
}
