package build

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	rex "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
)

// Fake stands for a machine, its programs and the network, in tests of programs that build: it is an [Executor], a [Host]
// and a [Fetcher]. It runs no step, and what it makes is small; keys, cache and events are the real ones.
type Fake struct {
	// Make writes a node's outputs below dir. Where it is nil or writes none of them, an output is a file that says what it
	// is, or a tree of those files that the graph reads out of it.
	Make func(n *Node, dir string) error

	store *Store
	graph *Graph
	mu    sync.Mutex
	ran   []string
}

// NewFake makes one that keeps what it makes in store. graph is what will be built.
func NewFake(store *Store, graph *Graph) *Fake { return &Fake{store: store, graph: graph} }

// Engine is an engine in which everything is fake but the store.
func (f *Fake) Engine() *Engine {
	return &Engine{Store: f.store, Cache: f.store, Executor: f, Host: f, Fetcher: f, Jobs: 1}
}

// Ran lists the IDs of the nodes that were made so far, in their order, without what was fetched.
func (f *Fake) Ran() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.ran)
}

// FakeSource is the digest and the size of what a Fake fetches for a file of that name, for whoever pins sources.
func FakeSource(file string) (sha256Hex string, size int64) {
	sum := sha256.Sum256(fakeContent(file))
	return hex.EncodeToString(sum[:]), int64(len(fakeContent(file)))
}

func fakeContent(name string) []byte { return []byte("fake " + name + "\n") }

// Fetch implements Fetcher.
func (f *Fake) Fetch(_ context.Context, what *Fetch, dst string, _ func(done, total int64)) error {
	return os.WriteFile(dst, fakeContent(what.File), 0o644)
}

// Tool implements Host: every program is there.
func (f *Fake) Tool(name string) (string, error) { return "/fake/" + name, nil }

// Identity implements Host: a tool is its name.
func (f *Fake) Identity(_ context.Context, n *Node) (Identity, error) {
	var id Identity
	for _, t := range n.Tools {
		id.Properties = append(id.Properties, Property{Name: "tool:" + t, Value: "fake"})
	}
	return id, nil
}

// File implements Host: files are what they are.
func (f *Fake) File(path string) (string, error) {
	d, err := digestFile(path)
	return d.Hash, err
}

// Verify implements Host.
func (f *Fake) Verify(context.Context, *Node, Identity) error { return nil }

// Execute implements Executor.
func (f *Fake) Execute(ctx context.Context, job Job) (_ *rex.ActionResult, err error) {
	f.mu.Lock()
	f.ran = append(f.ran, job.ID)
	f.mu.Unlock()
	work, err := f.store.NewWork()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, work.Remove()) }()
	if f.Make != nil {
		if err := f.Make(job.Node, work.Dir); err != nil {
			return nil, err
		}
	}
	for _, o := range job.Node.Outputs {
		if _, err := os.Lstat(filepath.Join(work.Dir, o)); errors.Is(err, os.ErrNotExist) {
			if err := f.write(job.Node, o, work.Dir); err != nil {
				return nil, err
			}
		}
	}
	if err := os.WriteFile(job.Log, nil, 0o644); err != nil {
		return nil, err
	}
	return (&Local{Store: f.store}).collect(ctx, work.Dir, job.Node.Outputs, nil)
}

// write makes an output as far as the graph needs it.
func (f *Fake) write(n *Node, output, dir string) error {
	path := filepath.Join(dir, filepath.FromSlash(output))
	if output == n.HostFiles { // nothing of the host is in what is made here
		return os.WriteFile(path, nil, 0o644)
	}
	subs, tree := f.read(n, output)
	if tree {
		if err := os.MkdirAll(path, 0o755); err != nil {
			return err
		}
	} else {
		subs = []string{""}
	}
	for i, sub := range subs {
		if i+1 < len(subs) && strings.HasPrefix(subs[i+1], sub+"/") {
			continue // a directory, which the next one makes
		}
		file := filepath.Join(path, filepath.FromSlash(sub))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, fakeContent(n.Name+": "+filepath.Join(output, sub)), 0o755); err != nil {
			return err
		}
	}
	return nil
}

// read is what other nodes read of an output: the files in it, and whether it is a tree.
func (f *Fake) read(n *Node, output string) (subs []string, tree bool) {
	for _, user := range f.graph.Nodes {
		for _, in := range user.Inputs {
			a := in.From
			if a == nil || f.graph.Node(a.Node) != n || a.Output != output {
				continue
			}
			if a.Sub != "" {
				subs = append(subs, a.Sub)
			}
			tree = tree || a.Sub != "" || in.Mode != ReadOnly
		}
	}
	slices.Sort(subs)
	return slices.Compact(subs), tree
}
