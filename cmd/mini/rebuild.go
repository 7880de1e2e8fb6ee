package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"mini/build"
	"mini/internal/sandbox"
)

// rebuild is the second build of a verification.
type rebuild struct {
	*session
	dir     string // all of it lies below
	cache   string
	around  surroundings
	jobs    int
	sandbox string
	steps   []string // NAME=value settings for the steps
	keep    bool

	varied []variation
	not    []notTried
}

type notTried struct {
	Name string `json:"name"`
	Why  string `json:"why"`
}

func (s *session) newRebuild(into string) (*rebuild, error) {
	dir, err := os.MkdirTemp(into, "mini-verify-")
	if err != nil {
		return nil, err
	}
	here, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	cache := filepath.Join(dir, "cache")
	for _, m := range s.script.set.Required { // like sources, modules are what both builds begin with
		if err := s.script.set.Cache.CopyTo(filepath.Join(cache, "modules"), m.Module()); err != nil {
			return nil, errors.Join(err, sandbox.RemoveAll(dir))
		}
	}
	env := slices.DeleteFunc(slices.Clone(s.app.environ), func(kv string) bool { return strings.HasPrefix(kv, "MINI_") })
	return &rebuild{
		session: s, dir: dir, cache: cache, jobs: s.flags.jobs, sandbox: s.flags.sandbox,
		around: surroundings{Dir: here, Env: env},
	}, nil
}

// vary applies what can be applied here. Whether another user gets at the script is found out by trying.
func (r *rebuild) vary(ctx context.Context, all []variation) {
	for _, v := range all {
		before := r.around
		err := v.apply(r)
		if err == nil && v.name == "user" {
			if err = r.tryUser(ctx); err != nil {
				r.around = before
			}
		}
		if err != nil {
			r.not = append(r.not, notTried{v.name, err.Error()})
			continue
		}
		r.varied = append(r.varied, v)
	}
	r.around.Disorder = r.cache
}

// tryUser lets the other user look at the script: it may lie in a directory that only its owner can enter.
func (r *rebuild) tryUser(ctx context.Context) error {
	if err := r.give(); err != nil {
		return err
	}
	try := surroundings{Dir: r.around.Dir, Env: r.around.Env, UID: r.around.UID, GID: r.around.GID}
	try.Args = slices.Concat([]string{"check", "--cache", r.cache}, r.flags.loadWords(), r.scriptArgs(nil))
	cmd, err := try.command(ctx)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	cmd.Stderr = &text
	if err := cmd.Run(); err != nil {
		return errors.Join(fmt.Errorf("the user nobody can't read it: %s", strings.TrimSpace(clean(text.String()))), os.Lchown(r.dir, os.Geteuid(), os.Getegid()))
	}
	return nil
}

// give makes the other user the owner of all that was made for the second build.
func (r *rebuild) give() error {
	return filepath.WalkDir(r.dir, func(p string, _ fs.DirEntry, err error) error {
		return errors.Join(err, os.Lchown(p, r.around.UID, r.around.GID))
	})
}

// scriptArgs is the script on a command line, from any working directory.
func (r *rebuild) scriptArgs(targets []target) []string {
	absolute := func(path string) string {
		if abs, err := filepath.Abs(path); err == nil {
			return abs
		}
		return path
	}
	there := *r.script
	there.path, there.targets = absolute(r.script.path), nil
	for _, t := range targets {
		there.targets = append(there.targets, t.name)
	}
	var files []string
	for _, f := range r.flags.files {
		files = append(files, absolute(f))
	}
	return there.arguments(files)
}

func (r *rebuild) describe() string {
	text := "building again"
	if len(r.varied) > 0 {
		var what []string
		for _, v := range r.varied {
			what = append(what, v.what)
		}
		text += " with " + strings.Join(what, ", ")
	}
	if len(r.not) > 0 {
		var what []string
		for _, n := range r.not {
			what = append(what, fmt.Sprintf("%s (%s)", n.Name, n.Why))
		}
		text += "; not tried here: " + strings.Join(what, ", ")
	}
	return text
}

// run builds everything but the sources once more.
func (r *rebuild) run(ctx context.Context, targets []target) error {
	if err := r.seed(ctx, targets); err != nil {
		return fmt.Errorf("mini: %w", err)
	}
	r.around.Args = []string{"build", "--json", "--cache", r.cache, "--sandbox", r.sandbox, "--ccache", "off", "--jobs", fmt.Sprint(r.jobs)}
	for _, kv := range r.steps {
		r.around.Args = append(r.around.Args, "--step-env", kv)
	}
	r.around.Args = append(r.around.Args, r.flags.loadWords()...)
	r.around.Args = append(r.around.Args, r.scriptArgs(targets)...)
	cmd, err := r.around.command(ctx)
	if err != nil {
		return err
	}
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	events, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	r.relay(events)
	err = cmd.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		r.keep = true
		return fmt.Errorf("mini: the second build failed: %s", strings.TrimSpace(clean(complaint.String())))
	}
	return nil
}

// relay shows what the second build is at, but for its end: ours comes later.
func (r *rebuild) relay(events io.Reader) {
	in := json.NewDecoder(events)
	for {
		var e build.Event
		if in.Decode(&e) != nil {
			_, _ = io.Copy(io.Discard, events) // what is no event must not stop the build
			return
		}
		if e.Kind != build.Summary {
			r.show(e)
		}
	}
}

// seed makes the second cache, with the sources of the first, and gives it to who will work in it.
func (r *rebuild) seed(ctx context.Context, targets []target) (err error) {
	if err := os.MkdirAll(r.cache, 0o755); err != nil {
		return err
	}
	second, err := build.OpenStore(r.cache)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, second.Close()) }()
	for _, n := range build.NewGraph(roots(targets)).Nodes {
		if n.Fetch == nil || n.Fetch.SHA256 == "" {
			continue
		}
		d := build.Digest{Hash: n.Fetch.SHA256, Size: n.Fetch.Size}
		if d.Size == 0 { // the pin learnt it when the source was fetched, but an address given in the script has none
			info, err := os.Stat(r.store.BlobPath(d))
			if err != nil {
				return err
			}
			d.Size = info.Size()
		}
		if err := second.Seed(ctx, r.store, d); err != nil {
			return fmt.Errorf("copy %s: %w", n.Fetch.File, err)
		}
	}
	if r.around.UID == 0 {
		return nil
	}
	return r.give()
}
