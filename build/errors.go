package build

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
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

// ActionError is a command that ran and failed.
type ActionError struct {
	Step     string // the last command that began
	ExitCode int
	Signal   string
	Log      string   // the whole output
	Lines    []string // the lines of the log that tell why
}

func (e *ActionError) Error() string {
	how := fmt.Sprintf("failed with exit code %d", e.ExitCode)
	if e.Signal != "" {
		how = "was ended by " + e.Signal
	}
	s := fmt.Sprintf("%q %s", shorten(e.Step, 100), how) + indented(e.Lines)
	if slices.ContainsFunc(e.Lines, notFound.MatchString) {
		s += "\n  a step sees those programs of this machine that it names, not all of them: is it missing in tools?"
	}
	return s + "\n  the whole log: " + e.Log
}

// notFound matches what shells say of a program that is not on PATH.
var notFound = regexp.MustCompile(`: [^ :/]+: (command )?not found$`)

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
