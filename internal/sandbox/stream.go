package sandbox

import (
	"io"
	"os"
	"sync/atomic"
	"time"
)

// A stream passes the action's output on and remembers when there was some.
type stream struct {
	from    *os.File
	began   time.Time
	last    atomic.Int64 // time of the last output, in ns since began: a monotonic clock, unlike the wall's
	writing atomic.Bool  // w is being written to: silence now is the reader's, not the action's
	failed  chan error   // gets the error of the writer, once
	done    chan struct{}
	err     error // the same error; read it after done
}

// passOn starts to copy from the pipe to w. The pipe is read even after w failed, or the action would wait for room in
// it instead of ending.
func passOn(from *os.File, w io.Writer) *stream {
	if w == nil {
		w = io.Discard
	}
	s := &stream{from: from, began: time.Now(), failed: make(chan error, 1), done: make(chan struct{})}
	go func() {
		defer close(s.done)
		buf := make([]byte, 64<<10)
		for {
			n, err := from.Read(buf)
			if n > 0 {
				s.touch()
				s.writing.Store(true)
				s.pass(w, buf[:n])
				s.writing.Store(false)
			}
			if err != nil {
				return
			}
		}
	}()
	return s
}

// pass writes b to w, unless w failed before.
func (s *stream) pass(w io.Writer, b []byte) {
	if s.err != nil {
		return
	}
	if _, s.err = w.Write(b); s.err != nil {
		s.failed <- s.err
	}
}

func (s *stream) touch()              { s.last.Store(int64(time.Since(s.began))) }
func (s *stream) idle() time.Duration { return time.Since(s.began) - time.Duration(s.last.Load()) }

// finish waits for the end of the output. Once the init is gone every writer is gone too, unless namespaces were off
// and a process got away (one that became another user, say): that one shall not hold us. What is already in the pipe
// is passed on in any case, however slow the writer is.
func (s *stream) finish() error {
	for {
		select {
		case <-s.done:
			s.from.Close()
			return s.err
		case <-time.After(straggle):
			if !s.writing.Load() && s.idle() >= straggle {
				s.from.SetReadDeadline(time.Now())
			}
		}
	}
}

// straggle is how long the output may stay open, in silence, after the action's end.
const straggle = time.Second
