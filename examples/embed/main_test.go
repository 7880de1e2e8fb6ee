package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mini/build"
	"mini/builtins"
)

func TestMain(m *testing.M) {
	if build.Child() {
		return
	}
	os.Exit(m.Run())
}

const built = `name = Acme
site.page:16:9: page built
site.page:17:7: page built
-- fruit.txt --
Fruit of Acme: 2 words
======================
apples
pears
-- all.txt --
All of Acme: 3 words
====================
pears
apples
leeks
`

// TestRun builds for real, and then again, when nothing is to do.
func TestRun(t *testing.T) {
	cache := filepath.Join(t.TempDir(), "cache")
	for _, want := range []string{built, strings.ReplaceAll(built, "built", "hit")} {
		var out bytes.Buffer
		if err := run(context.Background(), &out, []string{"name=Acme"}, false, cache); err != nil {
			t.Fatal(err)
		}
		if sorted(out.String()) != sorted(want) {
			t.Errorf("got\n%s\nwant\n%s", out.String(), want)
		}
	}
}

// sorted puts the two events, which come side by side, into one order.
func sorted(text string) string {
	lines := strings.Split(text, "\n")
	if len(lines) > 2 && lines[1] > lines[2] {
		lines[1], lines[2] = lines[2], lines[1]
	}
	return strings.Join(lines, "\n")
}

// TestFake is how a program tests what it does with a build that takes long.
func TestFake(t *testing.T) {
	ctx := context.Background()
	program, err := evaluate(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	store, err := build.OpenStore(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	graph := build.NewGraph(builtins.Roots(program))
	fake := build.NewFake(store, graph)
	fake.Make = func(n *build.Node, dir string) error {
		return os.WriteFile(filepath.Join(dir, "page"), []byte(strings.Join(n.Steps, "; ")+"\n"), 0o644)
	}
	var out bytes.Buffer
	if err := makeAll(ctx, &out, fake.Engine(), program, graph); err != nil {
		t.Fatal(err)
	}
	if want := "-- fruit.txt --\nsort in/pages/* > body; cat head body > page\n"; !strings.Contains(out.String(), want) {
		t.Errorf("got\n%s", out.String())
	}
}

func TestGraph(t *testing.T) {
	var out bytes.Buffer
	if err := run(context.Background(), &out, nil, true, ""); err != nil {
		t.Fatal(err)
	}
	var graph *build.Graph
	if err := json.Unmarshal(out.Bytes(), &graph); err != nil || len(graph.Nodes) != 2 {
		t.Errorf("%v: %s", err, out.String())
	}
}

// TestErrors: what is wrong comes back as an error with its place, and nothing is printed or ended.
func TestErrors(t *testing.T) {
	err := run(context.Background(), &bytes.Buffer{}, []string{"nam=x"}, false, "")
	if err == nil || !strings.HasPrefix(err.Error(), `site.page: unknown parameter "nam"`) {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := run(ctx, &bytes.Buffer{}, nil, false, ""); err == nil || !strings.Contains(err.Error(), "context canceled") {
		t.Errorf("got %v", err)
	}
}
