package build

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// watcher reads an action's output as it comes: which step runs, how far make is, and which lines tell why it failed.
type watcher struct {
	job   Job
	count string // file that remembers how many lines make wrote the last time

	line    []byte
	step    string
	lines   int64 // that begin as make's do: "  CC      init/main.o"
	expect  int64
	reasons []string
	last    []string
}

func newWatcher(s *Store, job Job) *watcher {
	// The steps say what kind of work it is, whatever the inputs are: an edit of the configuration still finds it.
	sum := sha256.Sum256([]byte(job.Node.Name + "\n" + strings.Join(job.Node.Steps, "\n")))
	w := &watcher{job: job, count: filepath.Join(s.dir, "logs", hex.EncodeToString(sum[:8])+".count")}
	if b, err := os.ReadFile(w.count); err == nil {
		w.expect, _ = strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64)
	}
	return w
}

// Write implements io.Writer; it never fails.
func (w *watcher) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		i := bytes.IndexByte(rest, '\n')
		if i < 0 {
			w.line = append(w.line, rest...)
			break
		}
		w.see(string(append(w.line, rest[:i]...)))
		w.line, rest = w.line[:0], rest[i+1:]
	}
	return len(p), nil
}

var (
	makeLine = regexp.MustCompile(`^  [A-Z][A-Z0-9 _-]{1,7} +\S`)
	// reason matches the lines by which compilers, linkers, make, Kconfig and shells say what is wrong. "Error 1" of
	// make's own is an echo.
	reason = regexp.MustCompile(`(?i)(\b(fatal )?error: |undefined reference|cannot find|no such file|command not found|: not found|no rule to make|no space left|killed|segmentation fault|internal compiler error)`)
)

const (
	maxReasons = 5
	maxLast    = 5
)

func (w *watcher) see(line string) {
	switch {
	case strings.HasPrefix(line, "+ "):
		w.step = line[2:]
		w.job.Emit(Event{Kind: Step, Text: w.step})
	case makeLine.MatchString(line):
		w.lines++
		// An estimate that was too low must not show 104 %.
		w.job.Emit(Event{Kind: Progress, Done: w.lines, Total: max(w.expect, 0), Unit: "lines"})
	case reason.MatchString(line) && len(w.reasons) < maxReasons:
		w.reasons = append(w.reasons, line)
	}
	if strings.TrimSpace(line) != "" {
		if len(w.last) == maxLast {
			w.last = w.last[1:]
		}
		w.last = append(w.last, line)
	}
}

// why returns the first lines that say error, or else the last ones.
func (w *watcher) why() []string {
	if len(w.reasons) > 0 {
		return w.reasons
	}
	return w.last
}

// remember keeps the count for the next run's percentage. It is a convenience: nobody minds if it fails.
func (w *watcher) remember() {
	if w.lines > 0 {
		_ = os.WriteFile(w.count, []byte(strconv.FormatInt(w.lines, 10)+"\n"), 0o644)
	}
}
