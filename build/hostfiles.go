package build

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"mini/build/step"
)

// cached is an action's result if the cache has one that counts. If there is one that does not, why says so.
func (e *Engine) cached(ctx context.Context, n *Node, a *Action) (res *Result, why string, err error) {
	found, err := e.Cache.Result(ctx, a.Digest)
	if found == nil || err != nil {
		return nil, "", err
	}
	return e.counting(ctx, n, newResult(a, found))
}

// counting is a node's result if it counts; else why says what is against it.
func (e *Engine) counting(ctx context.Context, n *Node, res *Result) (_ *Result, why string, err error) {
	if n.HostFiles == "" {
		return res, "", nil
	}
	// Without the text nobody knows what the result was made of, so it is made again.
	text, err := e.Cache.Bytes(ctx, res.Outputs[n.HostFiles].Digest)
	if isLost(err) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	for line := range strings.Lines(string(text)) {
		was, path, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		is, err := e.Host.File(path)
		if was == step.Absent {
			if !errors.Is(err, fs.ErrNotExist) {
				return nil, fmt.Sprintf("%s, which was looked for on this machine, was not there and is now", path), nil
			}
		} else if err != nil || is != was {
			return nil, fmt.Sprintf("%s, which was copied from this machine, is not as it was", path), nil
		}
	}
	return res, "", nil
}
