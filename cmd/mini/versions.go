package main

import (
	"context"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
	"unicode"

	"golang.org/x/sync/errgroup"
)

// versions are what programs say of themselves, by their names; who says nothing is left out. The digests beside them
// are the identity: this is for a person who wants to have the same ones.
func (a *app) versions(ctx context.Context, programs []string) map[string]string {
	empty, err := os.MkdirTemp("", "mini-versions-")
	if err != nil {
		return nil
	}
	defer os.RemoveAll(empty)
	said := map[string]string{}
	var mu sync.Mutex
	var group errgroup.Group
	group.SetLimit(8)
	for _, name := range programs {
		group.Go(func() error {
			if line := a.askVersion(ctx, empty, name); line != "" {
				mu.Lock()
				defer mu.Unlock()
				said[name] = line
			}
			return nil
		})
	}
	_ = group.Wait() // nobody returns an error
	return said
}

// askVersion returns the first line of what `NAME --version` prints. A program that doesn't know the option may do what
// it does anyway, `yes` for ever: it gets an empty directory, no input, little time, and a page to print on.
func (a *app) askVersion(ctx context.Context, dir, name string) string {
	path, err := lookTool(name)
	if err != nil {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, "--version")
	cmd.Dir, cmd.Env, cmd.WaitDelay = dir, a.toolEnv(), time.Second
	out, err := cmd.StdoutPipe()
	if err != nil || cmd.Start() != nil {
		return ""
	}
	text, err := io.ReadAll(io.LimitReader(out, 4096))
	if len(text) == 4096 {
		cancel()
	}
	if waitErr := cmd.Wait(); err != nil || waitErr != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(clean(line)); line != "" {
			if strings.ContainsFunc(line, unicode.IsDigit) {
				return line
			}
			return ""
		}
	}
	return ""
}
