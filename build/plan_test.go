package build

import (
	"context"
	"os"
	"testing"
)

// What a result has to tell is told by plan, as long as it is here.
func TestPlanPassesOnWhatAResultHasToTell(t *testing.T) {
	e, _ := newEngine(t, t.TempDir())
	remark := func(line, output string) string {
		n := shellNode("noting", "cp in out", []string{"out"}, text("in", line+"\nmore\n"))
		n.Remark = output
		look := func() string {
			plan, err := e.Plan(context.Background(), NewGraph([]*Node{n}), []*Node{n})
			if err != nil {
				t.Fatal(err)
			}
			return plan[0].Remark
		}
		if got := look(); got != "" {
			t.Errorf("before it is made: %q", got)
		}
		res := mustBuild(t, e, n)[n]
		got := look()
		if err := os.Remove(e.Store.BlobPath(res.Outputs["out"].Digest)); err != nil {
			t.Fatal(err)
		}
		if gone := look(); gone != "" {
			t.Errorf("without its content: %q", gone)
		}
		return got
	}
	if got := remark("# note: the long way round", "out"); got != "the long way round" {
		t.Errorf("a note: %q", got)
	}
	if got := remark("# note: not asked for", ""); got != "" {
		t.Errorf("no remark declared: %q", got)
	}
	if got := remark("# just a comment", "out"); got != "" {
		t.Errorf("no note: %q", got)
	}
}
