package build

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mini/build/step"
)

// What a step copied from the host by its own finding is in no key, so each use of its result looks at it again.
func TestAResultCountsWhileWhatItCopiedFromTheHostIsTheSame(t *testing.T) {
	dir := t.TempDir()
	store, err := OpenStore(filepath.Join(dir, "cache"))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	lib, first := filepath.Join(dir, "libx.so"), filepath.Join(dir, "first")
	change := func(content string) {
		t.Helper()
		if err := os.WriteFile(lib, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	finds := shellNode("finds", "find and copy", []string{"out", "copied"})
	finds.HostFiles = "copied"
	uses := shellNode("uses", "use", []string{"used"}, from("in", finds, "out", ""))
	roots := []*Node{uses}
	list := func() []byte {
		text := fmt.Appendf(nil, "%s  %s\n", mustFile(t, lib).Hash, lib)
		if !isThere(first) {
			text = fmt.Appendf(text, "%s  %s\n", step.Absent, first)
		}
		return text
	}
	check := func(what string, status Status, remark, ran string) {
		t.Helper()
		f := NewFake(store, NewGraph(roots))
		f.Make = func(n *Node, dir string) error {
			if n != finds {
				return nil
			}
			b, err := os.ReadFile(lib)
			if err == nil {
				err = os.WriteFile(filepath.Join(dir, "out"), b, 0o644)
			}
			if err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(dir, "copied"), list(), 0o644)
		}
		e := f.Engine()
		plan, err := e.Plan(context.Background(), NewGraph(roots), roots)
		if err != nil {
			t.Fatal(err)
		}
		if p := plan[0]; p.Status != status || !strings.Contains(p.Remark, remark) || (p.Remark == "") != (remark == "") {
			t.Errorf("%s: the plan says %s, %q", what, p.Status, p.Remark)
		}
		results := mustBuild(t, e, roots...)
		if got := strings.Join(f.Ran(), " "); got != ran {
			t.Errorf("%s: it ran %q, not %q", what, got, ran)
		}
		// Whoever does not plan first is told the same.
		r := e.NewRun(NewGraph(roots))
		r.surveyed = true
		if _, err := r.Build(context.Background(), roots); err != nil || strings.Join(f.Ran(), " ") != ran {
			t.Errorf("%s: without a plan it ran %q, %v", what, f.Ran(), err)
		}
		if results[uses] == nil {
			t.Errorf("%s: there is no result", what)
		}
	}
	const changed = "which was copied from this machine, is not as it was"
	change("one")
	check("new", StatusBuild, "", "finds uses")
	check("the same", StatusHit, "", "")
	change("two")
	check("another library", StatusBuild, lib+", "+changed, "finds uses")
	check("the same again", StatusHit, "", "")
	change("one")
	check("the first library", StatusBuild, lib+", "+changed, "finds")
	if err := os.Remove(store.BlobPath(digestBytes(list()))); err != nil {
		t.Fatal(err)
	}
	check("nobody knows what was copied", StatusBuild, "", "finds")
	if err := os.Mkdir(first, 0o755); err != nil {
		t.Fatal(err)
	}
	check("where it was looked for first", StatusBuild, first+", which was looked for on this machine, was not there and is now", "finds")
	check("and found nothing again", StatusHit, "", "")
	if err := os.Remove(lib); err != nil {
		t.Fatal(err)
	}
	plan, err := NewFake(store, NewGraph(roots)).Engine().Plan(context.Background(), NewGraph(roots), roots)
	if err != nil || plan[0].Status != StatusBuild {
		t.Errorf("the library is gone: %v, %v", plan[0].Status, err)
	}
}

func mustFile(t *testing.T, path string) Digest {
	t.Helper()
	d, err := digestFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
