package build

import (
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// notes collects what a store says.
type notes struct {
	mu   sync.Mutex
	said []string
}

func (n *notes) take() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	said := n.said
	n.said = nil
	return said
}

func listen(s *Store) *notes {
	n := &notes{}
	s.Note = func(text string) {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.said = append(n.said, text)
	}
	return n
}

// flip changes one bit of a file and sets back what a program can set back: its length, permissions and times.
func flip(t *testing.T, path string, bit int64) {
	t.Helper()
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 1)
	if _, err := f.ReadAt(b, bit/8); err != nil {
		t.Fatal(err)
	}
	b[0] ^= 1 << (bit % 8)
	if _, err := f.WriteAt(b, bit/8); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, info.Mode()); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
}

// storeFiles are all files of a table, sorted.
func storeFiles(t *testing.T, s *Store, in table) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(filepath.Join(s.Dir(), string(in)), func(p string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			files = append(files, p)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// everyUse is a graph in which a tree is read in each way in which one can be: mounted, overlaid, copied, by one of its
// files, linked for a step of mini's own; and a file is. The word makes the node new, so that it runs and uses them.
func everyUse(word string) *Node {
	tree := shellNode("tree", "mkdir -p out/bin\ncp a out/bin/real\nln -s real out/bin/link", []string{"out"}, text("a", "hi\n"))
	file := shellNode("file", "cat a > file", []string{"file"}, text("a", "there\n"))
	user := shellNode("user", "cat mounted/bin/real over/bin/real copied/bin/real one file > all\necho "+word+" >> all", []string{"all"},
		from("one", tree, "out", "bin/link"), from("file", file, "file", ""))
	for _, in := range []Input{{Path: "mounted"}, {Path: "over", Mode: Overlaid}, {Path: "copied", Mode: Copied}} {
		in.From = &Artifact{Node: tree, Output: "out"}
		user.Inputs = append(user.Inputs, in)
	}
	return user
}

// A flipped bit anywhere in the store is found when what it is in is used, or else by Verify; what is made is right all the same.
func TestAFlippedBitIsFoundAndNeverServed(t *testing.T) { flipBits(t, 16, 1) }

func TestSoakFlippedBits(t *testing.T) {
	soak(t)
	flipBits(t, 1000, uint64(time.Now().UnixNano()))
}

func soak(t *testing.T) {
	t.Helper()
	if os.Getenv("MINI_SOAK") == "" {
		t.Skip("soak: run with MINI_SOAK=1")
	}
}

func flipBits(t *testing.T, n int, seed uint64) {
	rnd := rand.New(rand.NewPCG(seed, 0))
	e, _ := newEngine(t, t.TempDir())
	said := listen(e.Store)
	mustBuild(t, e, everyUse("first"))
	ctx := context.Background()
	used, verified := 0, 0
	flipped := map[table]int{}
	files := map[table][]string{} // what is made again has the same name
	for _, in := range []table{contents, trees, results} {
		files[in] = storeFiles(t, e.Store, in)
	}
	for i := range n {
		in := []table{contents, trees, results}[i%3]
		path := files[in][rnd.IntN(len(files[in]))]
		info, err := os.Stat(path)
		if os.IsNotExist(err) { // Verify set it aside and nobody has needed it since
			mustBuild(t, e, everyUse("first"))
			info, err = os.Stat(path)
		}
		if os.IsNotExist(err) {
			path = files[trees][0]
			in = trees
			info, err = os.Stat(path)
		}
		if err != nil {
			t.Fatal(err)
		}
		bit := rnd.Int64N(info.Size() * 8)
		flip(t, path, bit)
		where := fmt.Sprintf("seed %d, flip %d (bit %d of %s)", seed, i, bit, path)
		e.Store.forgetChecked()

		word := fmt.Sprintf("word%d", i)
		user := everyUse(word)
		results := mustBuild(t, e, user)
		if got, want := readOutput(t, e, results[user], &Artifact{Node: user, Output: "all"}), "hi\nhi\nhi\nhi\nthere\n"+word+"\n"; got != want {
			t.Fatalf("%s: made %q", where, got)
		}
		atUse := said.take()
		found, err := e.Store.Verify(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(atUse)+len(found.Damaged) != 1 || len(said.take()) != len(found.Damaged) {
			t.Fatalf("%s: found at use %q, by Verify %q", where, atUse, found.Damaged)
		}
		if found, err = e.Store.Verify(ctx, nil); err != nil || len(found.Damaged) > 0 {
			t.Fatalf("%s: afterwards Verify still finds %q, %v", where, found.Damaged, err)
		}
		used += len(atUse)
		verified += 1 - len(atUse)
		flipped[in]++
		if _, err := os.Stat(path); len(atUse) > 0 && err != nil {
			t.Fatalf("%s: it is not made again: %v", where, err)
		}
	}
	t.Logf("seed %d: %d bits flipped (%v): %d found at use, %d by Verify, none served", seed, n, flipped, used, verified)
}

// forgetChecked makes the store look at trees again, as another process would.
func (s *Store) forgetChecked() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.checked)
}

// Where the stamp says that all is well although the bytes are not (the disk did it, not a program), copies find it.
func TestACopyIsNeverOfOtherBytes(t *testing.T) {
	ctx := context.Background()
	tree := shellNode("tree", "mkdir out\ncp a out/a", []string{"out"}, text("a", "hi\n"))
	file := shellNode("file", "cp a b", []string{"b"}, text("a", "there\n"))
	for _, c := range []struct {
		name  string
		input Input
		want  string
		damage
	}{
		{"a file", from("in", file, "b", ""), "there\n", damage{contents, file, "b", ""}},
		{"a file of a tree", from("in", tree, "out", "a"), "hi\n", damage{trees, tree, "out", "a"}},
		{"a copied tree", Input{Path: "in", From: &Artifact{Node: tree, Output: "out"}, Mode: Copied}, "hi\n", damage{trees, tree, "out", "a"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, ran := newEngine(t, t.TempDir())
			said := listen(e.Store)
			results := mustBuild(t, e, tree, file)
			ran.take()
			c.silently(t, e.Store, results[c.node])

			user := shellNode("user", "cat in/* 2>/dev/null > all || cat in > all", []string{"all"}, c.input)
			made := mustBuild(t, e, user)
			if got := readOutput(t, e, made[user], &Artifact{Node: user, Output: "all"}); got != c.want {
				t.Errorf("made %q", got)
			}
			if got, want := ran.take(), c.node.Name+" user user"; got != want {
				t.Errorf("ran %q, want %q", got, want)
			}
			if got := said.take(); len(got) != 1 {
				t.Errorf("said %q", got)
			}

			c.silently(t, e.Store, results[c.node])
			a := &Artifact{Node: c.node, Output: c.output}
			if err := e.CopyOut(ctx, results[c.node], a, filepath.Join(t.TempDir(), "x")); !isLost(err) {
				t.Errorf("it was copied out: %v", err)
			}
			mustBuild(t, e, c.node)
			c.silently(t, e.Store, results[c.node])
			a.Sub = c.sub
			if _, _, err := e.CheckedPath(ctx, results[c.node], a); !isLost(err) {
				t.Errorf("it would be used: %v", err)
			}
			mustBuild(t, e, c.node)
			if _, _, err := e.CheckedPath(ctx, results[c.node], a); err != nil {
				t.Error(err)
			}
		})
	}
}

// damage is of an output's file.
type damage struct {
	table  table
	node   *Node
	output string
	sub    string
}

func (d damage) silently(t *testing.T, s *Store, r *Result) {
	t.Helper()
	hash := r.Outputs[d.output].Digest.Hash
	flip(t, filepath.Join(s.path(d.table, hash), d.sub), 3)
	s.note(d.table, hash)
}

func TestWhatIsGoneIsMadeAgainOnUse(t *testing.T) {
	for _, what := range []string{"tree", "listing"} {
		e, ran := newEngine(t, t.TempDir())
		first := everyUse("first")
		results := mustBuild(t, e, first, first.Inputs[0].From.Node)
		ran.take()
		tree := results[first.Inputs[0].From.Node].Outputs["out"]
		gone := e.Store.TreePath(tree.Digest)
		if what == "listing" {
			gone = e.Store.BlobPath(tree.Tree)
		}
		if err := os.RemoveAll(gone); err != nil {
			t.Fatal(err)
		}
		roots := []*Node{everyUse("second")}
		plan, err := e.Plan(context.Background(), NewGraph(roots), roots)
		if err != nil {
			t.Fatal(err)
		}
		if plan[0].Status != StatusBuild {
			t.Errorf("without the %s the plan says of %s: %s", what, plan[0].ID, plan[0].Status)
		}
		mustBuild(t, e, roots[0])
		if got := ran.take(); got != "tree user" {
			t.Errorf("without the %s ran %q", what, got)
		}
	}
}

// A cache that was copied has other inodes and times: it is read once, and then believed again.
func TestACopiedCacheIsReadOnceAndBelieved(t *testing.T) {
	e, _ := newEngine(t, t.TempDir())
	said := listen(e.Store)
	mustBuild(t, e, everyUse("first"))
	dir := filepath.Join(t.TempDir(), "copy")
	if err := os.CopyFS(dir, os.DirFS(e.Store.Dir())); err != nil {
		t.Fatal(err)
	}
	e, ran := newEngine(t, dir)
	mustBuild(t, e, everyUse("second"))
	if got := ran.take(); got != "user" {
		t.Errorf("ran %q", got)
	}
	if got := said.take(); len(got) > 0 {
		t.Errorf("said %q", got)
	}
	trees, err := e.Store.list(trees)
	if err != nil || len(trees) != 1 {
		t.Fatal(trees, err)
	}
	now, err := e.Store.stampOf(context.Background(), "trees", trees[0])
	if err != nil || !e.Store.stampIs("trees", trees[0], now) {
		t.Errorf("the tree's stamp is not noted anew: %v", err)
	}
}
