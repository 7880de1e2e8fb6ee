package qemu

import (
	"strings"
	"sync"
)

// tail is a writer that remembers the last bytes written to it. It holds what
// QEMU said on its standard error.
type tail struct {
	mu   sync.Mutex
	kept []byte
}

const tailSize = 8 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept = append(t.kept, p...)
	if extra := len(t.kept) - tailSize; extra > 0 {
		t.kept = append(t.kept[:0], t.kept[extra:]...)
	}
	return len(p), nil
}

// lines returns what was kept, one line each, without QEMU's own name in
// front, without empty lines and without the notice that we ended it.
func (t *tail) lines() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var lines []string
	for line := range strings.Lines(string(t.kept)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "qemu-system-") {
			if _, rest, ok := strings.Cut(line, ": "); ok {
				line = rest
			}
		}
		if line != "" && !strings.HasPrefix(line, "terminating on signal") {
			lines = append(lines, line)
		}
	}
	return lines
}
