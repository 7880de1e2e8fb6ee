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

// What is known of one node's steps alone is told before what is known of all.
func TestAFailureOfItsOwnCause(t *testing.T) {
	e, _ := newEngine(t, t.TempDir())
	n := shellNode("n", "echo \"x.c:1: error: 'stime' is gone [-Werror]\"\nexit 1", []string{"x"})
	n.Causes = []Cause{{Shows: "(", Says: "broken"}, {Shows: "nothing", Says: "no"}, {Shows: "'st.me'", Says: "It is the year 2038."}}
	failed := fail(t, e, n)
	if len(failed.Advice) != 1 || failed.Advice[0] != "It is the year 2038." {
		t.Errorf("%q", failed.Advice)
	}
	n = shellNode("n", "echo \"x.c:1: error: y is gone [-Werror]\"\nexit 1", []string{"x"})
	n.Causes = []Cause{{Shows: "'stime'", Says: "It is the year 2038."}}
	if failed := fail(t, e, n); len(failed.Advice) != 1 || !strings.Contains(failed.Advice[0], "warnings as errors") {
		t.Errorf("%q", failed.Advice)
	}
}
