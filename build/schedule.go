package build

import (
	"context"
	"slices"
	"sync"
	"time"
)

// schedule gives out one budget of processors to all that runs: a node has one slot from its beginning to its end, as
// every make has its own first job, and what no node needs for its beginning is lent to the makes that run, one token
// for each further job. So there are never more jobs than slots, however many makes run side by side.
//
// Of the nodes that wait for a slot, the one with the longest way behind it goes first: it decides when all is done.
type schedule struct {
	past      *history
	paths     func() map[*Node]time.Duration
	available func() (bytes int64, known bool) // memory
	// patience is how long slots stand unused before a node gets one that should rather come after others: in one go, or
	// bit by bit where a make leaves one unused for more than a quarter of its time, as one that goes from directory to
	// directory. Checks take less, so that what they find is found before; a program's configuration or last link
	// takes more.
	patience time.Duration

	mu      sync.Mutex
	slots   int
	free    int           // slots that are neither a running node's nor lent
	waiting []*Slot       // the longest path first
	running []*Slot       // in the same order
	unused  time.Duration // how long there was a slot that nobody used, less a third of the time when there was none
	looked  time.Time     // when that was found out; zero if all were used then
	ticking bool
}

// Slot is a node's share of the processors.
type Slot struct {
	path    time.Duration // from its beginning to the end of the run, as far as known
	need    int64         // bytes of memory that it will take, as far as known
	since   time.Time     // when it came, and when it was granted
	held    bool          // what it should come after is not done yet
	granted chan struct{}
	tokens  *jobserver // nil for a node that runs no make
	budget  int        // all slots that there are
}

func newSchedule(g *Graph, slots int, past *history) *schedule {
	slots = max(slots, 1)
	return &schedule{
		past: past, available: AvailableMemory, patience: time.Second, slots: slots, free: slots,
		// A run that finds everything in the cache never asks.
		paths: sync.OnceValue(func() map[*Node]time.Duration { return longestPaths(g, past) }),
	}
}

// longestPaths adds up what the nodes took the last time, from the end of the graph to its beginning. A node that others
// should come after counts as if they read from it.
func longestPaths(g *Graph, past *history) map[*Node]time.Duration {
	path := map[*Node]time.Duration{}
	for _, n := range slices.Backward(g.Nodes) { // each before those it depends on
		path[n] += past.of(n).duration() // what is there already is the longest way behind it
		for _, d := range slices.Concat(n.deps(), g.earlier(n)) {
			path[d] = max(path[d], path[n])
		}
	}
	return path
}

// Acquire waits until the node may run. after is closed when all is done that n should come after; until then n gets
// only a slot that nobody else has a use for. The slot must be given back by Release.
func (s *schedule) Acquire(ctx context.Context, n *Node, after <-chan struct{}) (*Slot, error) {
	slot := &Slot{
		path: s.paths()[n], need: s.past.of(n).memory(), since: time.Now(), held: after != nil,
		granted: make(chan struct{}), budget: s.slots,
	}
	s.mu.Lock()
	s.waiting = insert(s.waiting, slot)
	s.deal()
	s.mu.Unlock()
	for {
		select {
		case <-slot.granted:
			if err := s.equip(slot, n); err != nil {
				s.Release(slot)
				return nil, err
			}
			return slot, nil
		case <-after:
			after = nil
			if ctx.Err() != nil { // what n should come after has failed, and n is ended by that
				continue
			}
			s.mu.Lock()
			slot.held = false
			s.deal()
			s.mu.Unlock()
		case <-ctx.Done():
			s.Release(slot)
			return nil, context.Cause(ctx)
		}
	}
}

// equip lets the makes of a node share in the budget.
func (s *schedule) equip(slot *Slot, n *Node) error {
	if !slices.Contains(n.Tools, "make") {
		return nil
	}
	tokens, err := newJobserver()
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	slot.tokens = tokens
	go tokens.listen(func(n int) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.free += tokens.returned(n)
		s.deal()
	})
	s.deal()
	return nil
}

// Release takes the slot back, and all tokens that went to it: whoever had them is dead by now, and whether they gave
// them back before doesn't matter.
func (s *schedule) Release(slot *Slot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting = remove(s.waiting, slot)
	if slices.Contains(s.running, slot) {
		s.running = remove(s.running, slot)
		s.free++
		if slot.tokens != nil {
			s.free += slot.tokens.close()
		}
	}
	s.deal()
}

// deal uses what is free: first for nodes that wait, then for makes.
func (s *schedule) deal() {
	for s.spare() > 0 {
		next := s.next()
		if next == nil {
			break
		}
		if s.free == 0 {
			s.recall(1)
		}
		if s.free == 0 {
			break // a make was quicker
		}
		s.begin(next)
	}
	if hungry := s.hungry(); len(hungry) > 0 {
		s.lend(hungry)
	} else {
		s.lend(s.makes())
	}
	s.tick()
}

func (s *schedule) begin(slot *Slot) {
	s.waiting = remove(s.waiting, slot)
	s.running = insert(s.running, slot)
	s.free--
	slot.since = time.Now()
	close(slot.granted)
}

// next is the waiting node that goes first, if one may.
func (s *schedule) next() *Slot {
	for _, slot := range s.waiting {
		if slot.held && min(s.unused, time.Since(slot.since)) < s.patience {
			continue
		}
		if !s.fits(slot) {
			return nil // and not a smaller one instead: a large one would wait as long as small ones come
		}
		return slot
	}
	return nil
}

// fits reports whether there is memory for a node. What began a moment ago has not taken yet what it will take. When
// nothing runs there is nobody to wait for.
func (s *schedule) fits(slot *Slot) bool {
	if len(s.running) == 0 {
		return true
	}
	bytes, known := s.available()
	for _, r := range s.running {
		if time.Since(r.since) < growing {
			bytes -= r.need
		}
	}
	return !known || slot.need <= bytes
}

// growing is how long a node is taken to grow to the size that it will have.
const growing = 10 * time.Second

// insert keeps the order of the paths; among equals the first to come is the first.
func insert(list []*Slot, slot *Slot) []*Slot {
	i := slices.IndexFunc(list, func(other *Slot) bool { return other.path < slot.path })
	if i < 0 {
		i = len(list)
	}
	return slices.Insert(list, i, slot)
}

func remove(list []*Slot, slot *Slot) []*Slot {
	return slices.DeleteFunc(list, func(other *Slot) bool { return other == slot })
}
