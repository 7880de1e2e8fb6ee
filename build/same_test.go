package build

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"mini/internal/toolchain"
)

// station is a small graph in which each node has a tool of its own: two parts, what joins them, and one beside.
func station(change func(map[string]*Node)) (roots []*Node) {
	tool := func(name, tool string, inputs ...Input) *Node {
		return &Node{
			Name: name, Title: name, Pos: "t.star:1:1", Inputs: inputs, Tools: []string{tool, "cat"},
			Steps: []string{tool + " " + name + " > out"}, Outputs: []string{"out"},
		}
	}
	left := tool("left", "saw", text("config", "A=y\n"))
	right := tool("right", "file", text("config", "B=y\n"))
	joined := tool("joined", "glue", from("l", left, "out", ""), from("r", right, "out", ""))
	beside := tool("beside", "saw", text("config", "C=y\n"))
	if change != nil {
		change(map[string]*Node{"left": left, "right": right, "joined": joined, "beside": beside})
	}
	return []*Node{joined, beside}
}

// bench lays out the tools: each prints its version and its argument.
func bench(t *testing.T, dir string, versions map[string]string) *LocalHost {
	t.Helper()
	for _, name := range []string{"saw", "file", "glue"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		os.Remove(path)
		script := fmt.Sprintf("#!/bin/sh\n# version %s\necho %s $1\n", versions[name], name)
		if err := os.WriteFile(path, []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return &LocalHost{Digests: toolchain.LoadDigests(""), Look: func(name string) (string, error) {
		if path := filepath.Join(dir, name); fileExists(path) {
			return path, nil
		}
		return exec.LookPath(name)
	}}
}

func fileExists(path string) bool { _, err := os.Lstat(path); return err == nil }

// workshop is an engine with tools of its own.
func workshop(t *testing.T, cache string, host *LocalHost, jobs int) (*Engine, *counting) {
	t.Helper()
	e, ran := newEngine(t, cache)
	e.Host = host
	local := ran.Executor.(*Local)
	local.Host, e.Jobs = host, jobs
	return e, ran
}

func keysOf(t *testing.T, e *Engine, roots []*Node) string {
	t.Helper()
	plan, err := e.Plan(context.Background(), NewGraph(roots), roots)
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, p := range plan {
		if p.Action == nil {
			t.Fatalf("the key of %s is not known", p.ID)
		}
		keys = append(keys, p.ID+" "+p.Action.Digest.String())
	}
	return strings.Join(keys, "\n")
}

// Keys don't depend on who asks, from where, into which cache, by which path a tool is found, or on how many processors there
// are. What comes after the keys is in them: so they are taken from caches that have built everything.
func TestKeysAreTheSameForEverybody(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("HOME", "/home/one")
	build := func(name string, jobs int) string {
		e, ran := workshop(t, filepath.Join(dir, name, "cache"), bench(t, filepath.Join(dir, name, "tools"), nil), jobs)
		roots := station(nil)
		mustBuild(t, e, roots...)
		if got := ran.take(); got != "beside joined left right" {
			t.Errorf("ran %q", got)
		}
		return keysOf(t, e, roots)
	}
	first := build("one", 1)
	t.Setenv("HOME", "/home/two")
	t.Setenv("LANG", "de_DE.UTF-8")
	t.Setenv("TZ", "Asia/Kathmandu")
	t.Setenv("MAKEFLAGS", "-k")
	t.Setenv("CFLAGS", "-O3")
	t.Chdir(dir)
	if second := build("another place with a long name", 7); second != first {
		t.Errorf("the keys are\n%s, and elsewhere\n%s", first, second)
	}
}

// What changes reaches exactly the nodes that read it, and of those that read only what came out as before, none.
func TestWhatChangesReachesWhatReadsIt(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		name     string
		versions map[string]string
		change   func(map[string]*Node)
		want     string
	}{
		{"nothing", nil, nil, ""},
		{"positions, titles and origins", nil, func(n map[string]*Node) {
			for _, n := range n {
				n.Pos, n.Title, n.Origins = "other.star:9:9", "another title", []string{"here"}
			}
		}, ""},
		{"the order of inputs and tools", nil, func(n map[string]*Node) {
			in := n["joined"].Inputs
			in[0], in[1] = in[1], in[0]
			tools := n["joined"].Tools
			tools[0], tools[1] = tools[1], tools[0]
		}, ""},
		{"a symbol that changes nothing that comes out", nil, func(n map[string]*Node) { n["left"].Inputs[0].Data = []byte("A=n\n") }, "left"},
		{"a symbol that does", nil, func(n map[string]*Node) {
			n["left"].Inputs[0].Data = []byte("A=m\n")
			n["left"].Steps = append(n["left"].Steps, "cat config >> out")
		}, "joined left"},
		{"a tool of two nodes, with the same output", map[string]string{"saw": "2"}, nil, "beside left"},
		{"the last node's tool", map[string]string{"glue": "2"}, nil, "joined"},
		{"a setting", nil, func(n map[string]*Node) { n["right"].Env = []string{"X=1"} }, "right"},
	} {
		cache := filepath.Join(dir, c.name)
		e, _ := workshop(t, cache, bench(t, filepath.Join(dir, "tools"), nil), 1)
		mustBuild(t, e, station(nil)...)
		e, ran := workshop(t, cache, bench(t, filepath.Join(dir, "tools"), c.versions), 1)
		mustBuild(t, e, station(c.change)...)
		if got := ran.take(); got != c.want {
			t.Errorf("%s: ran %q, want %q", c.name, got, c.want)
		}
		e, ran = workshop(t, cache, bench(t, filepath.Join(dir, "tools"), nil), 1)
		mustBuild(t, e, station(nil)...)
		if got := ran.take(); got != "" {
			t.Errorf("%s: back again, it ran %q", c.name, got)
		}
	}
}
