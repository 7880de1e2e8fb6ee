package build

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A step that fails tells the first lines that say why, and what is known of that on this host.
func TestAFailureTeaches(t *testing.T) {
	e, run := newEngine(t, t.TempDir())
	run.Executor.(*Local).Install = func(need string) string { return "get " + need }
	n := shellNode("n", "echo before\nmake -k", []string{"x"}, text("Makefile",
		"all: a b\na:\n\t@nosuch-program\nb:\n\t@i=0; while [ $$i -lt 30 ]; do echo \"  CC      $$i.o\"; echo \"$$i.c:1:1: warning: x\"; i=$$((i+1)); done\n"))
	n.Tools = append(n.Tools, "make")
	_, err := e.NewRun(NewGraph([]*Node{n})).Build(context.Background(), []*Node{n})
	failed := (*ActionError)(nil)
	if !errors.As(err, &failed) || failed.Node != n {
		t.Fatal(err)
	}
	for _, want := range []string{
		`t.star:1:1: n: "make -k" failed with exit code 2`, "nosuch-program: ", "neither on this machine nor among the programs that the step names: get nosuch-program, and tools",
		"\n  the whole log: " + filepath.Join(e.Store.Dir(), "logs"),
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in: %v", want, err)
		}
	}
	if strings.Contains(err.Error(), "warning") {
		t.Errorf("it tells what came after: %v", err)
	}
	if log, err := os.ReadFile(failed.Log); err != nil || !strings.Contains(string(log), "29.c:1:1: warning") {
		t.Errorf("the log has not all: %v", err)
	}
}
