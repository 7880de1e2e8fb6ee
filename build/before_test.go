package build

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
)

// gated is a node with another one that looks, before it is run, at whether its work would be for nothing.
func gated(check string) (long, gate *Node) {
	long = shellNode("long", "echo > y", []string{"y"})
	gate = shellNode("gate", check, []string{"x"})
	gate.Before = []*Node{long}
	return long, gate
}

func TestWhatSaysSoComesFirst(t *testing.T) {
	for _, merged := range []bool{false, true} {
		e, ran := newEngine(t, t.TempDir())
		long, gate := gated("cat missing")
		roots := []*Node{long, gate}
		g := NewGraph(roots)
		if merged {
			g = Merge(roots)
			roots = []*Node{g.Node(long), g.Node(gate)}
		}
		if g.ID(g.Nodes[0]) != "gate" {
			t.Errorf("%s stands first", g.ID(g.Nodes[0]))
		}
		if _, err := e.NewRun(g).Build(context.Background(), roots); err == nil || !strings.Contains(err.Error(), "cat missing") {
			t.Errorf("got %v", err)
		}
		if got := ran.take(); got != "gate" {
			t.Errorf("ran %q", got)
		}
		if len(long.After) != 0 {
			t.Error("a node was changed")
		}
	}
}

// Who doesn't ask for the gate has nothing to do with it.
func TestAGateThatNobodyAsksForIsNoPartOfAGraph(t *testing.T) {
	long, _ := gated("cat missing")
	if g := NewGraph([]*Node{long}); len(g.Nodes) != 1 {
		t.Errorf("the graph has %d nodes", len(g.Nodes))
	}
	_, gate := gated("true > x")
	if g := NewGraph([]*Node{gate}); len(g.Nodes) != 1 {
		t.Errorf("the graph of the gate has %d nodes", len(g.Nodes))
	}
}

// One system of a matrix can't go on, and another one with the same work can.
func TestTheGateOfOneSetKeepsNoOtherWaiting(t *testing.T) {
	e, ran := newEngine(t, t.TempDir())
	long, bad := gated("cat missing")
	same, good := gated("echo > x")
	sets := [][]*Node{{long, bad}, {same, good}}
	_, errs := e.NewRun(Merge(sets...)).BuildEach(context.Background(), sets...)
	if errs[0] == nil || errs[1] != nil {
		t.Errorf("errors %v", errs)
	}
	if got := ran.take(); !strings.Contains(got, "long") {
		t.Errorf("ran %q", got)
	}
}

func TestAGateInJSONIsWhatItsNodesComeAfter(t *testing.T) {
	long, gate := gated("echo > x")
	b, err := json.Marshal(NewGraph([]*Node{long, gate}))
	if err != nil {
		t.Fatal(err)
	}
	var back *Graph
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	if last := back.Nodes[1]; last.Name != "long" || len(last.After) != 1 || last.After[0].Name != "gate" {
		t.Errorf("got %s", b)
	}
}
