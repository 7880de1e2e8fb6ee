package graphdraw

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

func sample() *Graph {
	return &Graph{
		Name: "distro.star",
		Nodes: []Node{
			{ID: "src", Title: "bb 1.0: fetch", Kind: Brought, Link: "https://example.org/a?b=1&c=2"},
			{ID: "bb", Title: "bb 1.0: compile", Place: "distro.star:1:6", Kind: Run, Names: []string{"bb"}},
			{ID: "check", Title: "bb 1.0: check", Kind: Own},
			{ID: "root", Title: "rootfs", Kind: Own, Names: []string{"root"}},
		},
		Edges: []Edge{{From: 0, To: 1}, {From: 0, To: 2}, {From: 0, To: 2, Weak: true}, {From: 1, To: 3}, {From: 0, To: 3}, {From: 1, To: 3}, {From: 2, To: 3, Weak: true}},
		Groups: []Group{
			{Title: "bb", Place: "distro.star:1:1", Nodes: []int{1}},
			{Title: "root", Nodes: []int{3, 2}},
		},
	}
}

func TestTree(t *testing.T) {
	for _, c := range []struct {
		ascii bool
		want  string
	}{{false, `bb  distro.star:1:1
└─ bb — bb 1.0: compile
   └─ src — bb 1.0: fetch

root
├─ root — rootfs
│  ├─ bb (above)
│  ├─ src (above)
│  └─ after check — bb 1.0: check
│     └─ src (above)
└─ check (above)
`}, {true, "bb  distro.star:1:1\n`- bb - bb 1.0: compile\n   `- src - bb 1.0: fetch\n\nroot\n|- root - rootfs\n|  |- bb (above)\n|  |- src (above)\n|  `- after check - bb 1.0: check\n|     `- src (above)\n`- check (above)\n"}} {
		var b strings.Builder
		if err := sample().Tree(&b, c.ascii); err != nil || b.String() != c.want {
			t.Errorf("ascii %v: %v\n%s\nwant\n%s", c.ascii, err, b.String(), c.want)
		}
	}
}

// hostile is names that mean something in the languages that are written.
func hostile() *Graph {
	g := sample()
	g.Name = "a\"b\\ </svg><script>alert(1)</script>"
	g.Nodes[1].ID = `b"b\N\`
	g.Nodes[1].Title = "ü <&>\"'\x00\x1b\xff: \\n]; ]]> ${x}"
	g.Nodes[1].Names = []string{`"`, `\`}
	return g
}

func TestDOTIsReadByGraphviz(t *testing.T) {
	dot, err := exec.LookPath("dot")
	if err != nil {
		t.Skip("there is no dot (graphviz) here")
	}
	for _, g := range []*Graph{sample(), hostile(), {}} {
		var b strings.Builder
		if err := g.DOT(&b); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(dot, "-Tplain")
		cmd.Stdin = strings.NewReader(b.String())
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s\n%s", err, out, b.String())
		}
		if strings.Count(string(out), "\nnode ") != len(g.Nodes) || strings.Count(string(out), "\nedge ") != len(g.edges()) ||
			strings.Contains(string(out), "arning") {
			t.Errorf("dot drew\n%s\nof\n%s", out, b.String())
		}
	}
}

func TestDOTQuotes(t *testing.T) {
	if got, want := dotText("a\"b\\N\nc\x00\xff"), `"a\"b\\N\nc`+"\uFFFD"+`"`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// A picture is well-formed whatever the names are, shows each node, and asks for nothing from elsewhere.
func TestSVGIsWellFormed(t *testing.T) {
	for _, g := range []*Graph{sample(), hostile(), {}} {
		var b strings.Builder
		if err := g.SVG(&b); err != nil {
			t.Fatal(err)
		}
		d := xml.NewDecoder(strings.NewReader(b.String()))
		boxes, links := 0, 0
		for {
			token, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%v in\n%s", err, b.String())
			}
			start, ok := token.(xml.StartElement)
			if !ok {
				continue
			}
			if !slices.Contains([]string{"svg", "style", "rect", "path", "text", "title", "g", "a"}, start.Name.Local) {
				t.Errorf("an element %s", start.Name.Local)
			}
			for _, a := range start.Attr {
				if a.Name.Local == "class" && strings.HasPrefix(a.Value, "node ") {
					boxes++
				}
				if a.Name.Local == "href" {
					links++
				}
				if a.Name.Local == "src" || strings.HasPrefix(a.Name.Local, "on") {
					t.Errorf("an attribute %s", a.Name.Local)
				}
			}
		}
		if want := min(len(g.Nodes), 1); boxes != len(g.Nodes) || links != want {
			t.Errorf("%d boxes of %d, %d links of %d", boxes, len(g.Nodes), links, want)
		}
		if strings.Contains(style, "url(") || strings.Contains(style, "@import") {
			t.Error("the style brings something from elsewhere")
		}
	}
}

func random(r *rand.Rand) *Graph {
	g := &Graph{}
	n := 1 + r.IntN(40)
	for i := range n {
		node := Node{ID: fmt.Sprint("n", i), Title: strings.Repeat("word ", r.IntN(9)) + strings.Repeat("x", r.IntN(60))}
		if r.IntN(3) == 0 {
			node.Names = []string{"a"}
		}
		g.Nodes = append(g.Nodes, node)
		for range r.IntN(4) {
			if i > 0 {
				g.Edges = append(g.Edges, Edge{From: r.IntN(i), To: i, Weak: r.IntN(4) == 0})
			}
		}
	}
	return g
}

const tries, seed = 300, 20261125

// What is needed stands on the left, nothing lies on anything else, and text fits its box.
func TestPictureIsInOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(seed, 0))
	for range tries {
		g := random(r)
		if err := g.SVG(io.Discard); err != nil {
			t.Fatal(err)
		}
		l := g.layout()
		for _, p := range l.all() {
			p.height = bendSize
			if p.node >= 0 {
				label := g.Nodes[p.node].label()
				p.width, p.height = label.size()
				for _, line := range label.lines() {
					if textWidth(line) > p.width-2*padding+0.01 {
						t.Fatalf("%q doesn't fit its box", line)
					}
				}
			}
		}
		width, height := l.place()
		for _, e := range l.edges {
			if a, b := l.nodes[e.From], l.nodes[e.To]; a.x+a.width >= b.x {
				t.Fatalf("seed %d: an edge leads from %v to %v", seed, a.x+a.width, b.x)
			}
		}
		for _, layer := range l.layers {
			for i, p := range layer {
				if p.y-p.height/2 < margin-0.01 || p.y+p.height/2 > height-margin+0.01 || p.x < margin || p.x+p.width > width-margin+0.01 {
					t.Fatalf("seed %d: %+v lies outside of %vx%v", seed, p, width, height)
				}
				if i > 0 && layer[i-1].y+layer[i-1].height/2 > p.y-p.height/2 {
					t.Fatalf("seed %d: two overlap", seed)
				}
			}
		}
	}
}

// What is left of the edges joins the same nodes as before, and each of them is needed for that.
func TestReducedEdgesJoinTheSame(t *testing.T) {
	r := rand.New(rand.NewPCG(seed, 1))
	strong := func(e Edge) bool { return !e.Weak }
	for range tries {
		g := random(r)
		all := g.edges()
		kept := reduced(len(g.Nodes), all)
		want := joins(len(g.Nodes), all, strong)
		if !slices.Equal(joins(len(g.Nodes), kept, strong), want) {
			t.Fatalf("seed %d: %v became %v", seed, all, kept)
		}
		for i, e := range kept {
			without := slices.Delete(slices.Clone(kept), i, i+1)
			if joins(len(g.Nodes), without, strong)[e.From*len(g.Nodes)+e.To] {
				t.Fatalf("seed %d: %v says nothing new", seed, e)
			}
		}
		for _, e := range all {
			if e.Weak && !want[e.From*len(g.Nodes)+e.To] && !slices.Contains(kept, e) {
				t.Fatalf("seed %d: %v is lost", seed, e)
			}
		}
	}
}

// joins is, for all pairs, whether a way leads from one to the other (Warshall).
func joins(n int, edges []Edge, along func(Edge) bool) []bool {
	m := make([]bool, n*n)
	for _, e := range edges {
		if along(e) {
			m[e.From*n+e.To] = true
		}
	}
	for k := range n {
		for i := range n {
			for j := range n {
				m[i*n+j] = m[i*n+j] || m[i*n+k] && m[k*n+j]
			}
		}
	}
	return m
}

func TestInversions(t *testing.T) {
	r := rand.New(rand.NewPCG(seed, 2))
	for range tries {
		list := make([]int, r.IntN(20))
		for i := range list {
			list[i] = r.IntN(8)
		}
		want := 0
		for i := range list {
			for j := range i {
				if list[j] > list[i] {
					want++
				}
			}
		}
		if got := inversions(list); got != want {
			t.Fatalf("%v: %d, want %d", list, got, want)
		}
	}
}

func TestLayersAreUncrossed(t *testing.T) {
	g := &Graph{Nodes: make([]Node, 8)}
	for i := range 4 {
		g.Edges = append(g.Edges, Edge{From: i, To: 7 - i})
	}
	l := g.layout()
	if n := l.crossings(); n != 0 {
		t.Errorf("%d edges cross that need not", n)
	}
}
