// Package mini_test holds what is true of the whole repository.
package mini_test

import (
	"os/exec"
	"strings"
	"testing"
)

// mayImport says which parts of mini a room may import. A room is the longest prefix of a package's path that is listed.
var mayImport = map[string][]string{
	"mini/cmd/mini":               {"mini/"},
	"mini/cmd/mini/internal/term": {"mini/build"},
	"mini/builtins":               {"mini/build", "mini/build/step", "mini/lang", "mini/internal/"},
	"mini/build":                  {"mini/build/step", "mini/internal/"},
	"mini/build/step":             {"mini/internal/"},
	"mini/examples":               {"mini/build", "mini/builtins", "mini/lang"},
	"mini/lang":                   {},
	"mini/lang/edit":              {"mini/lang", "mini/lang/format"},
	"mini/lang/format":            {"mini/lang"},
	"mini/lang/lint":              {"mini/lang"},
	"mini/lang/lsp":               {"mini/lang", "mini/lang/format", "mini/lang/lint", "mini/lang/outline"},
	"mini/lang/outline":           {"mini/lang"},
	"mini/stdlib":                 {},
	"mini/internal":               {},
}

func TestRoomsImportOnlyWhatTheyMay(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}}:{{join .Imports " "}}`, "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		pkg, imports, _ := strings.Cut(line, ":")
		for _, imp := range strings.Fields(imports) {
			if strings.HasPrefix(imp, "mini/") && !allowed(pkg, imp) {
				t.Errorf("%s imports %s", pkg, imp)
			}
		}
	}
}

func allowed(pkg, imp string) bool {
	room := ""
	for r := range mayImport {
		if (pkg == r || strings.HasPrefix(pkg, r+"/")) && len(r) > len(room) {
			room = r
		}
	}
	for _, may := range mayImport[room] {
		if imp == may || strings.HasSuffix(may, "/") && strings.HasPrefix(imp, may) {
			return true
		}
	}
	return false
}
