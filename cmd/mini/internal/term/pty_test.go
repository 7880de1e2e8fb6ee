package term

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"mini/build"

	"golang.org/x/sys/unix"
)

// openPTY returns the two ends of a new terminal of that size.
func openPTY(t *testing.T, columns, rows uint16) (master, terminal *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip("this machine gives no pseudo-terminal: ", err)
	}
	t.Cleanup(func() { master.Close() })
	if err := unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	terminal, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("/dev/pts isn't mounted for this process: ", err)
	}
	if err := unix.IoctlSetWinsize(int(terminal.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Col: columns, Row: rows}); err != nil {
		t.Fatal(err)
	}
	return master, terminal
}

// onPTY shows what do does with a display on a real terminal.
func onPTY(t *testing.T, o Options, columns, rows uint16, do func(d *Display, seen func(string) bool)) (*emulator, string) {
	t.Helper()
	master, terminal := openPTY(t, columns, rows)
	if columns == 0 {
		columns, rows = 80, 24
	}
	screen := newEmulator(t, int(columns), int(rows))
	var mu sync.Mutex
	var all strings.Builder
	done := make(chan struct{})
	go func() {
		defer close(done)
		// The end is EIO, when nobody has the terminal open any more.
		_, _ = io.Copy(io.MultiWriter(writer(func(p []byte) { mu.Lock(); all.Write(p); mu.Unlock() }), screen), master)
	}()
	o.Out = terminal
	d := New(o)
	do(d, func(text string) bool {
		mu.Lock()
		defer mu.Unlock()
		return strings.Contains(all.String(), text)
	})
	terminal.Close()
	<-done
	return screen, all.String()
}

type writer func(p []byte)

func (w writer) Write(p []byte) (int, error) { w(p); return len(p), nil }

func TestARealTerminal(t *testing.T) {
	for _, c := range []struct {
		name          string
		options       Options
		columns, rows uint16
		live, colour  bool
	}{
		{"auto", Options{Color: "auto"}, 80, 24, true, true},
		{"NO_COLOR", Options{Color: "auto", NoColor: true}, 80, 24, true, false},
		{"never", Options{Color: "never"}, 80, 24, true, false},
		{"a serial line, which has no size", Options{Color: "auto"}, 0, 0, true, true},
		{"dumb", Options{Color: "auto", Dumb: true}, 80, 24, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			screen, bytes := onPTY(t, c.options, c.columns, c.rows, func(d *Display, seen func(string) bool) {
				d.Event(build.Event{Kind: build.Started, Node: "linux", Title: "linux"})
				for tries := 0; c.live && !seen("running"); tries++ { // the display draws in its own time
					if tries == 2000 {
						t.Error("no block was drawn")
						break
					}
					time.Sleep(10 * time.Millisecond)
				}
				d.Stop()
				d.Resume()
				d.Event(build.Event{Kind: build.Built, Node: "linux", Title: "linux"})
				d.Event(build.Event{Kind: build.Summary, Text: "over"})
				d.Close()
				d.Event(build.Event{Kind: build.Note, Text: "later"})
			})
			lines := strings.Fields(screen.String())
			want := "built linux 0.0s over note later"
			if !c.live {
				want = "start linux " + want
			}
			for i, word := range lines {
				if strings.HasSuffix(word, "s") && strings.Contains(word, ".") {
					lines[i] = "0.0s"
				}
			}
			if got := strings.Join(lines, " "); got != want {
				t.Errorf("the screen shows %q, want %q", got, want)
			}
			if screen.hidden {
				t.Error("the cursor is gone")
			}
			if got := strings.Contains(bytes, "\x1b[32m"); got != c.colour {
				t.Errorf("colour is %v, want %v", got, c.colour)
			}
			if !c.live && strings.ContainsRune(bytes, 0x1b) {
				t.Errorf("a dumb terminal got %q", bytes)
			}
		})
	}
}
