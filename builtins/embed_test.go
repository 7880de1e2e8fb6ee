package builtins_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io/fs"
	"slices"
	"testing"
	"testing/fstest"

	"mini/build"
	"mini/builtins"
	"mini/lang"
	"mini/stdlib"
)

// whole is a script with everything that mini builds, and with dicts and sets, whose order must not come from chance.
const whole = `
load("@mini//linux.star", "ext4", "net")
wanted = {"VIRTIO_" + name: True for name in ["NET", "BLK", "PCI", "CONSOLE"]}
names = set(["b", "a", "c"])
bb = busybox("1.35.0", config = {"DESKTOP": False, "FEATURE_" + "SUN_LABEL": None})
root = rootfs([bb, {"/etc/%s" % n: "x" for n in names}, {"/init": "#!/bin/sh\n"}], libs = elf_deps(bb))
linux = kernel("6.1", initramfs = root, config = [net, ext4, wanted])
vm = qemu(linux)
`

func evaluateWhole(t *testing.T) *build.Graph {
	t.Helper()
	session := builtins.New(builtins.Options{
		Host: "x86_64",
		Pin: func(w builtins.Wanted) (builtins.Pin, bool) {
			file := w.Name + "-" + w.Version + ".tar.xz"
			sum, size := build.FakeSource(file)
			return builtins.Pin{Name: w.Name, Version: w.Version, File: file, SHA256: sum, Size: size}, true
		},
	})
	program, err := lang.Run(context.Background(), "main.star", nil, lang.Options{
		FS: fstest.MapFS{"main.star": {Data: []byte(whole)}}, Builtins: session.Table(), Modules: map[string]fs.FS{"mini": stdlib.FS},
	})
	if err != nil {
		t.Fatal(err)
	}
	return build.NewGraph(builtins.Roots(program))
}

// TestEvaluationIsDeterministic: the same script gives the same graph to the byte, also through JSON.
func TestEvaluationIsDeterministic(t *testing.T) {
	var first []byte
	for range 10 {
		graph := evaluateWhole(t)
		text, err := json.Marshal(graph)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = text
		}
		if !bytes.Equal(text, first) {
			t.Fatalf("%s\n\n%s", first, text)
		}
		var read *build.Graph
		if err := json.Unmarshal(text, &read); err != nil {
			t.Fatal(err)
		}
		if again, err := json.Marshal(read); err != nil || !bytes.Equal(again, first) {
			t.Fatalf("read and written again: %v\n%s", err, again)
		}
	}
}

// TestFakeBuildsEverything: a program's tests can build a whole system, and all of it once.
func TestFakeBuildsEverything(t *testing.T) {
	store, err := build.OpenStore(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	graph := evaluateWhole(t)
	roots := graph.Nodes[len(graph.Nodes)-1:]
	fake := build.NewFake(store, graph)
	if _, err := fake.Engine().NewRun(graph).Build(context.Background(), roots); err != nil {
		t.Fatal(err)
	}
	ran := fake.Ran()
	for _, id := range []string{"busybox", "linux.compile", "rootfs", "linux.embed"} {
		if !slices.Contains(ran, id) {
			t.Errorf("%s was not made; made were %q", id, ran)
		}
	}
	slices.Sort(ran)
	if n := len(slices.Compact(slices.Clone(ran))); n != len(ran) {
		t.Errorf("something was made twice: %q", ran)
	}
	again := build.NewFake(store, graph)
	if _, err := again.Engine().NewRun(graph).Build(context.Background(), roots); err != nil || len(again.Ran()) > 0 {
		t.Errorf("the second time: %v, made %q", err, again.Ran())
	}
}
