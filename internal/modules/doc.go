// Package modules brings recipe modules: trees of files that somebody published as a tagged repository, which scripts
// load from by the repository's path, such as github.com/owner/repo.
//
// They come over the protocol of Go's module proxies (https://go.dev/ref/mod#goproxy-protocol), so that every public
// repository with a version tag is one already, whatever it is written in, with mirrors, private proxies and a
// checksum database that exist. What a module requires itself stands in its own mini.lock: whoever publishes a recipe
// has one anyway, tried his recipe with what it says, and would have to keep any second file equal to it. Which
// version of each is taken is settled by minimal version selection (https://research.swtch.com/vgo-mvs): the
// highest that anybody requires, and never a newer one that nobody asked for.
//
// A module's bytes are settled by the h1: checksum that go.sum files have. It is the hash of a list with the hash of
// each file, so a tree of files can be checked file by file, when a file is used.
//
// The package reads no environment and knows no script; it downloads by a function that it is given.
package modules

import "fmt"

// Error is a problem for the user, with what to do about it.
type Error struct {
	Msg, Hint string
	Err       error // the cause, or nil
}

func (e *Error) Error() string {
	if e.Hint != "" {
		return e.Msg + "\n" + e.Hint
	}
	return e.Msg
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

func errorf(hint, format string, args ...any) *Error {
	return &Error{Msg: fmt.Sprintf(format, args...), Hint: hint}
}
