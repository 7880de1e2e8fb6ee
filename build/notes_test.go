package build

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// noting is an engine, and a graph that is large enough for its plans to be noted, of which everything is in the cache.
type noting struct {
	*Engine
	t     *testing.T
	reads int // files of the cache that were read
}

func newNoting(t *testing.T) *noting {
	t.Helper()
	e, _ := newEngine(t, t.TempDir())
	x := &noting{Engine: e, t: t}
	e.Store.disk = &faulty{disk: osDisk{}, before: func(op, _ string) error {
		if op == "read" {
			x.reads++
		}
		return nil
	}}
	e.notesFrom = notedNodes
	settle(t, e, manyNodes(notedNodes))
	return x
}

const notedNodes = 60

// plan plans the graph and returns it, and one line for each node: what it is, under which key, and what it made.
func (x *noting) plan(change func([]*Node)) ([]*Planned, []string) {
	x.t.Helper()
	nodes := manyNodes(notedNodes)
	if change != nil {
		change(nodes)
	}
	roots := nodes[notedNodes-1:]
	plan, err := x.Plan(context.Background(), NewGraph(roots), roots)
	if err != nil {
		x.t.Fatal(err)
	}
	var lines []string
	for _, p := range plan {
		line := fmt.Sprintf("%s: %s", p.ID, p.Status)
		if p.Action != nil {
			line += fmt.Sprint(" ", p.Action.Digest)
		}
		lines = append(lines, line+fmt.Sprint(" ", p.Outputs()))
	}
	return plan, lines
}

// agree plans with the notes that there are and without any, and fails unless it comes to the same. It returns how many nodes
// are hits.
func (x *noting) agree(what string, change func([]*Node)) (hits int) {
	x.t.Helper()
	_, noted := x.plan(change)
	if err := os.RemoveAll(filepath.Join(x.Store.Dir(), "plans")); err != nil {
		x.t.Fatal(err)
	}
	plan, want := x.plan(change)
	for i := range want {
		if noted[i] != want[i] {
			x.t.Fatalf("%s: with notes\n%s\nand without\n%s", what, noted[i], want[i])
		}
	}
	for _, p := range plan {
		if p.Status == StatusHit {
			hits++
		}
	}
	return hits
}

// What was noted spares a plan nearly all reading, and changes nothing of it. Read are the notes, and the stamp of what was asked for.
func TestANotedGraphIsPlannedWithoutReading(t *testing.T) {
	x := newNoting(t)
	x.plan(nil)
	first := x.reads
	x.reads = 0
	if x.plan(nil); x.reads > 2 || first < notedNodes {
		t.Errorf("%d files were read, and %d at first", x.reads, first)
	}
	if hits := x.agree("nothing changed", nil); hits != notedNodes {
		t.Errorf("%d hits", hits)
	}
}

func TestNotesHoldOnlyForWhatIsTheSame(t *testing.T) {
	x := newNoting(t)
	x.plan(nil)
	for what, change := range map[string]func(*Node){
		"a step":       func(n *Node) { n.Steps[1] = "make all" },
		"a setting":    func(n *Node) { n.Env = []string{"A=2"} },
		"an output":    func(n *Node) { n.Outputs = append(n.Outputs, "more") },
		"a recipe":     func(n *Node) { n.Recipe++ },
		"a text":       func(n *Node) { n.Inputs[0].Data = []byte("another") },
		"a mode":       func(n *Node) { n.Inputs[0].Exec = true },
		"a path":       func(n *Node) { n.Inputs[0].Path = "elsewhere" },
		"another file": func(n *Node) { n.Inputs[1].From.Sub = "bin/file8" },
	} {
		hits := x.agree(what, func(nodes []*Node) { change(nodes[30]) })
		if hits != 30 {
			t.Errorf("%s of a node is another: %d nodes before it, and %d hits", what, 30, hits)
		}
		x.plan(nil)
	}
	x.Host = bareHost{"2"}
	if hits := x.agree("another tool", nil); hits != 0 {
		t.Errorf("%d hits with another tool", hits)
	}
}

// What the notes say of a result counts only while the store has it.
func TestNotesAreHeldAgainstTheStore(t *testing.T) {
	x := newNoting(t)
	said := listen(x.Store)
	plan, _ := x.plan(nil)
	path := func(i int) string { return x.Store.path(results, plan[i].Action.Digest.Hash) }
	keep := func(i int) (restore func()) {
		b, err := os.ReadFile(path(i))
		if err != nil {
			t.Fatal(err)
		}
		return func() {
			if err := os.WriteFile(path(i), b, 0o444); err != nil {
				t.Fatal(err)
			}
			x.plan(nil)
		}
	}

	restore := keep(30)
	if err := os.Remove(path(30)); err != nil {
		t.Fatal(err)
	}
	if hits := x.agree("a result is gone", nil); hits != 30 {
		t.Errorf("%d hits", hits)
	}
	restore()

	restore = keep(30)
	flip(t, path(30), 8*200)
	_, lines := x.plan(nil)
	if s := said.take(); len(s) != 1 || !strings.Contains(s[0], "damaged result") || !strings.HasPrefix(lines[30], "n-31: build") {
		t.Errorf("a result is damaged: it says %q, and %s", s, lines[30])
	}
	restore()

	// Made again, and it came out different: what reads from it has another key.
	restore = keep(30)
	b, err := x.Store.Result(context.Background(), plan[30].Action.Digest)
	if err != nil {
		t.Fatal(err)
	}
	object, listing := madeTree(7)
	b.OutputDirectories[0].RootDirectoryDigest, b.OutputDirectories[0].TreeDigest = object.Digest.message(), object.Tree.message()
	if err := x.Store.PutBytes(context.Background(), object.Tree, listing); err != nil {
		t.Fatal(err)
	}
	if err := x.Store.PutResult(context.Background(), plan[30].Action.Digest, b); err != nil {
		t.Fatal(err)
	}
	if hits := x.agree("a result is another", nil); hits != 31 {
		t.Errorf("%d hits", hits)
	}
	restore()

	if err := os.RemoveAll(x.Store.TreePath(plan[notedNodes-1].result.Outputs["out"].Digest)); err != nil {
		t.Fatal(err)
	}
	if hits := x.agree("what is asked for is gone", nil); hits != notedNodes-1 {
		t.Errorf("%d hits", hits)
	}
}

// A result that was not used for long is about to be removed by gc, unless its use is noted.
func TestANotedResultIsUsed(t *testing.T) {
	x := newNoting(t)
	plan, _ := x.plan(nil)
	p := x.Store.path(results, plan[30].Action.Digest.Hash)
	old := time.Now().Add(-100 * time.Hour)
	if err := os.Chtimes(p, old, old); err != nil {
		t.Fatal(err)
	}
	x.plan(nil) // reads it, since it changed, and notes it as it is
	if err := os.Chtimes(p, old, old); err != nil {
		t.Fatal(err)
	}
	g := NewGraph([]*Node{plan[notedNodes-1].Node})
	noted := x.Store.readNotes(g)
	st, err := stampFile(p)
	if err != nil {
		t.Fatal(err)
	}
	noted.results[plan[30].Action.sum].stamp = string(st.sum[:]) // as if it had been noted a hundred hours ago
	for _, n := range noted.results {
		n.used = true
	}
	noted.news = true
	x.Store.writeNotes(g, noted)
	x.plan(nil)
	if info, err := os.Stat(p); err != nil || time.Since(info.ModTime()) > time.Hour {
		t.Errorf("its last use is %v, %v", info.ModTime(), err)
	}
}

func TestDamagedNotesCountAsNone(t *testing.T) {
	x := newNoting(t)
	plan, want := x.plan(nil)
	g := NewGraph([]*Node{plan[notedNodes-1].Node})
	path := x.Store.notesPath(g)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	body, ok := unsealed(notesMagic, filepath.Base(path), whole)
	if !ok {
		t.Fatal("they are not whole")
	}
	again, ok := decodeNotes(string(body))
	if !ok || !slices.Equal(again.encode(), body) {
		t.Error("read and written they are others")
	}
	for n := 0; n < len(body); n += 1 + n/7 {
		if _, ok := decodeNotes(string(body[:n])); ok {
			t.Errorf("the first %d bytes are taken for whole", n)
		}
		bad := slices.Clone(body)
		bad[n] ^= 0x80
		decodeNotes(string(bad)) // and comes to an end
	}
	flip(t, path, int64(len(whole))*4)
	x.reads = 0
	if _, got := x.plan(nil); !slices.Equal(got, want) || x.reads < notedNodes {
		t.Errorf("damaged notes were believed: %d files read", x.reads)
	}
	x.reads = 0
	if x.plan(nil); x.reads > 2 {
		t.Error("they were not made anew")
	}
}

// Two variants of a script share their notes, and what comes and goes does not pile up.
func TestNotesOfVariants(t *testing.T) {
	x := newNoting(t)
	variant := func(i int) func([]*Node) {
		return func(nodes []*Node) {
			for _, n := range nodes {
				n.Env = []string{fmt.Sprint("A=", i)}
			}
		}
	}
	nodes := manyNodes(notedNodes)
	variant(2)(nodes)
	settle(t, x.Engine, nodes)
	x.plan(variant(1))
	x.plan(variant(2))
	for i := range 4 {
		x.reads = 0
		if x.plan(variant(1 + i%2)); x.reads > 2 {
			t.Errorf("%d files were read of a variant that is noted", x.reads)
		}
	}
	nodes = manyNodes(notedNodes)
	variant(3)(nodes)
	settle(t, x.Engine, nodes)
	plan, _ := x.plan(variant(3))
	if n := len(x.Store.readNotes(NewGraph([]*Node{plan[notedNodes-1].Node})).results); n > 2*notedNodes {
		t.Errorf("notes of %d nodes are kept for a graph of %d", n, notedNodes)
	}
}

func TestASmallGraphIsNotNoted(t *testing.T) {
	e, _ := newEngine(t, t.TempDir())
	e.notesFrom = notedNodes
	nodes := manyNodes(notedNodes - 1)
	settle(t, e, nodes)
	roots := nodes[len(nodes)-1:]
	if _, err := e.Plan(context.Background(), NewGraph(roots), roots); err != nil {
		t.Fatal(err)
	}
	if isThere(filepath.Join(e.Store.Dir(), "plans")) {
		t.Error("its notes were kept")
	}
}
