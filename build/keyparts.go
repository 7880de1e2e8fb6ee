package build

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"sort"

	rex "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"google.golang.org/protobuf/proto"
)

// keyParts are a key taken apart, so that two of them can be laid side by side.
type keyParts struct {
	steps   string
	env     map[string]string
	outputs map[string]bool
	tools   map[string]string // the platform's properties
	salt    string
	inputs  map[string]leaf
}

// leaf is one input.
type leaf struct {
	object Object // its digest, and whether it is a tree or may be executed
	known  bool   // false for what is still to be made
}

func commandParts(c *rex.Command, salt []byte, p *rex.Platform) *keyParts {
	k := &keyParts{
		env: map[string]string{}, outputs: map[string]bool{}, tools: map[string]string{},
		salt: string(salt), inputs: map[string]leaf{},
	}
	if n := len(c.Arguments); n > 0 {
		k.steps = c.Arguments[n-1]
	}
	for _, v := range c.EnvironmentVariables {
		k.env[v.Name] = v.Value
	}
	for _, o := range c.OutputPaths {
		k.outputs[o] = true
	}
	for _, t := range p.GetProperties() {
		k.tools[t.Name] = t.Value
	}
	return k
}

// keys of a map of any two, sorted, each once.
func unionKeys[V any](a, b map[string]V) []string {
	var all []string
	for k := range a {
		all = append(all, k)
	}
	for k := range b {
		if _, twice := a[k]; !twice {
			all = append(all, k)
		}
	}
	sort.Strings(all)
	return all
}

// differences are those that the two keys have in everything but their inputs.
func (k *keyParts) differences(is *keyParts) []Difference {
	var all []Difference
	if k.steps != is.steps {
		all = append(all, Difference{Kind: PartSteps, Was: k.steps, Is: is.steps, Text: true})
	}
	for _, name := range unionKeys(k.env, is.env) {
		if k.env[name] != is.env[name] {
			all = append(all, Difference{Kind: PartEnv, Name: name, Was: k.env[name], Is: is.env[name]})
		}
	}
	for _, name := range unionKeys(k.outputs, is.outputs) {
		if k.outputs[name] && !is.outputs[name] {
			all = append(all, Difference{Kind: PartOutput, Name: name, Was: name})
		} else if !k.outputs[name] {
			all = append(all, Difference{Kind: PartOutput, Name: name, Is: name})
		}
	}
	if k.salt != is.salt {
		all = append(all, Difference{Kind: PartRecipe, Was: k.salt, Is: is.salt})
	}
	for _, name := range unionKeys(k.tools, is.tools) {
		if k.tools[name] != is.tools[name] {
			all = append(all, Difference{Kind: PartTool, Name: name, Was: k.tools[name], Is: is.tools[name]})
		}
	}
	return all
}

// remembered is the key that the node had, from the messages in the content table.
func (w *comparer) remembered(ctx context.Context, was *Recorded, is *keyParts) (*keyParts, error) {
	d, err := ParseDigest(was.Action)
	if err != nil {
		return nil, fs.ErrNotExist
	}
	action, command := &rex.Action{}, &rex.Command{}
	if err := w.message(ctx, d, action); err != nil {
		return nil, err
	}
	if err := w.message(ctx, fromMessage(action.CommandDigest), command); err != nil {
		return nil, err
	}
	k := commandParts(command, action.Salt, action.Platform)
	return k, w.flatten(ctx, k.inputs, "", fromMessage(action.InputRootDigest), is)
}

func (w *comparer) message(ctx context.Context, d Digest, m proto.Message) error {
	b, err := w.Cache.Bytes(ctx, d)
	if err != nil {
		return err
	}
	return proto.Unmarshal(b, m)
}

// flatten lists the inputs below a Directory message by their paths. A directory that is a tree of the store, as one
// whose message nobody kept, or which is a tree now, is one input and not many.
func (w *comparer) flatten(ctx context.Context, into map[string]leaf, at string, d Digest, is *keyParts) error {
	dir := &rex.Directory{}
	if err := w.message(ctx, d, dir); err != nil {
		return err
	}
	for _, f := range dir.Files {
		into[path.Join(at, f.Name)] = leaf{Object{Digest: fromMessage(f.Digest), Exec: f.IsExecutable}, true}
	}
	for _, sub := range dir.Directories {
		p, d := path.Join(at, sub.Name), fromMessage(sub.Digest)
		_, inputNow := is.inputs[p]
		if !inputNow {
			err := w.flatten(ctx, into, p, d, is)
			if err == nil || !errors.Is(err, fs.ErrNotExist) {
				if err != nil {
					return err
				}
				continue
			}
		}
		into[p] = leaf{Object{Digest: d, IsTree: true}, true}
	}
	return nil
}

func sameInput(a, b Object) bool {
	return a.Digest == b.Digest && a.Exec == b.Exec && a.IsTree == b.IsTree
}

// pathOf finds the same bytes among other inputs.
func pathOf(inputs map[string]leaf, o Object) string {
	for _, p := range unionKeys(inputs, nil) {
		if l := inputs[p]; l.known && sameInput(l.object, o) {
			return p
		}
	}
	return ""
}

func describeObject(o Object) string {
	s := o.Digest.String()
	if o.Exec {
		s += ", may be executed"
	}
	return s
}
