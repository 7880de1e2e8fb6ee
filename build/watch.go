package build

import (
	"bytes"
	"regexp"
	"strings"
	"time"

	"mini/internal/failure"
)

// watcher reads an action's output as it comes: which step runs, how far make is, and which lines tell why it failed.
type watcher struct {
	failure.Finder
	job Job

	line   []byte
	step   string
	lines  int64 // that begin as make's do: "  CC      init/main.o"
	expect int64 // as many as the last time, 0 if nobody knows
}

func newWatcher(job Job, last past) *watcher { return &watcher{job: job, expect: max(last.Lines, 0)} }

// Write implements io.Writer; it never fails.
func (w *watcher) Write(p []byte) (int, error) {
	_, _ = w.Finder.Write(p)
	for rest := p; len(rest) > 0; {
		part, after, whole := bytes.Cut(rest, []byte("\n"))
		w.line = append(w.line, part[:min(len(part), maxWatched-len(w.line))]...)
		if whole {
			w.see(string(w.line))
			w.line = w.line[:0]
		}
		rest = after
	}
	return len(p), nil
}

// maxWatched is how much of a line is looked at, in bytes: a step may print a disk's content.
const maxWatched = 16 << 10

var makeLine = regexp.MustCompile(`^  [A-Z][A-Z0-9 _-]{1,7} +\S`)

func (w *watcher) see(line string) {
	switch {
	case strings.HasPrefix(line, "+ "):
		w.step = line[2:]
		w.job.Emit(Event{Kind: Step, Text: w.step})
	case makeLine.MatchString(line):
		w.lines++
		w.job.Emit(Event{Kind: Progress, Done: w.lines, Total: w.expect, Unit: "lines"})
	}
}

// past is what to remember for the next run.
func (w *watcher) past(elapsed time.Duration, used Usage) past {
	return past{Lines: w.lines, Elapsed: elapsed, CPU: used.CPU(), Peak: used.Peak}
}
