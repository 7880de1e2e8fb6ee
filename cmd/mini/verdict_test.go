package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"mini/build"
)

func TestVerdictShowsTheFirstDifference(t *testing.T) {
	t.Setenv("PATH", "/nonexistent") // without diffoscope
	dir := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	text := [2]string{file("a", "one\ntwo\n"), file("b", "one\nTWO\x1b[2J\n")}
	program := [2]string{file("c", "\x7fELF\x00\x01\x02\x03"), file("d", "\x7fELF\x00\x01\x07\x03")}
	v := &verdict{
		Varied:  []string{"tz"},
		Outputs: []verdictOutput{{Name: "bb", First: "1/1", Second: "2/1"}, {Name: "bb.config", First: "3/1", Second: "3/1", Same: true}},
		Steps: []verdictStep{
			{Title: "bb: compile", Output: "install", Mismatches: []build.Mismatch{
				{Path: "etc/text", What: build.OtherContent, Files: text}, {Path: "z", What: build.OnlySecond}}},
			{Title: "other", Output: "image", Mismatches: []build.Mismatch{{What: build.OtherContent, Files: program}}},
			{Title: "third", Output: "tree", Mismatches: []build.Mismatch{{Path: "l", What: build.OtherTarget, Links: [2]string{"x", "y"}}}},
		},
	}
	var out bytes.Buffer
	(&app{stdout: &out}).printVerdict(context.Background(), v)
	want := `differs  bb                 1/1
                            2/1
same     bb.config          3/1

bb: compile: its install is not the same, though it read the same:
    etc/text differs in line 2:
        -two
        +TWO[2J
    z: only in the second

other: its image is not the same, though it read the same:
    the file itself differs from byte 6 on:
        -02 03  ..
        +07 03  ..

third: its tree is not the same, though it read the same:
    l: points to x, and then to y
`
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}
