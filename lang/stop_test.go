package lang_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"go.starlark.net/starlark"

	"mini/lang"
)

const endless = `
def spin():
    for i in range(1000000):
        for j in range(1000000):
            started()
spin()
`

// TestCancel cancels a script while it runs.
func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	calls := 0
	started := &lang.Builtin{Name: "started", Do: func(c *lang.Call) (starlark.Value, error) {
		cancel()
		if calls++; calls > 2_000_000 { // the cancellation comes from another goroutine, so some calls may still follow
			return nil, errors.New("the script runs on")
		}
		if c.Context().Err() == nil {
			t.Error("the call's context is not the one of the run")
		}
		return nil, nil
	}}
	_, err := lang.Run(ctx, "main.star", []byte(endless), lang.Options{Builtins: []*lang.Builtin{started}})
	if calls > 2_000_000 || !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v after %d calls", err, calls)
	}
	var e *lang.Error
	if !errors.As(err, &e) || !strings.HasPrefix(e.Msg, "stopped while the script was running") {
		t.Errorf("got %v", err)
	}
}

func TestCanceledBefore(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := lang.Run(ctx, "main.star", []byte("x = 1"), lang.Options{})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestStepLimitCountsLoads shares the limit among the files of one script.
func TestStepLimitCountsLoads(t *testing.T) {
	dir := t.TempDir()
	work := "for i in range(900):\n    pass\n"
	write(t, dir+"/a.star", work+"a = 1\n")
	src := []byte("load(\"a.star\", \"a\")\n" + work)
	_, err := lang.Run(context.Background(), dir+"/main.star", src, lang.Options{MaxSteps: 3000})
	var e *lang.Error
	if !errors.As(err, &e) || !strings.Contains(e.Msg, "still running after 3000 steps") {
		t.Errorf("got %v", err)
	}
}

// TestSeparateRuns checks that runs have nothing in common; the race detector listens.
func TestSeparateRuns(t *testing.T) {
	vocabulary := vocabulary()
	for range 4 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			src := []byte("p = param('p', ['a'])\nk = kernel('6.1', config = {}, jobs = 2)\nr = range(3)\n")
			opts := lang.Options{Builtins: vocabulary, Params: map[string]string{"p": "x,y"}}
			if _, err := lang.Run(context.Background(), "main.star", src, opts); err != nil {
				t.Error(err)
			}
		})
	}
}
