package build

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"mini/internal/sandbox"

	rex "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
)

func TestMain(m *testing.M) {
	if sandbox.Main() { // this process is the inside of a sandbox
		return
	}
	if spec := os.Getenv(childEnv); spec != "" {
		os.Exit(childMain(spec))
	}
	os.Exit(m.Run())
}

// bareHost finds programs and takes their names for what they are.
type bareHost struct{ version string }

func (h bareHost) Tool(name string) (string, error) { return exec.LookPath(name) }

func (h bareHost) Identity(_ context.Context, n *Node) (Identity, error) {
	var p []Property
	for _, t := range n.Tools {
		p = append(p, Property{"tool:" + t, h.version})
	}
	return Identity{Properties: p}, nil
}

func (h bareHost) File(path string) (string, error) {
	d, err := digestFile(path)
	return d.Hash, err
}

func (h bareHost) Verify(context.Context, *Node, Identity) error { return nil }

// counting runs actions for real and remembers which.
type counting struct {
	Executor
	mu  sync.Mutex
	ran []string
}

func (c *counting) Execute(ctx context.Context, job Job) (*rex.ActionResult, error) {
	c.mu.Lock()
	c.ran = append(c.ran, job.ID)
	c.mu.Unlock()
	return c.Executor.Execute(ctx, job)
}

func (c *counting) take() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := strings.Join(sorted(c.ran), " ")
	c.ran = nil
	return s
}

func newEngine(t *testing.T, dir string) (*Engine, *counting) {
	t.Helper()
	store, err := OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	run := &counting{Executor: &Local{Store: store, Host: bareHost{"1"}, Sandbox: "auto", Apart: true}}
	e := &Engine{Store: store, Cache: store, Executor: run, Host: bareHost{"1"}, Jobs: 2}
	t.Cleanup(func() {
		if err := e.Store.Close(); err != nil {
			t.Error(err)
		}
	})
	return e, run
}

func shellNode(name, steps string, outputs []string, inputs ...Input) *Node {
	return &Node{
		Name: name, Title: name, Pos: "t.star:1:1", Inputs: inputs, Steps: strings.Split(steps, "\n"),
		Tools: []string{"cat", "cp", "mkdir", "ln", "chmod", "echo", "touch"}, Outputs: outputs,
	}
}

func text(path, content string) Input { return Input{Path: path, Data: []byte(content)} }

func from(path string, n *Node, output, sub string) Input {
	return Input{Path: path, From: &Artifact{Node: n, Output: output, Sub: sub}}
}

func mustBuild(t *testing.T, e *Engine, roots ...*Node) map[*Node]*Result {
	t.Helper()
	results, err := e.NewRun(NewGraph(roots)).Build(context.Background(), roots)
	if err != nil {
		t.Fatal(err)
	}
	return results
}

func readOutput(t *testing.T, e *Engine, r *Result, a *Artifact) string {
	t.Helper()
	p, _, err := e.CheckedPath(context.Background(), r, a)
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(p)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// chain is a tree with a link, and a node that reads one file of it through the link.
func chain(content string) (tree, reader *Node) {
	tree = shellNode("tree", "mkdir -p out/bin\ncp a out/bin/real\nln -s real out/bin/link", []string{"out"}, text("a", content))
	reader = shellNode("reader", "cat in/x in/x > twice", []string{"twice"}, from("in/x", tree, "out", "bin/link"))
	return tree, reader
}

func TestNothingIsBuiltTwice(t *testing.T) {
	e, ran := newEngine(t, t.TempDir())
	_, reader := chain("hi\n")
	results := mustBuild(t, e, reader)
	if got := readOutput(t, e, results[reader], &Artifact{Node: reader, Output: "twice"}); got != "hi\nhi\n" {
		t.Errorf("it made %q", got)
	}
	if got := ran.take(); got != "reader tree" {
		t.Errorf("ran %q", got)
	}
	_, again := chain("hi\n")
	mustBuild(t, e, again)
	if got := ran.take(); got != "" {
		t.Errorf("the second time ran %q", got)
	}
	_, other := chain("ho\n")
	mustBuild(t, e, other)
	if got := ran.take(); got != "reader tree" {
		t.Errorf("with another input ran %q", got)
	}
}

func TestARebuildThatMakesTheSameBytesStopsThere(t *testing.T) {
	e, ran := newEngine(t, t.TempDir())
	_, reader := chain("hi\n")
	mustBuild(t, e, reader)
	ran.take()
	tree, reader := chain("hi\n")
	tree.Steps = append(tree.Steps, "echo a comment that changes the key")
	mustBuild(t, e, reader)
	if got := ran.take(); got != "tree" {
		t.Errorf("ran %q", got)
	}
}

func TestAnotherToolBuildsAnew(t *testing.T) {
	e, ran := newEngine(t, t.TempDir())
	_, reader := chain("hi\n")
	mustBuild(t, e, reader)
	ran.take()
	e.Host = bareHost{"2"}
	_, reader = chain("hi\n")
	mustBuild(t, e, reader)
	if got := ran.take(); got != "reader tree" {
		t.Errorf("ran %q", got)
	}
}

func TestContentThatIsGoneIsMadeAgainOnlyIfNeeded(t *testing.T) {
	e, ran := newEngine(t, t.TempDir())
	tree, reader := chain("hi\n")
	results := mustBuild(t, e, tree, reader)
	ran.take()
	if err := os.RemoveAll(e.Store.TreePath(results[tree].Outputs["out"].Digest)); err != nil {
		t.Fatal(err)
	}
	_, reader = chain("hi\n")
	mustBuild(t, e, reader)
	if got := ran.take(); got != "" {
		t.Errorf("ran %q, although nobody needs the tree", got)
	}
	if err := os.Remove(e.Store.BlobPath(results[readerOf(results)].Outputs["twice"].Digest)); err != nil {
		t.Fatal(err)
	}
	_, reader = chain("hi\n")
	mustBuild(t, e, reader)
	if got := ran.take(); got != "reader tree" {
		t.Errorf("ran %q", got)
	}
}

// readerOf finds the node of the results that is called reader.
func readerOf(results map[*Node]*Result) *Node {
	for n := range results {
		if n.Name == "reader" {
			return n
		}
	}
	return nil
}

func TestPlanSaysWhatABuildWillDo(t *testing.T) {
	e, _ := newEngine(t, t.TempDir())
	states := func() string {
		tree, reader := chain("hi\n")
		fetch := &Node{Name: "fetch", Title: "fetch", Outputs: []string{"f"}, Fetch: &Fetch{File: "f", Unresolved: "f"}}
		user := shellNode("user", "cp f g", []string{"g"}, from("f", fetch, "f", ""))
		roots := []*Node{reader, user}
		plan, err := e.Plan(context.Background(), NewGraph(roots), roots)
		if err != nil {
			t.Fatal(err)
		}
		var s []string
		for _, p := range plan {
			s = append(s, p.ID+"="+string(p.Status))
		}
		_ = tree
		return strings.Join(s, " ")
	}
	if got := states(); got != "tree=build reader=pending fetch=unresolved user=pending" {
		t.Errorf("before: %s", got)
	}
	_, reader := chain("hi\n")
	mustBuild(t, e, reader)
	if got := states(); got != "tree=hit reader=hit fetch=unresolved user=pending" {
		t.Errorf("after: %s", got)
	}
}

func TestAFailedStepTellsWhy(t *testing.T) {
	e, _ := newEngine(t, t.TempDir())
	n := shellNode("bad", "echo fine\nsh compile.sh\necho never", []string{"out"},
		text("compile.sh", "echo 'x.c:3:1: error: no such thing' >&2\ncat missing-file\n"))
	_, err := e.NewRun(NewGraph([]*Node{n})).Build(context.Background(), []*Node{n})
	var failed *ActionError
	if !errors.As(err, &failed) {
		t.Fatalf("got %v", err)
	}
	for _, want := range []string{"t.star:1:1: bad: ", `"sh compile.sh" failed with exit code 1`, "x.c:3:1: error: no such thing", failed.Log} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in: %v", want, err)
		}
	}
	log, err := os.ReadFile(failed.Log)
	if err != nil || !strings.Contains(string(log), "+ echo fine\nfine\n") || strings.Contains(string(log), "never") {
		t.Errorf("the log is %q, %v", log, err)
	}
	leftovers(t, e)
}

func TestAnOutputThatIsNotThereIsAnError(t *testing.T) {
	e, _ := newEngine(t, t.TempDir())
	n := shellNode("bad", "echo done", []string{"out"})
	_, err := e.NewRun(NewGraph([]*Node{n})).Build(context.Background(), []*Node{n})
	if err == nil || !strings.Contains(err.Error(), "out, which they should have made, is not there") {
		t.Errorf("got %v", err)
	}
	leftovers(t, e)
}

// leftovers fails if work directories were left behind.
func leftovers(t *testing.T, e *Engine) {
	t.Helper()
	left, err := filepath.Glob(filepath.Join(e.Store.Dir(), "tmp", "*", "*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left in tmp: %v, %v", left, err)
	}
}

func TestOverlaidInputsNeverChangeTheStore(t *testing.T) {
	e, _ := newEngine(t, t.TempDir())
	tree, _ := chain("hi\n")
	change := shellNode("change", "echo more >> t/bin/real\ntouch t/new", []string{"t/bin/real", "t/new"})
	change.Inputs = []Input{{Path: "t", From: &Artifact{Node: tree, Output: "out"}, Mode: Overlaid}}
	results := mustBuild(t, e, tree, change)
	if got := readOutput(t, e, results[change], &Artifact{Node: change, Output: "t/bin/real"}); got != "hi\nmore\n" {
		t.Errorf("the action sees %q", got)
	}
	if got := readOutput(t, e, results[tree], &Artifact{Node: tree, Output: "out", Sub: "bin/real"}); got != "hi\n" {
		t.Errorf("the store's copy is now %q", got)
	}
	if o, _ := treeOf(t, e.Store.TreePath(results[tree].Outputs["out"].Digest)); o.Digest != results[tree].Outputs["out"].Digest {
		t.Error("the store's tree is not what its name says")
	}
}

func TestWhatANodeWaitsForComesFirst(t *testing.T) {
	e, ran := newEngine(t, t.TempDir())
	bad := shellNode("bad", "cat missing", []string{"x"})
	n := shellNode("long", "echo > y", []string{"y"})
	n.After = []*Node{bad}
	if _, err := e.NewRun(NewGraph([]*Node{n})).Build(context.Background(), []*Node{n}); err == nil {
		t.Error("it was built although what it waits for failed")
	}
	if got := ran.take(); got != "bad" {
		t.Errorf("ran %q", got)
	}
}

func TestTwoRunsOnOneStoreBuildOnce(t *testing.T) {
	dir := t.TempDir()
	var all []*counting
	var wg sync.WaitGroup
	for range 6 {
		e, ran := newEngine(t, dir)
		all = append(all, ran)
		wg.Go(func() {
			_, reader := chain("hi\n")
			if _, err := e.NewRun(NewGraph([]*Node{reader})).Build(context.Background(), []*Node{reader}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	var ran []string
	for _, c := range all {
		ran = append(ran, strings.Fields(c.take())...)
	}
	if got := strings.Join(sorted(ran), " "); got != "reader tree" {
		t.Errorf("together they ran %q", got)
	}
}

func TestWrongBytesOfAHostFileAreRefused(t *testing.T) {
	e, _ := newEngine(t, t.TempDir())
	file := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(file, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	n := shellNode("n", "cp f g", []string{"g"}, Input{Path: "f", Host: file, SHA256: strings.Repeat("0", 64)})
	_, err := e.NewRun(NewGraph([]*Node{n})).Build(context.Background(), []*Node{n})
	if err == nil || !strings.Contains(err.Error(), strings.Repeat("0", 64)) || !strings.Contains(err.Error(), digestBytes([]byte("x")).Hash) {
		t.Errorf("both digests should be told: %v", err)
	}
}
