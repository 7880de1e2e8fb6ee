package lang_test

import (
	"os"
	"testing"

	"go.starlark.net/starlark"

	"mini/lang"
)

// TestReference compares both renderings of a small table with a golden page each.
func TestReference(t *testing.T) {
	table := append(lang.Core(),
		&lang.Builtin{
			Name: "pack", Group: "Files", Doc: "Packs a tree.", Returns: "the archive", Example: "\na = pack(root,\n    level = 9)\n",
			Params: []lang.Param{
				{Name: "tree", Type: lang.AnyType, Doc: "What to pack: a | b."},
				{Name: "level", Type: lang.Optional(lang.IntType), Default: starlark.None, Named: true, Doc: "1 to 9."},
				{Name: "format", Type: lang.OneOf("cpio", "tar"), Default: starlark.String("cpio")},
			},
		},
		&lang.Builtin{Name: "now", Doc: "In no group."},
		&lang.Builtin{Name: "more", Group: "Files"},
	)
	help := ""
	for _, b := range table {
		help += lang.Help(b) + "\n"
	}
	golden(t, "testdata/reference.md", lang.Reference(table))
	golden(t, "testdata/help.txt", help)
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s:\n%s", name, got)
	}
}
