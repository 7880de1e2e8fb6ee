package build

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	rex "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
)

// Engine carries a graph out. Its fields are set once, before use.
type Engine struct {
	Store    *Store
	Cache    Cache    // where results are looked up; usually Store
	Executor Executor // what runs the actions; usually a Local
	Fetcher  Fetcher
	Host     Host
	Emit     func(Event) // may be nil

	// Jobs is how many processors a run may use, for nodes side by side and for the jobs of the makes in them together.
	// It is in no key.
	Jobs int

	emitting  sync.Mutex // a sink sees one event at a time
	notesFrom int        // see largeGraph; 0 for that
}

// Result is what a node made: its outputs by name, and its action (nil for what was brought from outside).
type Result struct {
	Outputs map[string]Object
	Action  *Action
	Built   bool // by this run
}

// Object returns what an artifact of the node is.
func (e *Engine) Object(ctx context.Context, r *Result, a *Artifact) (Object, error) {
	l, err := locate(ctx, r, a, e.find)
	return l.object, err
}

// Run is one use of the engine: what was found out in it is remembered for its length.
type Run struct {
	*Engine
	graph *Graph

	mu    sync.Mutex
	known map[*Node]*future // results by key
	there map[*Node]*future // results whose content is in the store

	built int // nodes made or fetched by this run

	past     *history
	schedule *schedule
	stop     context.CancelCauseFunc // ends all that runs; nil in BuildEach
	surveyed bool                    // known holds what is in the cache
}

// Count tells how many nodes the graph has, and how many of them were made or fetched by this run.
func (r *Run) Count() (total, built int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.graph.Nodes), r.built
}

// future is a result that is being found out; whoever asks first does it, the others wait.
type future struct {
	done   chan struct{}
	result *Result
	err    error
}

// soFar is what a future has come to: nil while it is being found out (perhaps by somebody who was stopped), when that
// failed, and for no future.
func (f *future) soFar() *Result {
	if f == nil {
		return nil
	}
	select {
	case <-f.done:
		if f.err == nil {
			return f.result
		}
	default:
	}
	return nil
}

// soFar is what this run knows of a node: its result, and the one whose content is here; each nil if it doesn't.
func (r *Run) soFar(n *Node) [2]*Result {
	r.mu.Lock()
	defer r.mu.Unlock()
	return [2]*Result{r.known[n].soFar(), r.there[n].soFar()}
}

// NewRun prepares the graph to be built.
func (e *Engine) NewRun(g *Graph) *Run {
	past := e.Store.history()
	return &Run{
		Engine: e, graph: g,
		known: map[*Node]*future{}, there: map[*Node]*future{},
		past: past, schedule: newSchedule(g, e.Jobs, past),
	}
}

// Build makes the roots, and of everything else only what they need. The first failure ends everything else.
func (r *Run) Build(ctx context.Context, roots []*Node) (map[*Node]*Result, error) {
	ctx, r.stop = context.WithCancelCause(ctx)
	defer r.stop(nil)
	if err := r.survey(ctx, roots); err != nil {
		return nil, err
	}
	results := make(map[*Node]*Result, len(roots))
	err := r.each(roots, func(n *Node) error {
		res, err := r.content(ctx, n)
		if err != nil {
			return err
		}
		r.mu.Lock()
		results[n] = res
		r.mu.Unlock()
		return nil
	})
	return results, err
}

// errStopped is why a node was not made when another failed first; it is never the error to show.
var errStopped = errors.New("stopped, because another step failed")

// each runs f for all nodes side by side and returns the error that came first, not the echoes of it.
func (r *Run) each(nodes []*Node, f func(*Node) error) error {
	errs := make(chan error, len(nodes))
	for _, n := range nodes {
		go func() { errs <- f(n) }()
	}
	var first error
	for range nodes {
		if err := <-errs; err != nil && (first == nil || errors.Is(first, errStopped)) {
			first = err
		}
	}
	return first
}

// share runs f once per node of one table. A failure ends a Build from here, because whoever asked may be waiting for
// something else that takes long.
func (r *Run) share(table map[*Node]*future, n *Node, f func() (*Result, error)) (*Result, error) {
	r.mu.Lock()
	fut := table[n]
	if fut == nil {
		fut = &future{done: make(chan struct{})}
		table[n] = fut
		r.mu.Unlock()
		if fut.result, fut.err = f(); fut.err != nil && r.stop != nil {
			r.stop(errStopped)
		}
		close(fut.done)
	} else {
		r.mu.Unlock()
		<-fut.done
	}
	return fut.result, fut.err
}

// result finds out what a node makes. That is often known although its content is not here: a hit below a hit is
// never looked at.
func (r *Run) result(ctx context.Context, n *Node) (*Result, error) {
	return r.share(r.known, n, func() (*Result, error) {
		if n.Fetch != nil {
			if res := r.fetched(n); res != nil {
				return res, nil
			}
			return r.content(ctx, n)
		}
		action, _, err := r.action(ctx, n, r.result)
		if err != nil {
			return nil, err
		}
		found, _, err := r.cached(ctx, n, action)
		if err != nil {
			return nil, err
		}
		if found != nil {
			return found, nil
		}
		return r.build(ctx, n)
	})
}

// content makes sure that what a node makes is in the store.
func (r *Run) content(ctx context.Context, n *Node) (*Result, error) {
	return r.share(r.there, n, func() (*Result, error) {
		if n.Fetch != nil {
			return r.fetch(ctx, n)
		}
		res, err := r.result(ctx, n)
		if err != nil {
			return nil, err
		}
		if res.Built {
			return res, nil
		}
		whole, err := r.whole(ctx, res)
		if err != nil {
			return nil, err
		}
		if whole {
			r.emit(n, Event{Kind: Hit})
			return res, nil
		}
		// The result is known and its content is gone: make it again, and don't let anybody go on with a key
		// that was computed from other bytes.
		again, err := r.build(ctx, n)
		if err == nil && !sameOutputs(res, again) {
			err = fmt.Errorf("%s: its cached content was missing, and made again it came out different; run mini again", n.Title)
		}
		return again, err
	})
}

func sameOutputs(a, b *Result) bool {
	for name, o := range a.Outputs {
		if b.Outputs[name] != o {
			return false
		}
	}
	return len(a.Outputs) == len(b.Outputs)
}

func (e *Engine) whole(ctx context.Context, res *Result) (bool, error) {
	for _, o := range res.Outputs {
		if ok, err := e.Cache.Has(ctx, o); !ok || err != nil {
			return false, err
		}
	}
	return true, nil
}

// buildOnce runs a node's action, with everything it reads in the store. While it waits for its turn it holds the lock of
// its key but no slot, so who waits for another mini keeps no processor from working.
func (r *Run) buildOnce(ctx context.Context, n *Node) (*Result, error) {
	own, cancel := context.WithCancelCause(ctx) // others may need what is made for n
	defer cancel(nil)
	after := r.after(ctx, n, cancel)
	action, inputs, err := r.action(ctx, n, r.content)
	if err != nil {
		return nil, err
	}
	queued := time.Now()
	lock, err := r.Store.Lock(own, action.Digest, func(who string) {
		r.emit(n, Event{Kind: Wait, Text: who + " is building it; waiting"})
	})
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	if res, _, err := r.cached(ctx, n, action); err != nil {
		return nil, err
	} else if res != nil {
		if ok, err := r.whole(ctx, res); err != nil {
			return nil, err
		} else if ok { // somebody else made it while we waited
			r.emit(n, Event{Kind: Hit})
			return res, nil
		}
	}
	slot, err := r.schedule.Acquire(own, n, after.done)
	if err != nil {
		return nil, err
	}
	res, err := r.execute(own, n, Job{Action: action, Inputs: inputs, Slot: slot, Queued: queued})
	r.schedule.Release(slot)
	if err == nil && after.done != nil { // n may have been quicker
		<-after.done
		err = after.err
	}
	return res, err
}

// after begins what n should come after. If it fails, n is ended. The future has no result.
func (r *Run) after(ctx context.Context, n *Node, end context.CancelCauseFunc) *future {
	f := &future{}
	if len(r.graph.after(n)) > 0 {
		f.done = make(chan struct{})
		go func() {
			if f.err = r.comesAfter(ctx, n); f.err != nil {
				end(f.err)
			}
			close(f.done)
		}()
	}
	return f
}

func (r *Run) execute(ctx context.Context, n *Node, job Job) (*Result, error) {
	job.Node, job.ID, job.Log = n, r.graph.ID(n), r.Store.LogPath(job.Action.Digest)
	job.Emit = func(ev Event) { r.emit(n, ev) }
	start := time.Now()
	r.emit(n, Event{Kind: Started, Waited: start.Sub(job.Queued), Log: job.Log})
	made, err := r.Executor.Execute(ctx, job)
	if err == nil {
		// A compiler that was upgraded meanwhile would have its work kept under the old one's key.
		err = r.Host.Verify(ctx, n, job.Action.host)
	}
	if err == nil {
		err = r.publish(ctx, job.Action, made)
	}
	if isLost(err) { // it is tried again
		return nil, err
	}
	if err != nil {
		return nil, r.failed(ctx, n, Event{Elapsed: time.Since(start), Log: job.Log}, err)
	}
	res := newResult(job.Action, made)
	res.Built = true
	r.count()
	r.emit(n, Event{Kind: Built, Elapsed: time.Since(start), Usage: usageOf(made.ExecutionMetadata), Log: job.Log})
	return res, nil
}

// failed reports a failure, unless it is only the echo of an interrupt or of another node's failure.
func (r *Run) failed(ctx context.Context, n *Node, ev Event, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	ev.Kind, ev.Text = Failed, err.Error()
	r.emit(n, ev)
	return atNode(n, err)
}

// publish puts the action's own messages and then its result: the order is what makes a result trustworthy.
func (r *Run) publish(ctx context.Context, action *Action, made *rex.ActionResult) error {
	if err := r.keep(ctx, action); err != nil {
		return err
	}
	return r.Cache.PutResult(ctx, action.Digest, made)
}

// fetched is the result of a node whose bytes are identified already; nil if its size has to be learnt from them.
func (e *Engine) fetched(n *Node) *Result {
	f := n.Fetch
	if f.SHA256 == "" {
		return nil
	}
	d := Digest{f.SHA256, f.Size}
	if d.Size == 0 {
		info, err := os.Stat(e.Store.BlobPath(d))
		if err != nil {
			return nil
		}
		d.Size = info.Size()
	}
	return &Result{Outputs: map[string]Object{f.File: {Digest: d}}}
}

// fetch brings the bytes into the store.
func (r *Run) fetch(ctx context.Context, n *Node) (*Result, error) {
	f := n.Fetch
	if f.SHA256 == "" {
		return nil, atNode(n, fmt.Errorf("nobody has said yet which bytes %s is", f.Unresolved))
	}
	if res := r.fetched(n); res != nil {
		if ok, err := r.whole(ctx, res); err != nil {
			return nil, err
		} else if ok {
			r.emit(n, Event{Kind: Hit})
			return res, nil
		}
	}
	lock, err := r.Store.Lock(ctx, Digest{Hash: f.SHA256}, func(who string) {
		r.emit(n, Event{Kind: Wait, Text: who + " is fetching it; waiting"})
	})
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	if res := r.fetched(n); res != nil {
		if ok, _ := r.whole(ctx, res); ok {
			r.emit(n, Event{Kind: Hit})
			return res, nil
		}
	}
	start := time.Now()
	r.emit(n, Event{Kind: Started})
	d, err := r.download(ctx, n)
	if err != nil {
		return nil, r.failed(ctx, n, Event{Elapsed: time.Since(start)}, err)
	}
	r.count()
	r.past.remember(n, past{Elapsed: time.Since(start)})
	r.emit(n, Event{Kind: Built, Elapsed: time.Since(start)})
	return &Result{Outputs: map[string]Object{f.File: {Digest: d}}, Built: true}, nil
}

// download keeps a partial file where the next run finds it, so that an interrupted download goes on.
func (r *Run) download(ctx context.Context, n *Node) (Digest, error) {
	f := n.Fetch
	part := filepath.Join(r.Store.dir, "tmp", "fetch-"+f.SHA256)
	err := r.Fetcher.Fetch(ctx, f, part, func(done, total int64) {
		r.emit(n, Event{Kind: Progress, Done: done, Total: total, Unit: "bytes"})
	})
	if err != nil {
		return Digest{}, err
	}
	d, err := digestFile(part)
	if err == nil && d.Hash != f.SHA256 {
		err = fmt.Errorf("%s has sha256 %s, but %s was asked for", f.File, d.Hash, f.SHA256)
	}
	if err != nil {
		return Digest{}, errors.Join(err, os.Remove(part))
	}
	return d, r.Store.AdoptBlob(ctx, part, d)
}

func (r *Run) count() {
	r.mu.Lock()
	r.built++
	r.mu.Unlock()
}

func (r *Run) emit(n *Node, ev Event) { r.Engine.emit(r.graph, n, ev) }

func (e *Engine) emit(g *Graph, n *Node, ev Event) {
	if e.Emit == nil {
		return
	}
	e.emitting.Lock()
	defer e.emitting.Unlock()
	ev.Time, ev.Node, ev.Title, ev.Pos = time.Now(), g.ID(n), n.Title, n.Pos
	e.Emit(ev)
}

// newResult reads an ActionResult. Its outputs are keyed by path.
func newResult(a *Action, m *rex.ActionResult) *Result {
	res := &Result{Action: a, Outputs: map[string]Object{}}
	for _, f := range m.OutputFiles {
		res.Outputs[f.Path] = Object{Digest: fromMessage(f.Digest), Exec: f.IsExecutable}
	}
	for _, d := range m.OutputDirectories {
		res.Outputs[d.Path] = Object{Digest: fromMessage(d.RootDirectoryDigest), IsTree: true, Tree: fromMessage(d.TreeDigest)}
	}
	return res
}
