package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"mini/internal/sandbox"
)

// openTrace makes the file of --trace, so that a path where none can be is told before the build and not after it.
func (s *session) openTrace() error {
	if s.flags.trace == "" {
		return nil
	}
	f, err := os.Create(s.flags.trace)
	if err != nil {
		return usagef("--trace: %v", err)
	}
	s.traceFile = f
	return nil
}

// writeTrace writes the timeline, however the build ended. Only a file that could not be written is worth a word.
func (s *session) writeTrace() {
	if s.traceFile == nil {
		return
	}
	if s.timeline == nil { // nothing was begun
		_ = errors.Join(s.traceFile.Close(), os.Remove(s.traceFile.Name()))
		return
	}
	if err := errors.Join(s.timeline.WriteChrome(s.traceFile), s.traceFile.Close()); err != nil {
		s.note(fmt.Sprintf("the timeline could not be written: %v", err))
	}
}

// criticalPath tells what the build had to wait for.
func (s *session) criticalPath() string {
	path, whole := s.timeline.CriticalPath()
	if len(path) == 0 {
		return ""
	}
	text := "\nthe end waited for these, one after the other:"
	waited := time.Duration(0)
	for _, l := range path {
		text += pathLine(l.Elapsed, whole, l.Node.Title)
		waited += l.Waited
	}
	if share(waited, whole) > 0 {
		text += pathLine(waited, whole, "between them: looking at tools and inputs, waiting for a processor")
	}
	return text
}

func pathLine(took, whole time.Duration, what string) string {
	return fmt.Sprintf("\n%8s  %3d%%  %s", round(took), share(took, whole), clean(what))
}

func share(part, whole time.Duration) int {
	if whole <= 0 {
		return 0
	}
	return int(100*part.Seconds()/whole.Seconds() + 0.5)
}

// limitHint says how to allow more to a step that was ended for its silence or length.
func limitHint(err error) error {
	switch {
	case errors.Is(err, sandbox.ErrSilence):
		return fmt.Errorf("%w\n  --step-silence TIME lets a step be silent for longer, and 0 for ever", err)
	case errors.Is(err, sandbox.ErrTimeout):
		return fmt.Errorf("%w\n  --step-timeout TIME lets a step take longer, and 0 for ever", err)
	}
	return err
}
