package build

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mini/internal/sandbox"
)

// in runs a command in a room and returns what it printed.
func in(t *testing.T, room *Room, args ...string) (string, int) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	var out bytes.Buffer
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = io.Copy(&out, r)
	}()
	code, err := room.Run(context.Background(), Command{Args: args, Streams: []*os.File{null, w, w}})
	w.Close()
	<-done
	if err != nil {
		t.Fatal(err)
	}
	return out.String(), code
}

func enter(t *testing.T, e *Engine, n *Node, fresh bool) *Room {
	t.Helper()
	room, err := e.NewRun(NewGraph([]*Node{n})).Enter(context.Background(), n, fresh)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { room.Leave() })
	return room
}

func keeping(t *testing.T, mode sandbox.Mode, keep int) *Engine {
	e, run := newEngine(t, t.TempDir())
	local := run.Executor.(*Local)
	local.Keep, local.Sandbox = keep, mode
	e.Executor = local
	return e
}

func fail(t *testing.T, e *Engine, n *Node) *ActionError {
	t.Helper()
	_, err := e.NewRun(NewGraph([]*Node{n})).Build(context.Background(), []*Node{n})
	failed := (*ActionError)(nil)
	if !errors.As(err, &failed) {
		t.Fatal(err)
	}
	return failed
}

// Where a step failed everything is as it was then: the files, the directory, the settings, what it did to an input that it may
// write to. And it goes no further than the room.
func TestARoomWhereAStepFailed(t *testing.T) {
	for _, mode := range []sandbox.Mode{sandbox.Auto, sandbox.Off} {
		t.Run(string(mode), func(t *testing.T) {
			e := keeping(t, mode, 3)
			tree, _ := chain("given\n")
			n := shellNode("n", "export WORDS='it'\\''s \"two\"'\necho half > half\nmkdir d\ncd d\necho changed >> ../t/bin/real\ncat nosuch\necho never", []string{"out"})
			n.Inputs = []Input{{Path: "t", From: &Artifact{Node: tree, Output: "out"}, Mode: Overlaid}}
			failed := fail(t, e, n)
			if failed.Step != "cat nosuch" || !failed.Kept {
				t.Fatalf("%+v", failed)
			}
			for range 2 { // what was left stays
				room := enter(t, e, n, false)
				if room.Left == nil || room.Left.Step != "cat nosuch" || room.Left.ExitCode != 1 {
					t.Fatalf("%+v", room.Left)
				}
				out, code := in(t, room, "sh", "-c", `echo "$WORDS"; cat ../half ../t/bin/real; echo ${PWD##*/}; test -e `+room.Script+`; exit 7`)
				if out != "it's \"two\"\nhalf\ngiven\nchanged\nd\n" || code != 7 {
					t.Errorf("%q, exit code %d", out, code)
				}
				room.Leave()
			}
			room := enter(t, e, n, true)
			out, code := in(t, room, "sh", "-c", `echo "$WORDS"; test ! -e half; cat t/bin/real; echo made > out`)
			if out != "\ngiven\n" || code != 0 || room.Left != nil {
				t.Errorf("afresh: %q, %d", out, code)
			}
			if res, err := e.Store.Result(context.Background(), room.job.Action.Digest); res != nil || err != nil {
				t.Errorf("the cache has a result: %v, %v", res, err)
			}
			room.Leave()
			if out := readOutput(t, e, mustBuild(t, e, tree)[tree], &Artifact{Node: tree, Output: "out", Sub: "bin/real"}); out != "given\n" {
				t.Errorf("the input is %q in the store", out)
			}
			leftovers(t, e)
		})
	}
}

// Somebody who is in what a step left has it for themselves: neither a later failure nor anybody else takes it away.
func TestARoomIsForOne(t *testing.T) {
	e := keeping(t, sandbox.Auto, 1)
	n := shellNode("n", "echo half > half\nfalse", []string{"out"})
	fail(t, e, n)
	room := enter(t, e, n, false)
	_, err := e.NewRun(NewGraph([]*Node{n})).Enter(context.Background(), n, false)
	if err == nil || !strings.Contains(err.Error(), "this mini is in what its failed run left") {
		t.Errorf("a second one: %v", err)
	}
	if failed := fail(t, e, n); failed.Kept {
		t.Error("a later failure was kept beside")
	}
	other := shellNode("other", "false", []string{"out"})
	fail(t, e, other)
	if _, err := e.Store.Collect(context.Background(), Limits{OlderThan: time.Nanosecond, MaxSize: -1}); err != nil {
		t.Fatal(err)
	}
	if out, _ := in(t, room, "cat", "half"); out != "half\n" {
		t.Errorf("got %q", out)
	}
	room.Leave()
	if _, err := e.Store.Collect(context.Background(), Limits{MaxSize: 0}); err != nil {
		t.Fatal(err)
	}
	if e.Store.Left(room.job.Action.Digest) != nil {
		t.Error("gc leaves it")
	}
}

// Of failures only the last few are kept, and of what ended well nothing.
func TestFewFailuresAreKept(t *testing.T) {
	e := keeping(t, sandbox.Auto, 2)
	kept := func() int {
		names, _ := readDirNames(filepath.Join(e.Store.Dir(), "kept"))
		return len(names)
	}
	var nodes []*Node
	for _, name := range []string{"a", "b", "c"} {
		n := shellNode(name, "echo "+name+"\ntest -e /proc/self/nosuch", []string{"out"})
		nodes = append(nodes, n)
		fail(t, e, n)
	}
	if kept() != 2 || enter(t, e, nodes[0], false).Left != nil || enter(t, e, nodes[2], false).Left == nil {
		t.Errorf("%d are kept", kept())
	}
	full := shellNode("full", "echo 'No space left on device' >&2\nfalse", []string{"out"})
	if failed := fail(t, e, full); failed.Kept {
		t.Error("what filled the disk is kept there")
	}
	flaky := shellNode("flaky", "test -e "+t.TempDir()+"/now\necho > out", []string{"out"})
	e.Executor.(*Local).Sandbox = sandbox.Off // it looks at the host
	fail(t, e, flaky)
	if err := os.WriteFile(strings.Fields(flaky.Steps[0])[2], nil, 0o644); err != nil {
		t.Fatal(err)
	}
	before := kept()
	mustBuild(t, e, flaky)
	if kept() != before-1 {
		t.Errorf("%d are kept, %d were", kept(), before)
	}
}

// A step that hangs is ended, and there is a way to where it hung.
func TestARoomWhereAStepHung(t *testing.T) {
	e := keeping(t, sandbox.Auto, 1)
	e.Executor.(*Local).Silence = 100 * time.Millisecond
	n := shellNode("n", "echo half > half\nsleep 1000", []string{"out"})
	n.Tools = append(n.Tools, "sleep")
	if failed := fail(t, e, n); !failed.Kept || !errors.Is(failed, sandbox.ErrSilence) {
		t.Errorf("%+v", failed)
	}
	room := enter(t, e, n, false)
	if room.Left == nil || room.Left.Step != "sleep 1000" || !strings.Contains(room.Left.Ended, "fell silent") {
		t.Errorf("%+v", room.Left)
	}
	if out, _ := in(t, room, "cat", "half"); out != "half\n" {
		t.Errorf("got %q", out)
	}
}

// What a step left may lead anywhere: what mini writes there stays there.
func TestARoomWithLinks(t *testing.T) {
	e := keeping(t, sandbox.Auto, 1)
	outside := filepath.Join(t.TempDir(), "outside")
	n := shellNode("n", "ln -s "+outside+" build.sh\nln -s / mini-build.sh\nfalse", []string{"out"})
	fail(t, e, n)
	room := enter(t, e, n, false)
	if _, err := os.Lstat(outside); err == nil {
		t.Error("it was written through the link")
	}
	if filepath.Base(room.Script) != "mini-build-steps.sh" {
		t.Errorf("the script is %s", room.Script)
	}
	if out, _ := in(t, room, "sh", "-c", "cat "+room.Script); out != scriptHead+strings.Join(n.Steps, "\n")+"\n" {
		t.Errorf("got %q", out)
	}
}

// That the shell of the steps writes down where it is changes nothing of what they see and print.
func TestTheTrapIsNotSeen(t *testing.T) {
	var logs []string
	for _, keep := range []int{0, 1} {
		e := keeping(t, sandbox.Auto, keep)
		failed := fail(t, e, shellNode("n", "echo $-\n(exit 3) || echo $?\nsh -c 'echo $0'\nnosuch-program", []string{"out"}))
		log, err := os.ReadFile(failed.Log)
		if err != nil || failed.ExitCode != 127 || failed.Kept != (keep > 0) {
			t.Errorf("%+v, %v", failed, err)
		}
		logs = append(logs, string(log))
	}
	if logs[0] != logs[1] || !strings.Contains(logs[0], ": 4: nosuch-program") && !strings.Contains(logs[0], "line 4: nosuch-program") {
		t.Errorf("without it\n%s\nand with it\n%s", logs[0], logs[1])
	}
}
