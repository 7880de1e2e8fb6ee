package build

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"
)

// variant describes what a script under one arch and one init would: a compiler's work that only the arch decides, a
// root filesystem that only init decides, and an image of both. The work waits for a check of the root filesystem.
func variant(arch, init string) (image *Node) {
	source := shellNode("source", "echo int main > main.c", []string{"main.c"})
	root := shellNode("root", "cat init > root", []string{"root"}, text("init", init))
	compile := shellNode("compile", "cat main.c > kernel\necho "+arch+" >> kernel", []string{"kernel"}, from("main.c", source, "main.c", ""))
	compile.After = []*Node{root}
	return shellNode("image", "cat kernel root > image", []string{"image"},
		from("kernel", compile, "kernel", ""), from("root", root, "root", ""))
}

// matrix is the images of a 2×2 matrix, as four evaluations of a script would describe them: no node is shared yet.
func matrix(inits ...string) (sets [][]*Node) {
	for _, arch := range []string{"i386", "x86_64"} {
		for _, init := range inits {
			sets = append(sets, []*Node{variant(arch, init)})
		}
	}
	return sets
}

func TestAMatrixSharesWhatItsVariantsShare(t *testing.T) {
	e, ran := newEngine(t, t.TempDir())
	sets := matrix("shell", "full")
	g := Merge(sets...)
	if len(g.Nodes) != 1+2+2+4 {
		t.Errorf("the graph has %d nodes", len(g.Nodes))
	}
	var roots []*Node
	for _, set := range sets {
		roots = append(roots, g.Node(set[0]))
	}
	plan, err := e.Plan(context.Background(), g, roots)
	if err != nil {
		t.Fatal(err)
	}
	if len(plan) != 9 {
		t.Errorf("the plan has %d steps", len(plan))
	}

	run := e.NewRun(g)
	results, errs := run.BuildEach(context.Background(), sets...)
	for i, err := range errs {
		if err != nil {
			t.Fatalf("set %d: %v", i, err)
		}
	}
	if got := ran.take(); got != "compile compile-2 image image-2 image-3 image-4 root root-2 source" {
		t.Errorf("ran %s", got)
	}
	if total, built := run.Count(); total != 9 || built != 9 {
		t.Errorf("the run has %d nodes, and built %d", total, built)
	}
	for i, want := range []string{"int main\ni386\nshell", "int main\ni386\nfull", "int main\nx86_64\nshell", "int main\nx86_64\nfull"} {
		n := sets[i][0]
		if got := readOutput(t, e, results[n], &Artifact{Node: n, Output: "image"}); got != want {
			t.Errorf("image %d is %q", i, got)
		}
		if total, built := run.CountOf(sets[i]); total != 4 || built != 4 {
			t.Errorf("set %d has %d nodes, %d of them built", i, total, built)
		}
	}

	again := e.NewRun(Merge(sets...))
	if _, errs := again.BuildEach(context.Background(), sets...); errs[0] != nil {
		t.Fatal(errs[0])
	}
	if got := ran.take(); got != "" {
		t.Errorf("made again: %s", got)
	}
	if total, built := again.CountOf(sets[0]); total != 4 || built != 0 {
		t.Errorf("set 0 has %d nodes, %d of them built", total, built)
	}
}

// A matrix remembers of each target the same as a build of it alone.
func TestAMergedRunRemembersATargetAsIfItWereAlone(t *testing.T) {
	ctx := context.Background()
	e, _ := newEngine(t, t.TempDir())
	sets := matrix("shell", "full")
	run := e.NewRun(Merge(sets...))
	run.BuildEach(ctx, sets...)
	remembered(t, e, variant("x86_64", "full"))
	alone, err := e.Store.LastBuild("/s", "t", nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Remember(ctx, "/s", "u", nil, sets[3]); err != nil {
		t.Fatal(err)
	}
	merged, err := e.Store.LastBuild("/s", "u", nil)
	if err != nil {
		t.Fatal(err)
	}
	if alone == nil || len(merged.Nodes) != 4 || fmt.Sprint(alone.Nodes) != fmt.Sprint(merged.Nodes) {
		t.Errorf("alone:\n%v\nmerged:\n%v", alone, merged)
	}
}

func TestAFailureStopsOnlyWhatNeedsIt(t *testing.T) {
	e, ran := newEngine(t, t.TempDir())
	sets := matrix("bad", "good")
	for _, i := range []int{0, 2} {
		sets[i][0].Inputs[1].From.Node.Steps = []string{"cat nothing"} // one root filesystem, for both architectures
	}
	g := Merge(sets...)
	run := e.NewRun(g)
	results, errs := run.BuildEach(context.Background(), sets...)
	for i, fails := range []bool{true, false, true, false} {
		if (errs[i] != nil) != fails {
			t.Errorf("set %d: %v", i, errs[i])
		}
		if made := results[sets[i][0]] != nil; made == fails {
			t.Errorf("set %d: made is %v", i, made)
		}
	}
	// The compiler's work waits for a root filesystem; that the first one fails is no reason not to begin it.
	if got := ran.take(); got != "compile compile-2 image-2 image-4 root root-2 source" {
		t.Errorf("ran %s", got)
	}
	if !strings.Contains(errs[2].Error(), "cat nothing") {
		t.Error(errs[2])
	}
}

// When nothing can come of it, the work that waits is not begun.
func TestWhatNoSetCanUseIsNotMade(t *testing.T) {
	e, ran := newEngine(t, t.TempDir())
	sets := matrix("shell", "full")
	for _, set := range sets {
		root := set[0].Inputs[1].From.Node
		root.Steps = []string{"cat nothing", "cat " + string(root.Inputs[0].Data)}
	}
	run := e.NewRun(Merge(sets...))
	run.schedule.patience = time.Hour // what stands idle is no matter here, and on a busy machine the checks take long
	_, errs := run.BuildEach(context.Background(), sets...)
	for i, err := range errs {
		if err == nil {
			t.Errorf("set %d is made", i)
		}
	}
	if got := ran.take(); strings.Contains(got, "compile") {
		t.Errorf("ran %s", got)
	}
}

// All systems are planned before anything is made, so that what is in the cache is known when the first node asks which way is the
// longest, and a large matrix is not thousands of goroutines that ask for results.
func TestAMatrixIsPlannedBeforeAnythingIsMade(t *testing.T) {
	e, _ := newEngine(t, t.TempDir())
	cached := manyNodes(60)
	settle(t, e, cached)
	fresh := shellNode("fresh", "cat a > b", []string{"b"}, text("a", "x"))
	sets := [][]*Node{{fresh}, {cached[59]}}
	run := e.NewRun(Merge(sets...))
	unknown := -1
	e.Emit = func(ev Event) {
		if ev.Kind != Started {
			return
		}
		unknown = 0
		for _, n := range cached {
			if run.found(run.graph.Node(n)) == nil {
				unknown++
			}
		}
	}
	if _, errs := run.BuildEach(context.Background(), sets...); errs[0] != nil || errs[1] != nil {
		t.Fatal(errs)
	}
	if unknown != 0 {
		t.Errorf("%d results of the other system were not known when the first node was begun", unknown)
	}
	for i, want := range []int{1, 0} {
		if total, built := run.CountOf(sets[i]); built != want || total != []int{1, 60}[i] {
			t.Errorf("set %d: %d of %d were made", i, built, total)
		}
	}
}

func TestMergeKeepsApartWhatIsNotTheSame(t *testing.T) {
	base := func() *Node {
		n := shellNode("n", "cat a > b", []string{"b"}, text("a", "x"))
		n.Fetch = nil
		return n
	}
	for name, change := range map[string]func(*Node){
		"steps":     func(n *Node) { n.Steps = []string{"cat  a > b"} },
		"tools":     func(n *Node) { n.Tools = append(n.Tools, "sed") },
		"compilers": func(n *Node) { n.Compilers = []string{"cat"} },
		"libraries": func(n *Node) { n.Libraries = []Library{{Name: "elf"}} },
		"env":       func(n *Node) { n.Env = []string{"A=b"} },
		"outputs":   func(n *Node) { n.Outputs = append(n.Outputs, "c") },
		"recipe":    func(n *Node) { n.Recipe++ },
		"data":      func(n *Node) { n.Inputs[0].Data = []byte("y") },
		"exec":      func(n *Node) { n.Inputs[0].Exec = true },
		"path":      func(n *Node) { n.Inputs[0].Path = "c" },
		"host":      func(n *Node) { n.Inputs[0].Host = "/x" },
		"mode":      func(n *Node) { n.Inputs[0].Mode = Copied },
		"fetch":     func(n *Node) { n.Fetch = &Fetch{File: "b"} },
		"program":   func(n *Node) { n.Program = &Program{Name: "p", Licence: "MIT"} },
		"from":      func(n *Node) { n.Inputs[0] = from("a", base(), "b", "") },
	} {
		n := base()
		change(n)
		if g := Merge([]*Node{base()}, []*Node{n}); g.Node(n) == g.Nodes[0] {
			t.Errorf("%s doesn't matter", name)
		}
	}
	for name, change := range map[string]func(*Node){
		"title":   func(n *Node) { n.Title = "another" },
		"pos":     func(n *Node) { n.Pos = "t.star:9:9" },
		"label":   func(n *Node) { n.Inputs[0].Label = "/a" },
		"origins": func(n *Node) { n.Origins = []string{"t.star:9:9"} },
		"quirks":  func(n *Node) { n.Quirks = []Quirk{{Name: "q"}} },
		"causes":  func(n *Node) { n.Causes = []Cause{{"x", "y"}} },
		"after":   func(n *Node) { n.After = []*Node{shellNode("m", "cat a > b", []string{"b"})} },
	} {
		n := base()
		change(n)
		if g := Merge([]*Node{base()}, []*Node{n}); g.Node(n) != g.Node(base()) && len(g.Nodes) > 2 || g.Node(n) == n {
			t.Errorf("%s matters", name)
		}
	}
	subs := [2]*Node{}
	for i, sub := range []string{"p", "q"} {
		subs[i] = shellNode("n", "cat a > b", []string{"b"}, from("a", base(), "b", sub))
	}
	if g := Merge(subs[:1], subs[1:]); g.Node(subs[0]) == g.Node(subs[1]) {
		t.Error("which file of a tree it reads doesn't matter")
	}
}

// The nodes that a script made stay as they are: another run may use them.
func TestMergeChangesNoNode(t *testing.T) {
	sets := matrix("shell", "full")
	image := sets[3][0]
	compile := image.Inputs[0].From.Node
	Merge(sets...)
	if image.Inputs[0].From.Node != compile || len(compile.OrAfter) != 0 || len(compile.After) != 1 || compile.After[0] != image.Inputs[1].From.Node {
		t.Error("Merge changed a node")
	}
}
