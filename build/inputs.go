package build

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// action computes a node's key. get says how far to go for the nodes that it reads from: to their results, or to
// their content as well. A listing that is needed for it and lost is made again, with its tree.
func (r *Run) action(ctx context.Context, n *Node, get func(context.Context, *Node) (*Result, error)) (*Action, []located, error) {
	action, inputs, err := r.tryAction(ctx, n, get)
	if lost := (*LostError)(nil); errors.As(err, &lost) {
		r.forget(n, lost)
		return r.tryAction(ctx, n, r.content)
	}
	return action, inputs, err
}

func (r *Run) tryAction(ctx context.Context, n *Node, get func(context.Context, *Node) (*Result, error)) (*Action, []located, error) {
	deps, err := r.needed(n, func(d *Node) (*Result, error) { return get(ctx, d) })
	if err != nil {
		return nil, nil, err
	}
	inputs, err := r.locateAll(ctx, n, deps, r.find)
	if err != nil {
		return nil, nil, err
	}
	id, err := r.Host.Identity(ctx, n)
	if err != nil {
		return nil, nil, atNode(n, err)
	}
	a, err := newAction(n, inputs, id.platform())
	if err != nil {
		return nil, nil, err
	}
	a.host = id
	return a, inputs, nil
}

// needed asks for the results of all nodes that n reads from, side by side.
func (r *Run) needed(n *Node, get func(*Node) (*Result, error)) (map[*Node]*Result, error) {
	results := map[*Node]*Result{}
	var distinct []*Node
	for _, d := range n.deps() {
		if _, seen := results[d]; !seen {
			results[d] = nil
			distinct = append(distinct, d)
		}
	}
	var mu sync.Mutex
	err := r.each(distinct, func(d *Node) error {
		res, err := get(d)
		mu.Lock()
		results[d] = res
		mu.Unlock()
		return err
	})
	return results, err
}

// finder finds a file in a tree, by the path that an artifact of the tree says.
type finder func(ctx context.Context, tree Object, a *Artifact) (file Object, sub string, err error)

// locateAll finds out what the inputs of a node hold; deps are the results of the nodes that it reads from.
func (e *Engine) locateAll(ctx context.Context, n *Node, deps map[*Node]*Result, find finder) ([]located, error) {
	inputs := make([]located, 0, len(n.Inputs))
	for _, in := range n.Inputs {
		var made *Result
		if in.From != nil {
			made = deps[in.From.Node]
		}
		l, err := e.locateInput(ctx, in, made, find)
		if err != nil {
			return nil, atNode(n, err)
		}
		inputs = append(inputs, l)
	}
	return inputs, nil
}

// locateInput finds out what an input holds; made is the result of the node that it comes from, if it does.
func (e *Engine) locateInput(ctx context.Context, in Input, made *Result, find finder) (located, error) {
	l := located{Input: in}
	var err error
	switch {
	case in.From != nil:
		l, err = locate(ctx, made, in.From, find)
		l.Input = in
	case in.Host != "":
		// The bytes may change between this look and the copy; the copy is checked against this digest.
		l.object.Exec = in.Exec
		l.object.Digest, err = digestFile(in.Host)
		if got := l.object.Digest.Hash; err == nil && in.SHA256 != "" && got != in.SHA256 {
			err = fmt.Errorf("%s has sha256 %s, but the script says %s", in.Host, got, in.SHA256)
		}
	default:
		l.object = Object{Digest: digestBytes(in.Data), Exec: in.Exec}
	}
	return l, err
}

// locate finds an artifact in its node's result.
func locate(ctx context.Context, r *Result, a *Artifact, find finder) (located, error) {
	o, ok := r.Outputs[a.Output]
	if !ok {
		return located{}, fmt.Errorf("%s makes no %s", a.Node.Title, a.Output)
	}
	if a.Sub == "" {
		return located{object: o}, nil
	}
	if !o.IsTree {
		return located{}, fmt.Errorf("%s of %s is a file, so there is no %s in it", a.Output, a.Node.Title, a.Sub)
	}
	file, sub, err := find(ctx, o, a)
	if err != nil {
		return located{}, err
	}
	return located{object: file, inTree: o.Digest, sub: sub}, nil
}

// find reads the tree's listing. It is a finder.
func (e *Engine) find(ctx context.Context, tree Object, a *Artifact) (file Object, sub string, err error) {
	listing, err := e.Cache.Bytes(ctx, tree.Tree)
	if err != nil {
		return Object{}, "", err
	}
	if file, sub, err = lookup(listing, a.Sub); err != nil {
		return Object{}, "", fmt.Errorf("%s: %w", a.Node.Title, err)
	}
	return file, sub, nil
}
