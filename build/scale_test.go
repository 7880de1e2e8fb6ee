package build

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sort"
	"testing"
	"time"

	"mini/internal/toolchain"

	rex "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"golang.org/x/sys/unix"
)

// manyNodes is a graph as large scripts have them: packages that are unpacked, configured and built, each of which
// reads a file of the trees of two others. Every tenth node lists a tree of 400 files, as an installed BusyBox is.
func manyNodes(n int) []*Node { return nodesWith(n, []string{"sh", "make"}, nil) }

func nodesWith(n int, tools, compilers []string) []*Node {
	nodes := make([]*Node, 0, n)
	for i := range n {
		node := &Node{
			Name: "n", Title: fmt.Sprintf("node %d", i), Pos: fmt.Sprintf("t.star:%d:1", i+1), Env: []string{"A=1"},
			Steps: []string{fmt.Sprintf("make -C src target%d", i), "make install"}, Tools: tools, Compilers: compilers,
			Outputs: []string{"out"}, Inputs: []Input{{Path: "request", Data: fmt.Appendf(nil, "request %d\n", i)}},
		}
		if i > 0 {
			node.Inputs = append(node.Inputs, from("in/last", nodes[i-1], "out", "bin/file7"), from("in/tree", nodes[i/2], "out", ""))
		}
		nodes = append(nodes, node)
	}
	return nodes
}

// settle publishes a result for every node without running anything, as actions that made it would have.
func settle(tb testing.TB, e *Engine, nodes []*Node) {
	tb.Helper()
	ctx := context.Background()
	put := func(path string, b []byte) {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(path, b, 0o444); err != nil {
			tb.Fatal(err)
		}
	}
	known := map[*Node]*Result{}
	for i, n := range nodes {
		inputs, err := e.locateAll(ctx, n, known, e.find)
		if err != nil {
			tb.Fatal(err)
		}
		id, err := e.Host.Identity(ctx, n)
		if err != nil {
			tb.Fatal(err)
		}
		a, err := newAction(n, inputs, id.platform())
		if err != nil {
			tb.Fatal(err)
		}
		object, listing := madeTree(i)
		made := &rex.ActionResult{OutputDirectories: []*rex.OutputDirectory{{
			Path: "out", TreeDigest: object.Tree.message(), RootDirectoryDigest: object.Digest.message()}}}
		_, b := digestMessage(made)
		put(e.Store.BlobPath(object.Tree), listing)
		put(e.Store.path(results, a.Digest.Hash), sealed(resultMagic, a.Digest.Hash, b))
		if err := os.MkdirAll(e.Store.TreePath(object.Digest), 0o755); err != nil {
			tb.Fatal(err)
		}
		known[n] = newResult(a, made)
	}
}

// madeTree is the listing of a tree that node i could have made.
func madeTree(i int) (Object, []byte) {
	files := 10
	if i%10 == 0 {
		files = 400
	}
	bin := &rex.Directory{}
	for f := range files {
		d := digestBytes(fmt.Appendf(nil, "file %d of %d", f, i))
		bin.Files = append(bin.Files, &rex.FileNode{Name: fmt.Sprintf("file%d", f), Digest: d.message(), IsExecutable: true})
	}
	sortDirectory(bin)
	binDigest, _ := digestMessage(bin)
	root := &rex.Directory{Directories: []*rex.DirectoryNode{{Name: "bin", Digest: binDigest.message()}}}
	rootDigest, _ := digestMessage(root)
	tree, b := digestMessage(&rex.Tree{Root: root, Children: []*rex.Directory{bin}})
	return Object{Digest: rootDigest, IsTree: true, Tree: tree}, b
}

// sortDirectory puts a Directory into the API's canonical order: each list sorted by name.
func sortDirectory(d *rex.Directory) {
	sort.Slice(d.Files, func(i, j int) bool { return d.Files[i].Name < d.Files[j].Name })
	sort.Slice(d.Directories, func(i, j int) bool { return d.Directories[i].Name < d.Directories[j].Name })
	sort.Slice(d.Symlinks, func(i, j int) bool { return d.Symlinks[i].Name < d.Symlinks[j].Name })
}

func TestManyCachedNodesArePlannedAndNotBuilt(t *testing.T) {
	e, ran := newEngine(t, t.TempDir())
	nodes := manyNodes(300)
	settle(t, e, nodes)
	roots := []*Node{nodes[299], nodes[150]}
	again := manyNodes(300)
	plan, err := e.Plan(context.Background(), NewGraph(again[299:]), again[299:])
	if err != nil || len(plan) != 300 {
		t.Fatalf("%d nodes planned, %v", len(plan), err)
	}
	for _, p := range plan {
		if p.Status != StatusHit {
			t.Fatalf("%s is %s", p.Node.Title, p.Status)
		}
	}
	mustBuild(t, e, roots...)
	if got := ran.take(); got != "" {
		t.Errorf("ran %q", got)
	}
}

// buildTools are tools as nodes have them that compile: with the compiler's parts they are more than a hundred properties.
var buildTools = []string{
	"ar", "as", "awk", "basename", "bzip2", "cat", "chmod", "cmp", "cp", "cut", "date", "dd", "diff", "dirname", "echo", "env", "expr",
	"false", "find", "gcc", "grep", "gzip", "head", "id", "install", "ld", "ln", "ls", "make", "mkdir", "mktemp", "mv", "nm", "objcopy",
	"objdump", "od", "printf", "pwd", "ranlib", "readelf", "readlink", "rm", "sed", "sort", "strip", "tail", "tar", "test", "touch", "tr",
	"true", "uname", "uniq", "wc", "xargs",
}

// BenchmarkCachedGraph is what a graph costs of which everything is in the cache, on this machine with its tools. The time for a
// node should not grow with their number.
func BenchmarkCachedGraph(b *testing.B) {
	host := &LocalHost{Look: exec.LookPath, Digests: toolchain.LoadDigests("")}
	for _, n := range []int{1000, 10000, 100000} {
		if n > 10000 && testing.Short() {
			continue
		}
		dir := b.TempDir()
		store, err := OpenStore(dir)
		if err != nil {
			b.Fatal(err)
		}
		e := &Engine{Store: store, Cache: store, Host: host, Jobs: 2}
		compiled := func() []*Node { return nodesWith(n, buildTools, []string{"gcc"}) }
		settle(b, e, compiled())
		for _, what := range []string{"plan", "build"} {
			b.Run(fmt.Sprintf("%s/%d", what, n), func(b *testing.B) {
				b.ReportAllocs()
				began := processorTime(b)
				for b.Loop() {
					nodes := compiled()
					roots := nodes[n-1:]
					g := NewGraph(roots)
					var err error
					if what == "plan" {
						_, err = e.Plan(context.Background(), g, roots)
					} else {
						_, err = e.NewRun(g).Build(context.Background(), roots)
					}
					if err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64((processorTime(b)-began).Nanoseconds())/float64(b.N)/float64(n), "cpu-ns/node")
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				b.ReportMetric(float64(m.HeapSys+m.StackSys)/(1<<20), "MiB")
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/node")
			})
		}
	}
}

// processorTime is what this process has used of the processors: a machine on which others work makes it longer by far less
// than the time that passes.
func processorTime(b *testing.B) time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
