package build

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// full is a node with everything that a node can have, so that a field which JSON forgets is found.
func full() *Graph {
	src := &Node{Name: "src", Title: "src: fetch", Pos: "a.star:1:1", Outputs: []string{"src.tar"},
		Fetch: &Fetch{File: "src.tar", SHA256: strings.Repeat("0", 64), Size: 7, Unresolved: "u", Name: "n", Version: "1", From: "upstream", URLs: []string{"https://example.org"}}}
	check := &Node{Name: "same", Title: "check", Pos: "a.star:2:1", Steps: []string{"true"}, Outputs: []string{"ok"}}
	n := &Node{
		Name: "same", Title: "all", Pos: "a.star:3:1",
		Inputs: []Input{
			{Path: "src", From: &Artifact{src, "src.tar", ""}, Mode: Overlaid},
			{Path: "sub", From: &Artifact{check, "ok", "a/b"}, Mode: Copied},
			{Path: "text", Label: "/etc/motd", Data: []byte("hü <&>\n"), Exec: true},
			{Path: "empty", Data: []byte{}},
			{Path: "data", Data: []byte{0xff, 0}},
			{Path: "host", Host: "/etc/passwd", SHA256: "x"},
		},
		Steps: []string{"echo \"<\""}, Tools: []string{"echo"}, Compilers: []string{"cc"},
		Libraries: []Library{{Name: "elf", Headers: []string{"libelf.h"}, Optional: true}},
		Env:       []string{"A=1"}, Outputs: []string{"out"}, Remark: "out", HostFiles: "out", Recipe: 3,
		After: []*Node{check}, OrAfter: [][]*Node{{src}, {check, src}}, Origins: []string{"a.star:4:1"},
		Quirks:  []Quirk{{Name: "q", Remedy: "A=n", Why: "b", See: "c"}},
		Causes:  []Cause{{Shows: "^x", Says: "y"}},
		Program: &Program{Name: "p", Version: "1", Licence: "MIT"},
	}
	return NewGraph([]*Node{n})
}

func TestGraphJSON(t *testing.T) {
	g := full()
	v := reflect.ValueOf(*g.Nodes[len(g.Nodes)-1])
	for i := range v.NumField() {
		// Before is the After of other nodes there.
		if name := v.Type().Field(i).Name; name != "Fetch" && name != "Before" && v.Field(i).IsZero() {
			t.Errorf("the test's node has no %s", v.Type().Field(i).Name)
		}
	}
	b, err := json.Marshal(g)
	if err != nil {
		t.Fatal(err)
	}
	var back *Graph
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	if len(back.Nodes) != len(g.Nodes) {
		t.Fatalf("%d nodes became %d", len(g.Nodes), len(back.Nodes))
	}
	for i, n := range g.Nodes {
		if !reflect.DeepEqual(n, back.Nodes[i]) || g.ID(n) != back.ID(back.Nodes[i]) {
			t.Errorf("%s:\n%+v\nbecame\n%+v", g.ID(n), n, back.Nodes[i])
		}
	}
	if again, err := json.Marshal(back); err != nil || !bytes.Equal(b, again) {
		t.Errorf("a second time: %v\n%s", err, again)
	}
}

func TestBadGraphJSON(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{`{"nodes":[{"id":"a","after":["b"]},{"id":"b"}]}`, `there is no node "b" before the one that needs it`},
		{`{"nodes":[{"id":"a","or_after":[["b"]]}]}`, `there is no node "b"`},
		{`{"nodes":[{"id":"a","inputs":[{"path":"p","from":{"node":"a"}}]}]}`, `node a: input p: there is no node "a"`},
		{`{"nodes":[{"id":"a","inputs":[{"path":"p","mode":"x"}]}]}`, `there is no mode "x"`},
		{`{"nodes":[{"id":"a"},{"id":"a"}]}`, `the id "a" of a node is not its own`},
		{`{"nodes":[{}]}`, `the id "" of a node is not its own`},
		{`{"nodes":1}`, "cannot unmarshal number"},
	} {
		var g Graph
		if err := json.Unmarshal([]byte(test.text), &g); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %s", test.text, err, test.want)
		}
	}
}
