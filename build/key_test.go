package build

import (
	"testing"

	rex "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"google.golang.org/protobuf/proto"
)

func sample() (*Node, []located, []Property) {
	n := &Node{
		Name: "x", Title: "x", Pos: "a.star:1:1", Steps: []string{"cc -o out/a in/a.c"},
		Tools: []string{"cc"}, Env: []string{"B=2", "A=1"}, Outputs: []string{"out/b", "out/a"},
	}
	inputs := []located{
		{Input: Input{Path: "in/a.c"}, object: Object{Digest: digestBytes([]byte("int x;"))}},
		{Input: Input{Path: "src"}, object: Object{Digest: digestBytes([]byte("tree")), IsTree: true}},
	}
	return n, inputs, []Property{{"tool:cc", "1"}, {"tool:as", "2"}}
}

func keyOf(t *testing.T, n *Node, inputs []located, tools []Property) Digest {
	t.Helper()
	a, err := newAction(n, inputs, platform(tools))
	if err != nil {
		t.Fatal(err)
	}
	return a.Digest
}

func TestKeyLeavesOutWhatDoesNotMatter(t *testing.T) {
	n, inputs, tools := sample()
	want := keyOf(t, n, inputs, tools)
	n.Pos, n.Title, n.Name = "b.star:9:9", "y", "y"
	n.Env = []string{"A=1", "B=2"}
	n.Outputs = []string{"out/a", "out/b"}
	n.After = []*Node{{}}
	n.Origins = []string{"somewhere"}
	inputs[0], inputs[1] = inputs[1], inputs[0]
	tools[0], tools[1] = tools[1], tools[0]
	if got := keyOf(t, n, inputs, tools); got != want {
		t.Errorf("the key changed: %v, %v", want, got)
	}
}

func TestKeyHoldsWhatMatters(t *testing.T) {
	n, inputs, tools := sample()
	seen, sums := map[Digest]string{keyOf(t, n, inputs, tools): "the original"}, map[string]bool{}
	for name, change := range map[string]func(*Node, []located, []Property){
		"step":    func(n *Node, _ []located, _ []Property) { n.Steps[0] += " " },
		"env":     func(n *Node, _ []located, _ []Property) { n.Env[0] = "B=3" },
		"output":  func(n *Node, _ []located, _ []Property) { n.Outputs[0] = "out/c" },
		"recipe":  func(n *Node, _ []located, _ []Property) { n.Recipe++ },
		"path":    func(_ *Node, in []located, _ []Property) { in[0].Path = "in/b.c" },
		"content": func(_ *Node, in []located, _ []Property) { in[0].object.Digest = digestBytes([]byte("int y;")) },
		"x bit":   func(_ *Node, in []located, _ []Property) { in[0].object.Exec = true },
		"tree":    func(_ *Node, in []located, _ []Property) { in[1].object.Digest = digestBytes(nil) },
		"tool":    func(_ *Node, _ []located, tools []Property) { tools[1].Value = "3" },
	} {
		n, inputs, tools := sample()
		change(n, inputs, tools)
		key := keyOf(t, n, inputs, tools)
		if other, twice := seen[key]; twice {
			t.Errorf("a changed %s has the key of %s", name, other)
		}
		seen[key] = name
		// What stands for the key in notes differs where the key does.
		a, err := newAction(n, inputs, platform(tools))
		if err != nil || sums[a.sum] {
			t.Errorf("a changed %s has the sum of something else, %v", name, err)
		}
		sums[a.sum] = true
	}
}

func TestActionIsTheAPIs(t *testing.T) {
	n, inputs, tools := sample()
	a, err := newAction(n, inputs, platform(tools))
	if err != nil {
		t.Fatal(err)
	}
	var action rex.Action
	if err := proto.Unmarshal(a.messages()[a.Digest], &action); err != nil {
		t.Fatal(err)
	}
	var root, in rex.Directory
	if err := proto.Unmarshal(a.blobs[fromMessage(action.InputRootDigest)], &root); err != nil {
		t.Fatal(err)
	}
	if len(root.Directories) != 2 || root.Directories[0].Name != "in" || root.Directories[1].Name != "src" {
		t.Fatalf("the input root is %v", &root)
	}
	if err := proto.Unmarshal(a.blobs[fromMessage(root.Directories[0].Digest)], &in); err != nil {
		t.Fatal(err)
	}
	if len(in.Files) != 1 || in.Files[0].Name != "a.c" {
		t.Fatalf("the directory in is %v", &in)
	}
}

func TestInputsThatLeaveTheRootAreRefused(t *testing.T) {
	n, inputs, tools := sample()
	for _, p := range []string{"", ".", "..", "../x", "/x", "a/../b", "a//b", "in/a.c"} {
		bad := append(append([]located{}, inputs...), located{Input: Input{Path: p}})
		if _, err := newAction(n, bad, platform(tools)); err == nil {
			t.Errorf("an input at %q is taken", p)
		}
	}
}
