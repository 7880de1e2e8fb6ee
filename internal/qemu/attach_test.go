package qemu

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestKeys(t *testing.T) {
	tests := []struct {
		typed, guest string
		help, leave  bool
	}{
		{"ls\r", "ls\r", false, false},
		{"\x03\x04\x1a\x1b[A", "\x03\x04\x1a\x1b[A", false, false},
		{"a\x01xlost", "a", false, true},
		{"a\x01X", "a", false, true},
		{"\x01\x01b", "\x01b", false, false},
		{"\x01ab", "\x01b", false, false},
		{"\x01hls", "ls", true, false},
		{"\x01zls", "ls", false, false},
		{"x\x01", "x", false, false},
	}
	for _, test := range tests {
		var whole keys
		guest, help, leave := whole.read([]byte(test.typed))
		if string(guest) != test.guest || help != test.help || leave != test.leave {
			t.Errorf("%q: %q, %v, %v", test.typed, guest, help, leave)
		}
		// A key at a time: the command key and its letter come apart.
		var single keys
		var got []byte
		helped, left := false, false
		for i := 0; i < len(test.typed) && !left; i++ {
			var h bool
			guest, h, left = single.read([]byte{test.typed[i]})
			got, helped = append(got, guest...), helped || h
		}
		if string(got) != test.guest || helped != test.help || left != test.leave {
			t.Errorf("%q key by key: %q, %v, %v", test.typed, got, helped, left)
		}
	}
}

// openTerminal returns both ends of a pseudo-terminal.
func openTerminal(t *testing.T) (person, tty *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("no pseudo-terminals here: %v", err)
	}
	t.Cleanup(func() { person.Close() })
	if err := unix.IoctlSetPointerInt(int(person.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(person.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	tty, err = os.OpenFile("/dev/pts/"+strconv.Itoa(n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no pseudo-terminals here: %v", err)
	}
	t.Cleanup(func() { tty.Close() })
	return person, tty
}

func settings(t *testing.T, tty *os.File) unix.Termios {
	t.Helper()
	s, err := unix.IoctlGetTermios(int(tty.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	return *s
}

// watched is a writer on which a test can wait for a text.
type watched struct {
	mu   sync.Mutex
	cond *sync.Cond
	text bytes.Buffer
}

func newWatched() *watched {
	w := new(watched)
	w.cond = sync.NewCond(&w.mu)
	return w
}

func (w *watched) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cond.Broadcast()
	return w.text.Write(p)
}

func (w *watched) wait(text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for !strings.Contains(w.text.String(), text) {
		w.cond.Wait()
	}
}

func TestAttach(t *testing.T) {
	person, tty := openTerminal(t)
	before := settings(t, tty)
	var log bytes.Buffer
	screen := newWatched()
	type result struct {
		out Outcome
		err error
	}
	results := make(chan result, 1)
	go func() {
		out, err := Attach(context.Background(), fakeGuest(t, bareShell), tty, screen, &log, generous)
		results <- result{out, err}
	}()
	screen.wait("guest# ")
	if raw := settings(t, tty); raw.Lflag&(unix.ECHO|unix.ICANON|unix.ISIG) != 0 {
		t.Error("the terminal is not in raw mode")
	}
	io.WriteString(person, "echo a$((1+1))b\n")
	screen.wait("a2b\n")
	io.WriteString(person, "\x01h")
	screen.wait("end the machine")
	io.WriteString(person, "echo '\x01\x01' | od -c\n")
	screen.wait("001")
	io.WriteString(person, "echo Kernel panic - not syncing: in a log\n")
	screen.wait("in a log\nguest# ")
	io.WriteString(person, "\x01x")
	got := <-results
	if got.err != nil || got.out.Ended != "user" || got.out.Timings.Prompt <= 0 {
		t.Errorf("%+v, %v", got.out, got.err)
	}
	if settings(t, tty) != before {
		t.Error("the terminal's settings are not restored")
	}
	if !strings.Contains(log.String(), "a2b\n") || strings.Contains(log.String(), "end the machine") {
		t.Errorf("console log: %q", log.String())
	}
	// Nobody reads the terminal any longer: the next key is the next reader's.
	io.WriteString(person, "mine\n")
	line := make([]byte, 100)
	if n, err := tty.Read(line); err != nil || string(line[:n]) != "mine\n" {
		t.Errorf("the next line read is %q, %v", line[:n], err)
	}
}

func TestAttachEnds(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, body string
		limits     Limits
		ended      string
		verdict    Verdict
	}{
		{"power off", "echo hi; echo reboot: Power down", generous, "poweroff", ""},
		{"reset", "echo hi", generous, "", Reset},
		{"panic", "echo Kernel panic - not syncing: x; echo '---[ end Kernel panic - not syncing: x ]---'; exec sleep 100", generous, "", Panic},
		{"silence from the start", "exec sleep 100", Limits{Boot: 200 * time.Millisecond}, "", HangBeforeConsole},
		{"no prompt is no fault", "printf 'login: '; sleep 1; echo; echo reboot: System halted", Limits{Boot: 700 * time.Millisecond}, "halt", ""},
	}
	together(len(tests), func(i int) {
		test := tests[i]
		t.Run(test.name, func(t *testing.T) {
			_, tty := openTerminal(t)
			before := settings(t, tty)
			patiently(func(scale time.Duration, last bool) bool {
				var log bytes.Buffer
				got, err := Attach(t.Context(), fakeGuest(t, test.body), tty, io.Discard, &log, test.limits.times(scale))
				if log.Len() == 0 && test.verdict != HangBeforeConsole && !last {
					return false
				}
				var failure *GuestError
				if errors.As(err, &failure); failure == nil {
					failure = &GuestError{}
				}
				if got.Ended != test.ended || failure.Verdict != test.verdict || err != nil && test.verdict == "" {
					t.Errorf("%+v, %v", got, err)
				}
				return true
			})
			if settings(t, tty) != before {
				t.Error("the terminal's settings are not restored")
			}
		})
	})
}

func TestAttachCancelled(t *testing.T) {
	_, tty := openTerminal(t)
	before := settings(t, tty)
	ctx, cancel := context.WithCancel(t.Context())
	stop := writerFunc(func(p []byte) (int, error) {
		cancel()
		return len(p), nil
	})
	if _, err := Attach(ctx, fakeGuest(t, bareShell), tty, stop, nil, generous); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if settings(t, tty) != before {
		t.Error("the terminal's settings are not restored")
	}
}

func TestAttachNeedsATerminal(t *testing.T) {
	file, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := Attach(t.Context(), Machine{Program: "/nonexistent"}, file, io.Discard, nil, Limits{}); err == nil || !strings.Contains(err.Error(), "not a terminal") {
		t.Errorf("got %v", err)
	}
}
