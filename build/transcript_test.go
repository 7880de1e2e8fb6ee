package build

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// A transcript is a program: what a step may run in a build, it may run there.
func TestATranscriptRuns(t *testing.T) {
	n := shellNode("a", "./tool > out", []string{"out"},
		Input{Path: "tool", Data: []byte("#!/bin/sh\necho ran\n"), Exec: true}, Input{Path: "other", Data: []byte{0, 1}, Exec: true})
	dir := t.TempDir()
	cmd := exec.Command("sh", "-c", Transcript(NewGraph([]*Node{n})))
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if b, err := os.ReadFile(filepath.Join(dir, "a", "out")); err != nil || string(b) != "ran\n" {
		t.Errorf("%q %v", b, err)
	}
	if info, err := os.Stat(filepath.Join(dir, "a", "other")); err != nil || info.Mode()&0o100 == 0 {
		t.Errorf("other: %v %v", info.Mode(), err)
	}
}
