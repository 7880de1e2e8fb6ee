package build

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// history remembers what nodes took when they were made the last time. All of it is estimates: a display's percentage, an
// order in which to begin. Nobody minds if it is lost.
type history struct{ dir string }

// past is what is remembered of one kind of node.
type past struct {
	Lines   int64         `json:"lines,omitempty"` // that make wrote
	Elapsed time.Duration `json:"elapsed_ns,omitempty"`
	CPU     time.Duration `json:"cpu_ns,omitempty"`
	Peak    int64         `json:"peak,omitempty"` // memory of the largest process, in bytes
}

func (s *Store) history() *history { return &history{filepath.Join(s.dir, "logs")} }

// file is where a kind of node is remembered. The steps say what kind of work it is, whatever the inputs are: an edit
// of the configuration still finds it.
func (h *history) file(n *Node) string {
	what := n.Name + "\n" + strings.Join(n.Steps, "\n")
	if n.Fetch != nil {
		what = n.Name + "\n" + n.Fetch.File
	}
	sum := sha256.Sum256([]byte(what))
	return filepath.Join(h.dir, hex.EncodeToString(sum[:8])+".past")
}

func (h *history) of(n *Node) past {
	var p past
	if b, err := os.ReadFile(h.file(n)); err == nil && json.Unmarshal(b, &p) != nil {
		return past{}
	}
	return p
}

func (h *history) remember(n *Node, p past) {
	if b, err := json.Marshal(p); err == nil {
		_ = os.WriteFile(h.file(n), append(b, '\n'), 0o644)
	}
}

// duration is what a node will take, about. What nobody has made here yet counts alike: then the way with the most nodes
// is the longest.
func (p past) duration() time.Duration {
	if p.Elapsed <= 0 {
		return 10 * time.Second
	}
	return p.Elapsed
}

// memory is what a node will take at most, about: its largest process, as many times as it had processes at work.
func (p past) memory() int64 {
	if p.Peak <= 0 {
		return 256 << 20 // a compiler, or a small link
	}
	atWork := int64(1)
	if p.Elapsed > 0 {
		atWork += int64(p.CPU / p.Elapsed)
	}
	return p.Peak * atWork
}
