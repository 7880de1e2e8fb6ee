package main

import (
	"os"
	"path/filepath"
	"testing"

	"mini/builtins"
	"mini/lang"
	"mini/lang/lint"
)

// TestShippedScriptsAreClean has nothing to find in the recipes that mini carries, and in its examples.
func TestShippedScriptsAreClean(t *testing.T) {
	files, errs := scriptFiles([]string{filepath.Join("..", "..", "stdlib"), filepath.Join("..", "..", "examples")})
	if len(errs) > 0 || len(files) < 3 {
		t.Fatal(files, errs)
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		found, err := lint.Check(file, src, lang.Options{Builtins: unpinned(), Types: builtins.Types()})
		if err != nil {
			t.Error(err)
		}
		for _, f := range found {
			t.Error(f)
		}
	}
}
