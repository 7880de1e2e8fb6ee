package builtins_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing/fstest"

	"mini/build"
	"mini/builtins"
	"mini/lang"

	"go.starlark.net/starlark"
)

// own is three builtins of a program that embeds mini: one makes a value, one reads a file beside the script, one
// describes something to build.
func own() []*lang.Builtin {
	return []*lang.Builtin{
		{
			Name: "shout", Doc: "A text in capitals.",
			Params: []lang.Param{{Name: "text", Type: lang.StringType}},
			Do: func(c *lang.Call) (starlark.Value, error) {
				return starlark.String(strings.ToUpper(c.Str("text"))), nil
			},
		},
		{
			Name: "lines", Doc: "The lines of a file beside the script.",
			Params: []lang.Param{{Name: "file", Type: lang.StringType}},
			Do: func(c *lang.Call) (starlark.Value, error) {
				text, err := c.ReadFile(c.Str("file"))
				if err != nil {
					return nil, err
				}
				lines := starlark.NewList(nil)
				for line := range strings.Lines(string(text)) {
					_ = lines.Append(starlark.String(strings.TrimSpace(line))) // it is ours, and not frozen
				}
				return lines, nil
			},
		},
		{
			Name: "note", Doc: "A file with a text, as a build makes it.", Returns: "a file",
			Params: []lang.Param{{Name: "text", Type: lang.StringType}},
			Do: func(c *lang.Call) (starlark.Value, error) {
				n := &build.Node{
					Name: "note", Title: "write a note", Pos: c.Pos.String(),
					Inputs: []build.Input{{Path: "text", Data: []byte(c.Str("text") + "\n")}},
					Steps:  []string{"cp text note"}, Tools: []string{"cp"}, Outputs: []string{"note"},
				}
				return builtins.NewFile("note", ".txt", &build.Artifact{Node: n, Output: "note"}), nil
			},
		},
	}
}

// evaluateFS evaluates a script out of a file system with mini's builtins and the program's own.
func evaluateFS(params map[string]string) (*lang.Program, error) {
	session := builtins.New(builtins.Options{
		Host: "x86_64",
		Pin: func(w builtins.Wanted) (builtins.Pin, bool) {
			file := w.Name + "-" + w.Version + ".tar.xz"
			sha256, size := build.FakeSource(file)
			return builtins.Pin{Name: w.Name, Version: w.Version, File: file, SHA256: sha256, Size: size, From: "upstream"}, true
		},
	})
	return lang.Run(context.Background(), "site/main.star", nil, lang.Options{
		FS: fstest.MapFS{
			"site/main.star": {Data: []byte(`
load("//lib/names.star", "title")
who = param("who", "world", doc = "whom to greet")
hello = note(shout(title(who)))
root = rootfs({"/etc/motd": hello, "/init": file("init", mode = 0o755), "/etc/hosts": "\n".join(lines("hosts"))})
`)},
			"site/init":      {Data: []byte("#!/bin/sh\n")},
			"site/hosts":     {Data: []byte("a\nb\n")},
			"lib/names.star": {Data: []byte("def title(name: str) -> str:\n    return \"hello, \" + name\n")},
		},
		Builtins: append(session.Table(), own()...),
		Types:    builtins.Types(),
		Params:   params,
	})
}

// A program adds builtins of its own, evaluates a script that lies in no directory, and reads what it declares.
func Example_embed() {
	program, err := evaluateFS(map[string]string{"who": "puppy"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range program.Params {
		fmt.Printf("%s: param %s = %s, %s\n", p.Pos, p.Name, p.Value, p.Doc)
	}
	for _, t := range program.Targets {
		fmt.Printf("%s: %s is a %s\n", t.Pos, t.Name, t.Value.Type())
	}

	_, err = evaluateFS(map[string]string{"whom": "puppy"})
	fmt.Println(err)
	// Output:
	// site/main.star:3:7: param who = "puppy", whom to greet
	// site/main.star:3:1: who is a string
	// site/main.star:4:1: hello is a file
	// site/main.star:5:1: root is a rootfs
	// site/main.star: unknown parameter "whom"
	// did you mean "who"? the script has: who
}

// The graph is plain data: it can be walked, written as JSON, and read again.
func Example_graph() {
	program, err := evaluateFS(nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	graph := build.NewGraph(builtins.Roots(program, "root"))
	text, err := json.Marshal(graph)
	if err != nil {
		fmt.Println(err)
		return
	}
	var read *build.Graph
	if err := json.Unmarshal(text, &read); err != nil {
		fmt.Println(err)
		return
	}
	for _, n := range read.Nodes {
		fmt.Printf("%s: %q\n", read.ID(n), n.Steps)
		for _, in := range n.Inputs {
			if in.From != nil {
				fmt.Printf("  %s is %s of %s\n", in.Path, in.From.Output, read.ID(in.From.Node))
			}
		}
	}
	again, _ := json.Marshal(read)
	fmt.Println("the same bytes again:", bytes.Equal(text, again))
	// Output:
	// note: ["cp text note"]
	// rootfs: ["mini step rootfs rootfs.spec root.list content"]
	//   in/1 is note of note
	// initramfs: ["mini step cpio --compress gzip --init /init root.list content initramfs.cpio.gz"]
	//   root.list is root.list of rootfs
	//   content is content of rootfs
	// the same bytes again: true
}

// A program's tests build without a compiler, a sandbox or a network, and see what a user would see.
func Example_fake() {
	program, err := evaluateFS(nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	roots := builtins.Roots(program, "hello")
	graph := build.NewGraph(roots)
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	for range 2 {
		store, err := build.OpenStore(dir)
		if err != nil {
			fmt.Println(err)
			return
		}
		fake := build.NewFake(store, graph)
		engine := fake.Engine()
		engine.Emit = func(e build.Event) {
			if e.Node != "" {
				fmt.Println(e.Pos, e.Kind, e.Title)
			}
		}
		results, err := engine.NewRun(graph).Build(context.Background(), roots)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(len(results), "made, ran:", fake.Ran())
		if err := store.Close(); err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// site/main.star:4:9 started write a note
	// site/main.star:4:9 built write a note
	// 1 made, ran: [note]
	// site/main.star:4:9 hit write a note
	// 1 made, ran: []
}
