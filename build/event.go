package build

import "time"

// An Event is one thing that happened while a graph was built. Events are plain data: the terminal, --json and
// tests read the same stream. A sink is called from one goroutine at a time and must not block for long.
type Event struct {
	Kind  EventKind `json:"kind"`
	Time  time.Time `json:"time"`
	Node  string    `json:"node,omitempty"`  // the node's unique name in this graph, e.g. "linux.compile"
	Title string    `json:"title,omitempty"` // what a person calls it, e.g. "linux 6.1.192: compile"
	Pos   string    `json:"pos,omitempty"`   // file:line:col of the script's call

	// Text is the step's command for Step, the sentence for Note and Wait, the error for Failed.
	Text string `json:"text,omitempty"`

	// Done and Total count Unit ("bytes", "files" or "lines") for Progress. Total is 0 when it isn't known.
	Done  int64  `json:"done,omitempty"`
	Total int64  `json:"total,omitempty"`
	Unit  string `json:"unit,omitempty"`

	Waited  time.Duration `json:"waited_ns,omitempty"`  // for Started: since all that it needs was there
	Elapsed time.Duration `json:"elapsed_ns,omitempty"` // for Built and Failed
	Usage                 // for Built: what it took
	Log     string        `json:"log,omitempty"` // the log file's path, for Started, Built and Failed
}

// EventKind says what an Event reports.
type EventKind string

// The kinds of events, in the order in which a node lives through them.
const (
	Hit      EventKind = "hit"      // the result was in the store
	Started  EventKind = "started"  // the node's action begins to run
	Step     EventKind = "step"     // a step of it begins
	Progress EventKind = "progress" // how far the current step is
	Storing  EventKind = "storing"  // all steps ended well, and what they made is being taken into the store
	Built    EventKind = "built"    // the action ended well and its result is in the store
	Failed   EventKind = "failed"   // it did not
	Note     EventKind = "note"     // something the user should know once, e.g. a protection that is off
	Wait     EventKind = "wait"     // another mini builds the same thing; waiting for it
	Summary  EventKind = "summary"  // the end: Done of Total nodes were built, the others were hits
)
