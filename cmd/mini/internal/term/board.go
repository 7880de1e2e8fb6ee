package term

import (
	"cmp"
	"time"

	"mini/build"
)

// board is what is known of the build at this moment. It is told every event and remembers no more than the display
// needs.
type board struct {
	running []*node // in the order in which they began, so that no line jumps
	notes   map[string]bool
	began   time.Time // of the first node that ran
	total   int       // nodes to make; 0 if nobody said
	built   int
	hits    int
	failed  int
	ended   bool // the summary came
}

// node is one that runs, or waits for another mini.
type node struct {
	id, title string
	began     time.Time
	step      string
	waiting   string // why it doesn't run yet
	done      int64
	total     int64
	unit      string
	speed     meter
}

// An entry is something to be written once and kept.
type entry struct {
	kind    build.EventKind
	title   string
	lines   []string // of text
	elapsed time.Duration
}

// tell takes in an event and returns what there is to write about it, if anything.
func (b *board) tell(e build.Event, now time.Time) []entry {
	id := cmp.Or(e.Node, e.Title)
	title := clean(cmp.Or(e.Title, e.Node))
	n := b.find(id)
	switch e.Kind {
	case build.Hit:
		b.hits++
		b.drop(id)
		return []entry{{kind: e.Kind, title: title}}

	case build.Started:
		n = b.begin(id, title, now)
		n.began, n.waiting = now, ""
		return []entry{{kind: e.Kind, title: title}}

	case build.Wait:
		n = b.begin(id, title, now)
		n.waiting = firstLine(e.Text)
		return []entry{{kind: e.Kind, title: title, lines: []string{n.waiting}}}

	case build.Step:
		if n == nil {
			return nil
		}
		step := firstLine(e.Text)
		n.step = brief(step)
		// make's lines are counted over all steps of a node; files and bytes are those of one step.
		if n.unit != "lines" {
			n.done, n.total, n.unit = 0, 0, ""
		}
		return []entry{{kind: e.Kind, title: title, lines: []string{step}}}

	case build.Progress:
		if n != nil {
			n.done, n.total, n.unit = e.Done, e.Total, e.Unit
			n.speed.begin(now, e.Done)
		}
		return nil

	case build.Storing:
		if n != nil {
			n.step = "storing what was made"
			n.done, n.total, n.unit = 0, 0, ""
		}
		return nil

	case build.Built, build.Failed:
		elapsed := e.Elapsed
		if elapsed == 0 && n != nil {
			elapsed = now.Sub(n.began)
		}
		b.drop(id)
		if e.Kind == build.Built {
			b.built++
			return []entry{{kind: e.Kind, title: title, elapsed: elapsed}}
		}
		b.failed++
		// The command that was run tells the whole error at its end; here it only has to be recognised.
		return []entry{{kind: e.Kind, title: title, elapsed: elapsed, lines: nonEmpty(firstLine(e.Text))}}

	case build.Note:
		if b.notes[e.Text] {
			return nil // each of ten nodes may find that the same protection is off
		}
		if b.notes == nil {
			b.notes = map[string]bool{}
		}
		b.notes[e.Text] = true
		return []entry{{kind: e.Kind, title: title, lines: cleanLines(e.Text)}}

	case build.Summary:
		b.ended = true
		lines := cleanLines(e.Text)
		if e.Text == "" {
			lines = []string{tally(e.Done, e.Total)}
		}
		return []entry{{kind: e.Kind, lines: lines}}
	}
	return nil
}

func (b *board) find(id string) *node {
	for _, n := range b.running {
		if n.id == id {
			return n
		}
	}
	return nil
}

// begin returns the node of that name: one that waited keeps its line when it starts.
func (b *board) begin(id, title string, now time.Time) *node {
	if b.began.IsZero() {
		b.began = now
	}
	n := b.find(id)
	if n == nil {
		n = &node{id: id, title: title, began: now}
		b.running = append(b.running, n)
	}
	return n
}

func (b *board) drop(id string) {
	for i, n := range b.running {
		if n.id == id {
			b.running = append(b.running[:i], b.running[i+1:]...)
			return
		}
	}
}

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// tally is the summary for a caller who has no words of his own.
func tally(built, total int64) string {
	nodes := " nodes: "
	if total == 1 {
		nodes = " node: "
	}
	return count(total) + nodes + count(built) + " built, " + count(total-built) + " from cache"
}

// percent is how much of the node is done; false if nobody knows. The number of make's lines is what the last run
// needed: an estimate, which may turn out too low but never shows as done before the node is.
func (n *node) percent() (int, bool) {
	if n.total <= 0 || n.waiting != "" {
		return 0, false
	}
	most := 100.0
	if n.unit == "lines" {
		most = 99
	}
	// In floating point: a hostile size times 100 would overflow.
	return int(min(max(100*float64(n.done)/float64(n.total), 0), most)), true
}
