package build

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"sort"
	"strings"

	rex "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"google.golang.org/protobuf/proto"
)

// Object is what an artifact turned out to be: a file, or a tree by its root directory.
type Object struct {
	Digest Digest // of the file's bytes, or of the root Directory message
	Exec   bool   // for a file
	IsTree bool
	Tree   Digest // for a tree: of the Tree message that lists all of it, in the content table
}

// Property is one named fact of the host that takes part in a key: a tool and what it is.
type Property struct{ Name, Value string }

// Action is a node whose inputs are known, as the Remote Execution API writes it. Its digest is the key under which
// the result is kept: the same command on the same input bytes with the same tools is the same action, whoever asks,
// wherever, however many processors there are.
type Action struct {
	Digest  Digest
	Message *rex.Action
	Command *rex.Command
	host    Identity
	sum     string            // of all that it is made of, which tells it from others as its digest does and is quicker to find out
	blobs   map[Digest][]byte // the encoded Command and Directory messages, and the texts among the inputs
}

// located is an input with what it holds.
type located struct {
	Input
	object Object
	// inTree and sub say where the content of a file lies that is known only as part of a tree.
	inTree Digest
	sub    string
}

// shellPrefix runs the steps: -e stops at the first that fails, -x writes each to the log before it runs, so that the
// log is a transcript and the terminal can show the current step.
var shellPrefix = []string{"sh", "-exc"}

// newAction computes the key. What is not in it is as much of the design as what is: no processor count, no host
// path, no script position, no time, and none of mini's own version.
func newAction(n *Node, inputs []located, tools *toolset) (*Action, error) {
	a, err := describe(n, inputs, tools)
	if err == nil {
		a.Digest = digestAction(a.Message, tools)
	}
	return a, err
}

// describe is newAction but for the key.
func describe(n *Node, inputs []located, tools *toolset) (*Action, error) {
	root, dirs, err := merkle(inputs)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", n.Title, err)
	}
	a := &Action{blobs: dirs}
	for _, in := range inputs {
		if in.Data != nil {
			a.blobs[in.object.Digest] = in.Data
		}
	}
	command, salt := newCommand(n)
	a.Command = command
	a.Message = &rex.Action{
		CommandDigest:   a.add(command).message(),
		InputRootDigest: root.message(),
		Platform:        tools.message,
		Salt:            salt,
	}
	a.sum = sumAction(a.Message, tools)
	return a, nil
}

// messages are all that the key is made of, encoded: what a reader of the key needs to have. (The Action itself is not
// among blobs, as it holds the identity of all tools: ten thousand planned nodes would hold it ten thousand times.)
func (a *Action) messages() map[Digest][]byte {
	all := maps.Clone(a.blobs)
	d, b := digestMessage(a.Message)
	all[d] = b
	return all
}

// newCommand is the part of the key that needs nothing but the node, and the recipe's number as the Action has it.
func newCommand(n *Node) (*rex.Command, []byte) {
	var salt []byte
	if n.Recipe != 0 {
		salt = fmt.Appendf(nil, "recipe %d", n.Recipe)
	}
	return &rex.Command{
		Arguments:            append(append([]string{}, shellPrefix...), strings.Join(n.Steps, "\n")),
		EnvironmentVariables: environment(n.Env),
		OutputPaths:          sorted(n.Outputs),
	}, salt
}

func (a *Action) add(m proto.Message) Digest {
	d, b := digestMessage(m)
	a.blobs[d] = b
	return d
}

// fixedEnv is the whole environment of every action but PATH, which the sandbox makes out of the declared tools, and
// MAKEFLAGS, which is not part of the key.
var fixedEnv = []string{
	"HOME=/nonexistent",
	"LC_ALL=C",
	"SOURCE_DATE_EPOCH=0",
	"TZ=UTC",
}

func environment(extra []string) []*rex.Command_EnvironmentVariable {
	all := append(slices.Clone(fixedEnv), extra...)
	sort.Strings(all)
	vars := make([]*rex.Command_EnvironmentVariable, len(all))
	for i, kv := range all {
		name, value, _ := strings.Cut(kv, "=")
		vars[i] = &rex.Command_EnvironmentVariable{Name: name, Value: value}
	}
	return vars
}

// merkle lays the inputs out as a tree of Directory messages and returns the root's digest with all messages that it
// made. Trees of the store enter by their root's digest alone: nothing below them is read.
func merkle(inputs []located) (Digest, map[Digest][]byte, error) {
	leaves := make([]leafAt, 0, len(inputs))
	for _, in := range inputs {
		if !localPath(in.Path) {
			return Digest{}, nil, fmt.Errorf("input path %q is not a clean relative path", in.Path)
		}
		leaves = append(leaves, leafAt{in.Path, in.object})
	}
	slices.SortFunc(leaves, func(a, b leafAt) int { return strings.Compare(a.path, b.path) })
	for i := 1; i < len(leaves); i++ {
		if leaves[i].path == leaves[i-1].path {
			return Digest{}, nil, fmt.Errorf("two inputs are laid at %q", leaves[i].path)
		}
	}
	blobs := map[Digest][]byte{}
	return encodeDirectory(leaves, 0, blobs), blobs, nil
}

// localPath reports whether p stays below the place it is relative to, in its shortest form.
func localPath(p string) bool {
	return p != "" && p != "." && path.Clean(p) == p && !path.IsAbs(p) && p != ".." && !strings.HasPrefix(p, "../")
}

func sorted(list []string) []string {
	out := append([]string{}, list...)
	sort.Strings(out)
	return out
}
