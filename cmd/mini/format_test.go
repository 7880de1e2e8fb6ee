package main

import (
	"os"
	"path/filepath"
	"testing"

	"mini/lang/format"
)

func TestExamplesOfBuiltinsAreLaidOut(t *testing.T) {
	for _, b := range vocabulary() {
		out, err := format.Source(b.Name, []byte(b.Example+"\n"))
		if err != nil {
			t.Error(err)
		} else if string(out) != b.Example+"\n" {
			t.Errorf("the example of %s would be:\n%s", b.Name, out)
		}
	}
}

// TestFormatLeavesReadOnly: by a rename even a file that may not be written could be replaced.
func TestFormatLeavesReadOnly(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may write everything")
	}
	name := filepath.Join(t.TempDir(), "x.star")
	if err := os.WriteFile(name, []byte("x=1\n"), 0o444); err != nil {
		t.Fatal(err)
	}
	if err := replaceFile(name, []byte("x = 1\n")); err == nil {
		t.Error("a read-only file was replaced")
	}
}
