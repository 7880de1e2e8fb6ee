package build

import (
	"context"
	"os"
	"strings"
	"sync"
	"testing"

	"mini/internal/sandbox"
	"mini/internal/toolchain"
)

// A step sees the tools it named, its inputs and nothing else, and it always sees them at the same place.
func TestAStepIsContained(t *testing.T) {
	if !sandbox.Probe(context.Background()).Contained.OK {
		t.Skip("this host forbids user namespaces")
	}
	secret := t.TempDir() + "/secret"
	if err := os.WriteFile(secret, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	e, _ := newEngine(t, t.TempDir())
	n := shellNode("n", "pwd > out\ncat "+secret+" >> out 2>/dev/null || echo hidden >> out\nid -u >> out 2>/dev/null || echo no id >> out\necho $HOME $LC_ALL $TZ >> out", []string{"out"})
	results := mustBuild(t, e, n)
	want := "/build\nhidden\nno id\n/nonexistent C UTC\n"
	if got := readOutput(t, e, results[n], &Artifact{Node: n, Output: "out"}); got != want {
		t.Errorf("the step saw %q, want %q", got, want)
	}
}

func TestWithoutASandboxTheSameStepsRun(t *testing.T) {
	e, run := newEngine(t, t.TempDir())
	run.Executor.(*Local).Sandbox = sandbox.Off
	tree, reader := chain("hi\n")
	change := shellNode("change", "echo more >> t/bin/real", []string{"t/bin/real"})
	change.Inputs = []Input{{Path: "t", From: &Artifact{Node: tree, Output: "out"}, Mode: Overlaid}}
	results := mustBuild(t, e, reader, change, tree)
	if got := readOutput(t, e, results[change], &Artifact{Node: change, Output: "t/bin/real"}); got != "hi\nmore\n" {
		t.Errorf("it made %q", got)
	}
	if got := readOutput(t, e, results[tree], &Artifact{Node: tree, Output: "out", Sub: "bin/real"}); got != "hi\n" {
		t.Errorf("the store's copy is now %q", got)
	}
}

func TestSwitchingTheSandboxOffIsAnotherKey(t *testing.T) {
	key := func(off bool) string {
		h := &LocalHost{Look: bareHost{}.Tool, Digests: toolchain.LoadDigests(""), Uncontained: off}
		props, err := h.Identity(context.Background(), nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		n, inputs, _ := sample()
		return keyOf(t, n, inputs, props).Hash
	}
	if key(true) == key(false) {
		t.Error("what uncontained steps made would serve contained ones")
	}
}

func TestASinkSeesOneEventAtATime(t *testing.T) {
	e, _ := newEngine(t, t.TempDir())
	var mu sync.Mutex
	var kinds []string
	e.Emit = func(ev Event) {
		if !mu.TryLock() {
			t.Error("two events at once")
			return
		}
		defer mu.Unlock()
		kinds = append(kinds, string(ev.Kind))
	}
	var roots []*Node
	for _, c := range "abcdef" {
		roots = append(roots, shellNode(string(c), "echo "+string(c)+" > out\necho more", []string{"out"}))
	}
	mustBuild(t, e, roots...)
	if got := strings.Count(strings.Join(kinds, " "), "built"); got != len(roots) {
		t.Errorf("%d of %d nodes say that they were built: %v", got, len(roots), kinds)
	}
}
