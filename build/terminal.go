package build

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// ErrLeft is what AtTerminal wraps when the person left by Ctrl-C.
var ErrLeft = errors.New("left by Ctrl-C")

// AtTerminal does the steps of a node with a person at a terminal, and returns its outputs, which are files, as the steps
// left them. What the node reads from is built or taken from the cache as ever. What it makes is not kept: it depends on
// keys that somebody pressed, and no cache's key has those. env are settings of the terminal, such as TERM.
//
// The steps see a sandbox as all steps do, and of terminals only this one. It must not be the terminal of mini itself, into
// which they could type commands (TIOCSTI in ioctl_tty(2)), but one that is made for them.
func (r *Run) AtTerminal(ctx context.Context, n *Node, terminal *os.File, env []string) (map[string][]byte, error) {
	local, ok := r.Executor.(*Local)
	if !ok {
		return nil, errors.New("a terminal needs steps that run on this machine")
	}
	action, inputs, err := r.action(ctx, n, r.content)
	if err != nil {
		return nil, err
	}
	slot, err := r.schedule.Acquire(ctx, n, nil)
	if err != nil {
		return nil, err
	}
	defer r.schedule.Release(slot)
	texts, err := local.attended(ctx, Job{
		Action: action, Node: n, ID: r.graph.ID(n), Inputs: inputs, Slot: slot, Queued: time.Now(),
		Emit: func(ev Event) { r.emit(n, ev) }, Terminal: terminal, TerminalEnv: env,
	})
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return texts, atNode(n, err)
}

// attended runs a job at its terminal.
func (l *Local) attended(ctx context.Context, job Job) (texts map[string][]byte, err error) {
	work, err := l.Store.NewWork()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(l.Store.explain(err), work.Remove()) }()
	root := filepath.Join(work.Dir, "root")
	if err := os.Mkdir(root, 0o755); err != nil {
		return nil, err
	}
	mounts, err := l.lay(ctx, root, job.Inputs)
	if err != nil {
		return nil, err
	}
	whole := l.checkTrees(ctx, job.Inputs)
	_, err = l.contained(ctx, work, job, mounts, io.Discard)
	if lost := whole(); lost != nil {
		return nil, lost
	}
	if failed := (*ActionError)(nil); errors.As(err, &failed) {
		if failed.Signal == "SIGINT" || failed.ExitCode == 128+int(syscall.SIGINT) {
			return nil, ErrLeft
		}
		return nil, fmt.Errorf("it ended with exit code %d", failed.ExitCode) // why stands on the terminal
	}
	if err != nil {
		return nil, err
	}
	texts = map[string][]byte{}
	for _, o := range job.Node.Outputs {
		if texts[o], err = os.ReadFile(filepath.Join(root, filepath.FromSlash(o))); err != nil {
			return nil, err
		}
	}
	return texts, nil
}
