package build

import (
	"errors"
	"fmt"
)

// NodeError says which node failed and where the script asked for it.
type NodeError struct {
	Title, Pos string
	Err        error
}

func (e *NodeError) Error() string {
	if e.Pos == "" {
		return fmt.Sprintf("%s: %v", e.Title, e.Err)
	}
	return fmt.Sprintf("%s: %s: %v", e.Pos, e.Title, e.Err)
}

func (e *NodeError) Unwrap() error { return e.Err }

// atNode adds the node to an error, unless one that it came through has done so.
func atNode(n *Node, err error) error {
	if at := (*NodeError)(nil); err == nil || errors.As(err, &at) || errors.Is(err, errStopped) {
		return err
	}
	return &NodeError{n.Title, n.Pos, err}
}

// ActionError is a command that ran and failed, or was ended for its silence or its length.
type ActionError struct {
	Node     *Node
	Step     string // the last command that began
	ExitCode int
	Signal   string
	Ended    error    // the limit that ended it, if one did
	Log      string   // the file with the whole output
	Lines    []string // those of the output that tell first what was wrong
	Kept     bool     // the directory is there for a shell: Run.Enter
	Advice   []string // what is known of such failures, on this host, and what to do: a sentence or two each
}

func (e *ActionError) Error() string {
	how := fmt.Sprintf("failed with exit code %d", e.ExitCode)
	if e.Signal != "" {
		how = "was ended by " + e.Signal
	}
	s := fmt.Sprintf("%q %s", shorten(e.Step, 100), how)
	if e.Ended != nil {
		s = fmt.Sprintf("%q: %v", shorten(e.Step, 100), e.Ended)
	}
	s += indented(e.Lines)
	for _, text := range e.Advice {
		s += "\n  " + text
	}
	return s + "\n  the whole log: " + e.Log
}

// Unwrap returns the limit, if one ended it.
func (e *ActionError) Unwrap() error { return e.Ended }

// indented are lines of a log below the sentence that they belong to.
func indented(lines []string) string {
	s := ""
	for _, l := range lines {
		s += "\n    " + l
	}
	return s
}

func shorten(s string, limit int) string {
	if len(s) > limit {
		return s[:limit] + "…"
	}
	return s
}
