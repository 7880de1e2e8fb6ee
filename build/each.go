package build

import (
	"context"
	"slices"
	"sync"
)

// BuildEach makes several sets of roots side by side, in a graph that [Merge] made of them. Unlike in Build, a failure
// stops only what needs the node that failed: the other sets are finished. errs tells of each set why it is not whole,
// nil if it is. results has the roots that were made, under the nodes of the sets.
func (r *Run) BuildEach(ctx context.Context, sets ...[]*Node) (results map[*Node]*Result, errs []error) {
	roots := r.graph.In(slices.Concat(sets...)...)
	_ = r.survey(ctx, roots) // it only saves work: what it finds wrong is found again, and concerns some sets
	results = map[*Node]*Result{}
	errs = make([]error, len(sets))
	var wg sync.WaitGroup
	for i, set := range sets {
		wg.Go(func() {
			errs[i] = r.each(set, func(n *Node) error {
				res, err := r.content(ctx, r.graph.Node(n))
				if err == nil {
					r.mu.Lock()
					results[n] = res
					r.mu.Unlock()
				}
				return err
			})
		})
	}
	wg.Wait()
	return results, errs
}

// CountOf is Count for some roots: how many nodes they need, and how many of those were made or fetched by this run. What
// two sets of roots share counts for both.
func (r *Run) CountOf(roots []*Node) (total, built int) {
	nodes := NewGraph(roots).Nodes
	for _, n := range nodes {
		if r.made(r.graph.Node(n)) {
			built++
		}
	}
	return len(nodes), built
}

// made reports whether a node was made or fetched by this run.
func (r *Run) made(n *Node) bool {
	for _, res := range r.soFar(n) {
		if res != nil && res.Built {
			return true
		}
	}
	return false
}

// comesAfter waits for what should be done before n is run. A node that Merge made of several can go on when one of them
// could: what another set has wrong is no reason to keep this one waiting.
func (r *Run) comesAfter(ctx context.Context, n *Node) error {
	lists := append([][]*Node{r.graph.after(n)}, n.OrAfter...)
	errs := make(chan error, len(lists))
	for _, list := range lists {
		go func() {
			errs <- r.each(list, func(d *Node) error { _, err := r.content(ctx, d); return err })
		}()
	}
	var first error
	for range lists {
		err := <-errs
		if err == nil {
			return nil
		}
		if first == nil {
			first = err
		}
	}
	return first
}
