package fetch

import (
	"fmt"
	"net/http"
)

// HashError says that the bytes are not the wanted ones. None of them are kept.
type HashError struct {
	URL  string // where they came from
	Want string // hex sha256 asked for
	Got  string // hex sha256 received
}

func (e *HashError) Error() string {
	return fmt.Sprintf("%s: wrong bytes, nothing kept: sha256 is %s, expected %s", e.URL, e.Got, e.Want)
}

// SizeError says that the length is not the wanted one. Nothing is kept.
type SizeError struct {
	URL       string
	Want, Got int64 // bytes
	More      bool  // Got is where reading stopped; there was more
}

func (e *SizeError) Error() string {
	atLeast := ""
	if e.More {
		atLeast = "at least "
	}
	return fmt.Sprintf("%s: wrong size, nothing kept: %s%d bytes, expected %d", e.URL, atLeast, e.Got, e.Want)
}

// StatusError is an HTTP answer that brings no file.
type StatusError struct {
	URL  string
	Code int // HTTP status
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("%s: the server answered %d %s", e.URL, e.Code, http.StatusText(e.Code))
}

// transientError marks a failure that may be gone the next time.
type transientError struct{ err error }

func (e *transientError) Error() string { return e.err.Error() }
func (e *transientError) Unwrap() error { return e.err }

// WrongBytes tells a caller that knows only the error interface that another
// place must not be tried: this one answered, with something else.
func (e *HashError) WrongBytes() bool { return true }

// WrongBytes is true for the same reason as that of HashError.
func (e *SizeError) WrongBytes() bool { return true }
