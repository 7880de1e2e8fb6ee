package build

import (
	"context"
	"os"
	"time"

	rex "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
)

// Cache is where results and contents are kept: the two tables of the Remote Execution API. Store is the one on this
// machine's disk; a client of any server of that API would be another.
type Cache interface {
	// Result returns what an action made, or nil when nobody ran it.
	Result(ctx context.Context, action Digest) (*rex.ActionResult, error)
	// PutResult publishes it. All contents it names must have been put before: a reader that finds the result may
	// rely on them.
	PutResult(ctx context.Context, action Digest, result *rex.ActionResult) error
	// Has reports whether the content of an object is there in full.
	Has(ctx context.Context, o Object) (bool, error)
	// PutBytes stores one content.
	PutBytes(ctx context.Context, d Digest, content []byte) error
	// Bytes returns one content that was stored.
	Bytes(ctx context.Context, d Digest) ([]byte, error)
}

// Executor runs one action and stores what it made. An action that ran and failed is an *ActionError.
type Executor interface {
	Execute(ctx context.Context, job Job) (*rex.ActionResult, error)
}

// Job is an action with what the executor needs to know beside it.
type Job struct {
	Action *Action
	Node   *Node
	ID     string // the node's unique name in this graph, for the log and events
	Inputs []located
	Log    string    // file that takes the action's output
	Slot   *Slot     // its share of the processors, for an executor on this machine
	Queued time.Time // when all that it needs was there
	Emit   func(Event)

	// Terminal is where a person attends the steps, with settings of its own such as TERM; nil for all that has a key.
	Terminal    *os.File
	TerminalEnv []string

	bare bool // compile without ccache
}

// Fetcher brings a file from outside to dst, with exactly the bytes that f names; progress counts bytes.
type Fetcher interface {
	Fetch(ctx context.Context, f *Fetch, dst string, progress func(done, total int64)) error
}

// Host knows the programs of this machine.
type Host interface {
	// Tool returns the absolute path of a program, or an error that says what is missing.
	Tool(name string) (string, error)
	// Identity returns what of the host takes part in a node: its tools, by content.
	Identity(ctx context.Context, n *Node) (Identity, error)
	// File returns the SHA-256 of a file, in hexadecimal.
	File(path string) (string, error)
	// Verify looks again, and returns an error if the host is no longer what it was.
	Verify(ctx context.Context, n *Node, before Identity) error
}
