package build

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"mini/build/step"
	"mini/internal/failure"
	"mini/internal/sandbox"

	rex "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"golang.org/x/sync/errgroup"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// Local runs actions on this machine.
type Local struct {
	Store   *Store
	Host    Host
	Steps   step.Env // what the steps that mini does itself may use
	Sandbox sandbox.Mode
	// Apart says that the host's identity tells results of steps that were not contained from those of contained ones.
	Apart bool
	Keep  int // of so many failed actions the directories stay, for a shell there; that of the oldest goes first
	// Silence ends an action that prints nothing for so long, Timeout one that takes so long; 0 means no limit. What mini
	// does in its own process prints little, and is never ended for that.
	Silence, Timeout time.Duration
	// Extra are NAME=value settings that steps see beside their action's own. They are in no key: they are for trying
	// whether a result depends on what it must not depend on.
	Extra []string

	// CCache is the path of a ccache program that stands before the compilers of contained actions; "" for none. What
	// it remembers lies in the store's directory.
	CCache string

	// Install is the command that puts onto this machine what is needed: a program by its name, "header:libelf.h" or
	// "lib:crypt"; "" where nobody knows one. It may be nil.
	Install func(need string) string

	told sync.Once // which protections this host doesn't give
}

// Execute implements Executor.
func (l *Local) Execute(ctx context.Context, job Job) (*rex.ActionResult, error) {
	result, err := l.execute(ctx, job)
	if l.ccacheBroke(err, job) {
		job.bare = true
		job.Emit(Event{Kind: Note, Text: "ccache failed, and what it remembered is thrown away; the step is done again without it"})
		return l.execute(ctx, job)
	}
	return result, err
}

func (l *Local) execute(ctx context.Context, job Job) (result *rex.ActionResult, err error) {
	work, err := l.Store.NewWork()
	if err != nil {
		return nil, err
	}
	defer func() { err = l.Store.explain(err) }()
	defer func() {
		full := (*FullError)(nil)
		keep := l.Keep > 0 && !job.Node.InProcess() && !errors.As(err, &full)
		if failed := (*ActionError)(nil); keep && errors.As(err, &failed) && work.keep(job.Action.Digest, l.Keep, failed) == nil {
			failed.Kept = true
			return
		}
		if err == nil && l.Keep > 0 {
			l.Store.dropKept(job.Action.Digest)
		}
		if removeErr := work.Remove(); err == nil {
			err = removeErr
		}
	}()
	root := filepath.Join(work.Dir, "root")
	if err := os.Mkdir(root, 0o755); err != nil {
		return nil, err
	}
	log, err := os.Create(job.Log)
	if err != nil {
		return nil, err
	}
	defer log.Close()

	start := time.Now()
	meta := &rex.ExecutedActionMetadata{
		Worker: "local", QueuedTimestamp: timestamppb.New(job.Queued),
		WorkerStartTimestamp: now(), InputFetchStartTimestamp: now(),
	}
	mounts, err := l.lay(ctx, root, job.Inputs)
	if err != nil {
		return nil, err
	}
	meta.InputFetchCompletedTimestamp, meta.ExecutionStartTimestamp = now(), now()
	whole := l.checkTrees(ctx, job.Inputs)
	past := l.Store.history()
	watch := newWatcher(job, past.of(job.Node))
	out := io.MultiWriter(log, watch)
	var used Usage
	var known written
	if job.Node.InProcess() {
		err = l.inProcess(ctx, root, job, mounts, out, &known)
	} else {
		used, err = l.contained(ctx, work, job, mounts, out)
	}
	if lost := whole(); lost != nil && ctx.Err() == nil {
		return nil, lost // whatever the steps made of it, or of what is not there
	}
	if err != nil {
		return nil, l.explain(ctx, err, job, watch)
	}
	meta.ExecutionCompletedTimestamp, meta.OutputUploadStartTimestamp = now(), now()
	job.Emit(Event{Kind: Storing})
	result, err = l.collect(ctx, root, job.Node.Outputs, &known)
	if err != nil {
		return nil, err
	}
	past.remember(job.Node, watch.past(time.Since(start), used))
	meta.OutputUploadCompletedTimestamp, meta.WorkerCompletedTimestamp = now(), now()
	meta.AuxiliaryMetadata, err = used.auxiliary()
	result.ExecutionMetadata = meta
	return result, err
}

// inProcess does the steps that are mini's own. Trees are linked, not mounted: mini doesn't write through them.
func (l *Local) inProcess(ctx context.Context, root string, job Job, mounts []sandbox.Mount, out io.Writer, known *written) error {
	if l.Timeout > 0 {
		var cancel context.CancelFunc
		late := fmt.Errorf("%w: ended after %s", sandbox.ErrTimeout, l.Timeout)
		ctx, cancel = context.WithTimeoutCause(ctx, l.Timeout, late)
		defer cancel()
	}
	for _, m := range mounts {
		at := filepath.Join(root, m.Target)
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			return err
		}
		if err := os.Symlink(m.Source, at); err != nil {
			return err
		}
	}
	env := l.Steps
	env.Root, env.Log, env.Tool, env.Origins = root, out, l.Host.Tool, job.Node.Origins
	env.Wrote = known.add
	env.Progress = func(done, total int64, unit string) {
		job.Emit(Event{Kind: Progress, Done: done, Total: total, Unit: unit})
	}
	for _, line := range job.Node.Steps {
		fmt.Fprintf(out, "+ %s\n", line)
		if err := step.Run(ctx, env, line); ctx.Err() != nil {
			return context.Cause(ctx)
		} else if err != nil {
			return err
		}
	}
	return nil
}

// contained runs the steps by a shell in a sandbox.
func (l *Local) contained(ctx context.Context, work *Work, job Job, mounts []sandbox.Mount, out io.Writer) (Usage, error) {
	spec, err := l.spec(work.Dir, job, mounts)
	if err != nil {
		return Usage{}, err
	}
	spec.Output = out
	if l.Keep > 0 {
		spec.Args = trapped(spec.Args)
	}
	if job.Terminal != nil { // a person may think as long as they like
		spec.Terminal, spec.Silence, spec.Timeout = job.Terminal, 0, 0
		spec.Env = append(spec.Env, job.TerminalEnv...)
	}
	res, err := sandbox.Run(ctx, spec)
	used := Usage{res.UserTime, res.SysTime, res.MaxRSS}
	if err != nil {
		return used, err
	}
	if len(res.Off) > 0 && l.Sandbox != sandbox.Off { // who switched it off knows
		l.told.Do(func() {
			job.Emit(Event{Kind: Note, Text: "steps are not fully contained here: " + strings.Join(res.Off, "; ")})
		})
	}
	if res.ExitCode != 0 || res.Signal != "" {
		return used, &ActionError{ExitCode: res.ExitCode, Signal: res.Signal}
	}
	return used, l.kept(res)
}

// spec is the sandbox of a job whose root and scratch directory lie in dir.
func (l *Local) spec(dir string, job Job, mounts []sandbox.Mount) (sandbox.Spec, error) {
	tools := map[string]string{}
	for _, name := range append([]string{"sh"}, job.Node.Tools...) {
		path, err := l.Host.Tool(name)
		if err != nil {
			return sandbox.Spec{}, err
		}
		tools[name] = path
	}
	scratch := filepath.Join(dir, "scratch")
	if err := os.MkdirAll(scratch, 0o755); err != nil {
		return sandbox.Spec{}, err
	}
	spec := sandbox.Spec{
		Dir: filepath.Join(dir, "root"), Mounts: mounts, Scratch: scratch, Collect: overlaidOutputs(job.Node),
		Args: job.Action.Command.Arguments, Env: append(job.Slot.Env(), l.Extra...), Files: job.Slot.Files(),
		Tools: tools, Hide: job.Action.host.Hidden, Silence: l.Silence, Timeout: l.Timeout, Mode: l.Sandbox, Front: l.front(job),
	}
	for _, v := range job.Action.Command.EnvironmentVariables {
		spec.Env = append(spec.Env, v.Name+"="+v.Value)
	}
	return spec, nil
}

// overlaidOutputs are the outputs that lie in an overlaid input: they have to be brought out of it.
func overlaidOutputs(n *Node) []string {
	var paths []string
	for _, o := range n.Outputs {
		for _, in := range n.Inputs {
			if in.Mode == Overlaid && within(o, in.Path) {
				paths = append(paths, o)
			}
		}
	}
	return paths
}

// lay puts the inputs below root: files and copied trees as copies, other trees as mounts for later.
func (l *Local) lay(ctx context.Context, root string, inputs []located) ([]sandbox.Mount, error) {
	var mounts []sandbox.Mount
	for _, in := range inputs {
		at := filepath.Join(root, filepath.FromSlash(in.Path))
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			return nil, err
		}
		if m, ok := mountOf(l.Store, in); ok {
			mounts = append(mounts, m)
			continue
		}
		if err := l.copyInput(ctx, at, in); err != nil {
			return nil, err
		}
	}
	return mounts, nil
}

// mountOf is how an input is laid that is not copied.
func mountOf(s *Store, in located) (sandbox.Mount, bool) {
	if !in.object.IsTree || in.Mode == Copied {
		return sandbox.Mount{}, false
	}
	kind := sandbox.ReadOnly
	if in.Mode == Overlaid {
		kind = sandbox.Writable
	}
	return sandbox.Mount{Source: s.TreePath(in.object.Digest), Target: in.Path, Kind: kind}, true
}

func (l *Local) copyInput(ctx context.Context, at string, in located) error {
	switch {
	case in.From != nil:
		return l.Store.copyTo(ctx, in, at)
	case in.Host != "":
		return copyChecked(in.Host, at, permOf(in.object.Exec), in.object.Digest)
	}
	return writeFile(at, in.Data, permOf(in.object.Exec))
}

// checkTrees begins to look whether the trees that an action reads in place are as they were when they were put, and
// returns what waits for the answer. A kernel's source has 80,000 files: the action runs meanwhile, and what it made from
// a damaged one is not published.
func (l *Local) checkTrees(ctx context.Context, inputs []located) (wait func() error) {
	var group errgroup.Group
	for _, in := range inputs {
		if in.object.IsTree && in.Mode != Copied {
			group.Go(func() error { return l.Store.UseTree(ctx, in.object.Digest) })
		}
	}
	return group.Wait
}

// collect moves the outputs into the store.
func (l *Local) collect(ctx context.Context, root string, outputs []string, known *written) (*rex.ActionResult, error) {
	r := &rex.ActionResult{}
	for _, o := range sorted(outputs) {
		path := filepath.Join(root, filepath.FromSlash(o))
		info, err := os.Lstat(path)
		switch {
		case errors.Is(err, os.ErrNotExist):
			return nil, fmt.Errorf("the steps ended well, but %s, which they should have made, is not there", o)
		case err != nil:
			return nil, err
		case info.IsDir():
			object, listing, err := digestTree(ctx, path, known)
			if err != nil {
				return nil, err
			}
			if err := l.Store.PutBytes(ctx, object.Tree, listing); err != nil {
				return nil, err
			}
			if err := l.Store.AdoptTree(ctx, path, object.Digest); err != nil {
				return nil, err
			}
			r.OutputDirectories = append(r.OutputDirectories, &rex.OutputDirectory{
				Path: o, TreeDigest: object.Tree.message(), RootDirectoryDigest: object.Digest.message()})
		case info.Mode().IsRegular():
			d, err := digestFile(path)
			if err != nil {
				return nil, err
			}
			if err := l.Store.AdoptBlob(ctx, path, d); err != nil {
				return nil, err
			}
			r.OutputFiles = append(r.OutputFiles, &rex.OutputFile{
				Path: o, Digest: d.message(), IsExecutable: info.Mode()&0o111 != 0})
		default:
			return nil, fmt.Errorf("%s is a %s: an output is a file or a directory", o, info.Mode().Type())
		}
	}
	return r, nil
}

// explain turns what went wrong into an error that tells the step and the lines that matter.
func (l *Local) explain(ctx context.Context, err error, job Job, w *watcher) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	report := w.Report()
	if failed := (*ActionError)(nil); errors.As(err, &failed) {
		failed.Node, failed.Step, failed.Log = job.Node, w.step, job.Log
		failed.Lines, failed.Advice = report.Excerpt(), report.Advice(l.surroundings(job.Node))
		if report.Is("disk") {
			return l.Store.full(failed)
		}
		return failed
	}
	if errors.Is(err, sandbox.ErrSilence) || errors.Is(err, sandbox.ErrTimeout) {
		return &ActionError{Node: job.Node, Step: w.step, Ended: err, Log: job.Log, Lines: report.Last}
	}
	return err
}

// surroundings are what a remedy may depend on.
func (l *Local) surroundings(n *Node) failure.Host {
	h := failure.Host{Tools: n.Tools, Install: l.Install, Has: func(program string) bool {
		_, err := l.Host.Tool(program)
		return err == nil
	}}
	for _, lib := range n.Libraries {
		h.Headers = append(h.Headers, lib.Headers...)
	}
	for _, c := range n.Causes {
		h.Causes = append(h.Causes, failure.Cause(c))
	}
	return h
}
