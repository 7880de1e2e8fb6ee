package qemu

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestJudgeRealConsoles reads what real guests said (Linux 6.1 and BusyBox 1.35 under QEMU), in pieces as a pipe brings them.
func TestJudgeRealConsoles(t *testing.T) {
	silence := evidence{running: true, hit: silenceLimit, after: 20 * time.Second}
	booted := silence
	booted.booted = true
	tests := []struct {
		name    string
		e       evidence
		ended   string
		verdict Verdict
		text    string // in the message
		init    bool   // the kernel got as far as /init
	}{
		{"init_ends", evidence{}, "", Panic, "ended with status 3", true},
		{"killed", evidence{}, "", Panic, "ended with status 1", true},
		{"no_init", evidence{}, "", NoInit, "found no program to start", true},
		{"memory", booted, "", OOM, "invoked oom-killer", true},
		{"hangs", silence, "", Hang, "20 s: up: /init must start a shell", true},
		{"restarts", evidence{}, "restart", "", "", true},
		{"power", evidence{running: true}, "halt", "", "", true}, // without ACPI a power-off halts
		{"alive", booted, "", Hang, "silent for 20 s", true},
	}
	for _, test := range tests {
		for _, piece := range []int{1, 100, 1 << 20} {
			text, err := os.ReadFile(filepath.Join("testdata", "consoles", test.name+".log"))
			if err != nil {
				t.Fatal(err)
			}
			e := test.e
			var st stages
			lines := time.Duration(0)
			s := screen{newline: func(line string) {
				lines++
				e.clues.line(line)
				st.line(line, lines)
			}}
			for len(text) > 0 {
				n := min(piece, len(text))
				s.write(text[:n])
				text = text[n:]
			}
			e.clues.output, e.partial = true, s.partial()
			ended, failure := judge(e)
			if failure == nil {
				failure = &GuestError{}
			}
			if ended != test.ended || failure.Verdict != test.verdict || !strings.Contains(failure.Error(), test.text) {
				t.Errorf("%s in pieces of %d: ended %q, verdict %q (%v)", test.name, piece, ended, failure.Verdict, failure)
			}
			if st.kernel == 0 || (st.init > st.kernel) != test.init {
				t.Errorf("%s in pieces of %d: stages %+v", test.name, piece, st)
			}
		}
	}
}
