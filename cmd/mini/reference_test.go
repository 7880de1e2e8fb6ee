package main

import (
	"os"
	"testing"

	"mini/lang"
)

// TestReferenceIsOfTheTable holds the generated page against the table: `make reference` writes it.
func TestReferenceIsOfTheTable(t *testing.T) {
	page, err := os.ReadFile("../../REFERENCE.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(page) != lang.Reference(vocabulary()) {
		t.Error("REFERENCE.md is not what the table of builtins says; run `make reference`")
	}
}

func TestEveryParameterIsDocumented(t *testing.T) {
	for _, b := range vocabulary() {
		if b.Doc == "" || b.Example == "" || b.Returns == "" || b.Group == "" {
			t.Errorf("%s lacks its doc, example, group or what it returns", b.Name)
		}
		for _, p := range b.Params {
			if p.Doc == "" {
				t.Errorf("%s: parameter %s has no doc", b.Name, p.Name)
			}
		}
	}
}
