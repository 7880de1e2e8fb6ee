package build

import (
	"context"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"mini/internal/sandbox"
	"mini/internal/toolchain"

	"google.golang.org/protobuf/types/known/timestamppb"
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
		n, inputs, _ := sample()
		n.Tools = nil
		id, err := h.Identity(context.Background(), n)
		if err != nil {
			t.Fatal(err)
		}
		return keyOf(t, n, inputs, id.Properties).Hash
	}
	if key(true) == key(false) {
		t.Error("what uncontained steps made would serve contained ones")
	}
}

// A host that lets go of containment between two steps must not leave what it made to those who think it contained.
func TestAStepThatIsUnexpectedlyUncontainedIsNotKept(t *testing.T) {
	e, run := newEngine(t, t.TempDir())
	local := run.Executor.(*Local)
	local.Sandbox, local.Apart = sandbox.Off, false
	n := shellNode("n", "echo hi > out", []string{"out"})
	build := func() error {
		_, err := e.NewRun(NewGraph([]*Node{n})).Build(context.Background(), []*Node{n})
		return err
	}
	if err := build(); err == nil || !strings.Contains(err.Error(), "was not contained although this host allows that") {
		t.Errorf("got %v", err)
	}
	run.take()
	local.Apart = true
	if err := build(); err != nil || run.take() != "n" {
		t.Errorf("it was kept, or can't be built apart: %v", err)
	}
}

func TestContainmentIsRememberedUntilTheNextBoot(t *testing.T) {
	store, err := OpenStore(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if !store.Contains(context.Background()) {
		if _, err := os.Stat(store.containedPath()); err == nil {
			t.Error("a refusal is remembered")
		}
		t.Skip("this host does not contain steps")
	}
	boot, err := os.ReadFile(store.containedPath())
	if err != nil || len(boot) < 36 {
		t.Fatalf("%q, %v", boot, err)
	}
	for _, old := range []string{"", "another boot"} {
		if err := store.write(store.containedPath(), []byte(old)); err != nil {
			t.Fatal(err)
		}
		if again, _ := os.ReadFile(store.containedPath()); !store.Contains(context.Background()) || string(again) != old {
			t.Error("it was not asked again")
		}
	}
	if now, _ := os.ReadFile(store.containedPath()); string(now) != string(boot) {
		t.Errorf("it remembers %q", now)
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

func TestALimitEndsAStepAndSaysWhere(t *testing.T) {
	for name, c := range map[string]struct {
		silence, timeout time.Duration
		steps            string
		want             []string
	}{
		"silence": {100 * time.Millisecond, 0, "echo so far\nsleep 1000",
			[]string{`"sleep 1000": the command fell silent: ended after 100ms without output`, "\n    so far\n"}},
		"timeout": {time.Hour, 100 * time.Millisecond, "while :\ndo echo busy\nsleep 0.01\ndone",
			[]string{"the command took too long: ended after 100ms", "\n    busy\n"}},
		"of mini's own": {time.Nanosecond, time.Nanosecond, "mini step unpack a.tar x",
			[]string{`"mini step unpack a.tar x": the command took too long: ended after 1ns`}},
	} {
		t.Run(name, func(t *testing.T) {
			e, run := newEngine(t, t.TempDir())
			run.Executor.(*Local).Silence, run.Executor.(*Local).Timeout = c.silence, c.timeout
			n := shellNode("n", c.steps, []string{"x"}, text("a.tar", ""))
			n.Tools = append(n.Tools, "sleep")
			r := e.NewRun(NewGraph([]*Node{n}))
			_, err := r.Build(context.Background(), []*Node{n})
			if err == nil {
				t.Fatal("nothing ended it")
			}
			for _, want := range append(c.want, "t.star:1:1: n: ", "\n  the whole log: "+e.Store.Dir()) {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q is not in: %v", want, err)
				}
			}
			leftovers(t, e)
			idle(t, r)
		})
	}
}

// The result tells when and with what it was made, in the API's own fields.
func TestAResultTellsWhatItTook(t *testing.T) {
	e, _ := newEngine(t, t.TempDir())
	n := shellNode("n", "sh busy.sh > x", []string{"x"}, text("busy.sh", "i=0; while [ $i -lt 50000 ]; do i=$((i+1)); done"))
	var started, built Event
	e.Emit = func(ev Event) {
		switch ev.Kind {
		case Started:
			started = ev
		case Built:
			built = ev
		}
	}
	results := mustBuild(t, e, n)
	found, err := e.Store.Result(context.Background(), results[n].Action.Digest)
	if err != nil || found == nil {
		t.Fatal(found, err)
	}
	m := found.ExecutionMetadata
	last := time.Time{}
	for i, at := range []*timestamppb.Timestamp{
		m.QueuedTimestamp, m.WorkerStartTimestamp, m.InputFetchStartTimestamp, m.InputFetchCompletedTimestamp,
		m.ExecutionStartTimestamp, m.ExecutionCompletedTimestamp, m.OutputUploadStartTimestamp,
		m.OutputUploadCompletedTimestamp, m.WorkerCompletedTimestamp,
	} {
		if at.AsTime().Year() < 2000 || at.AsTime().Before(last) {
			t.Errorf("time %d is %s, after %s", i, at.AsTime(), last)
		}
		last = at.AsTime()
	}
	if m.Worker == "" {
		t.Error("nobody made it")
	}
	if u := usageOf(m); u.CPU() <= 0 || u.Peak < 1<<20 || u != built.Usage {
		t.Errorf("the result tells %+v, the event %+v", u, built.Usage)
	}
	if started.Waited <= 0 {
		t.Error("it began without having waited for anything, not even a lock")
	}
	if p := e.Store.history().of(n); p.Elapsed <= 0 || p.CPU != built.CPU() || p.Peak != built.Peak {
		t.Errorf("remembered is %+v", p)
	}
	if u := usageOf(nil); u != (Usage{}) {
		t.Errorf("of nothing: %+v", u)
	}
}
