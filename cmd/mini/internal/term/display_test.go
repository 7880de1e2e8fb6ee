package term

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mini/build"

	"github.com/fatih/color"
)

// stage is a display on an emulated terminal, with a clock that stands still until it is moved.
type stage struct {
	*Display
	screen *emulator
	clock  time.Time
	writes int
}

func (s *stage) Write(p []byte) (int, error) {
	s.writes++
	return s.screen.Write(p)
}

func newStage(t *testing.T, columns, rows int) *stage {
	s := &stage{screen: newEmulator(t, columns, rows), clock: time.Unix(1_000_000, 0)}
	s.Display = &Display{
		out: s, style: newStyle(true, false), live: true,
		now:  func() time.Time { return s.clock },
		size: func() (int, int) { return s.screen.columns, s.screen.rows },
	}
	return s
}

func (s *stage) wait(d time.Duration) { s.clock = s.clock.Add(d) }

func (s *stage) say(kind build.EventKind, title, text string) {
	s.Event(build.Event{Kind: kind, Node: title, Title: title, Text: text})
}

func (s *stage) progress(title, unit string, done, total int64) {
	s.Event(build.Event{Kind: build.Progress, Node: title, Title: title, Unit: unit, Done: done, Total: total})
}

// shows compares the screen with the text. The tabs that indent it here, and the empty lines around it, don't count.
func (s *stage) shows(t *testing.T, want string) {
	t.Helper()
	want = strings.Trim(strings.ReplaceAll(want, "\t", ""), "\n")
	if got := strings.TrimRight(s.screen.String(), "\n"); got != want {
		t.Errorf("the screen shows\n%s\nwant\n%s", got, want)
	}
}

const (
	fetch   = "linux 6.1.192: fetch"
	busybox = "busybox 1.35.0: compile"
	linux   = "linux 6.1.192: compile"
)

func TestABuildOnATerminal(t *testing.T) {
	s := newStage(t, 80, 24)
	s.Expect(5)
	s.say(build.Hit, "rootfs: list", "")
	s.draw(false)
	s.shows(t, "") // a build that finds everything in the cache shows nothing but its result

	s.say(build.Started, fetch, "")
	s.progress(fetch, "bytes", 20<<20, 134<<20)
	s.draw(false)
	s.wait(2 * time.Second)
	s.progress(fetch, "bytes", 43<<20, 134<<20)
	s.say(build.Started, busybox, "")
	s.say(build.Step, busybox, `make -C src O="$PWD/build" busybox`)
	s.progress(busybox, "lines", 1203, 0)
	s.draw(false)
	s.shows(t, `
	⠋  32% linux 6.1.192: fetch               2s  ━━──────  43.0/134 MiB 11.5 MiB/s
	⠋      busybox 1.35.0: compile            0s  1,203 lines  make busybox
	1 of 5 done, 2 running, 1 from cache · 2s
	`)
	if !s.screen.hidden {
		t.Error("the cursor blinks in the block")
	}

	s.wait(time.Second)
	s.say(build.Built, fetch, "")
	s.say(build.Started, linux, "")
	s.progress(linux, "lines", 600, 400) // the last run's count was too low
	s.say(build.Wait, "initramfs", "another mini is building it; waiting")
	s.draw(false)
	s.shows(t, `
	built  linux 6.1.192: fetch                         3.0s
	⠋      busybox 1.35.0: compile            1s  1,203 lines  make busybox
	⠋  99% linux 6.1.192: compile             0s  ━━━━━━━─
	wait   initramfs                          0s  another mini is building it; wai…
	2 of 5 done, 3 running, 1 from cache · 3s
	`)

	s.say(build.Started, "initramfs", "")
	s.say(build.Built, "initramfs", "")
	s.Event(build.Event{Kind: build.Failed, Node: busybox, Title: busybox, Elapsed: 221 * time.Second, Text: "make ended with status 2\nmore"})
	s.draw(false)
	s.shows(t, `
	built  linux 6.1.192: fetch                         3.0s
	built  initramfs                                    0.0s
	failed busybox 1.35.0: compile                     3m41s
	       make ended with status 2
	⠋  99% linux 6.1.192: compile             0s  ━━━━━━━─
	3 of 5 done, 1 running, 1 from cache, 1 failed · 3s
	`)
	s.Close() // interrupted: linux never ended
	s.shows(t, `
	built  linux 6.1.192: fetch                         3.0s
	built  initramfs                                    0.0s
	failed busybox 1.35.0: compile                     3m41s
	       make ended with status 2
	`)
	if s.screen.hidden {
		t.Error("the cursor is gone")
	}
	before := s.writes
	s.Close()
	s.draw(false)
	if s.writes != before {
		t.Error("a closed display wrote to the terminal")
	}
}

func TestTheSummaryIsThereBeforeTheCallerGoesOn(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "9 nodes: 3 built, 6 from cache"},
		{"nothing to do\nlinux.bzImage 1.0 MiB", "nothing to do\nlinux.bzImage 1.0 MiB"},
	} {
		s := newStage(t, 80, 24)
		s.say(build.Started, linux, "")
		s.draw(false)
		s.Event(build.Event{Kind: build.Summary, Done: 3, Total: 9, Text: c.text})
		s.shows(t, c.want)
		if s.screen.hidden {
			t.Error("the cursor is gone")
		}
	}
}

// make counts its lines over all steps of a node. Files and bytes are those of one step: the next one must not show them.
func TestWhatAStepLeavesBehind(t *testing.T) {
	s := newStage(t, 80, 24)
	for _, title := range []string{"made", "unpacked"} {
		s.say(build.Started, title, "")
	}
	s.progress("made", "lines", 50, 100)
	s.progress("unpacked", "files", 1000, 1000)
	s.say(build.Step, "made", "make a_long_target_name")
	s.draw(false)
	s.say(build.Step, "made", "make b")
	s.say(build.Step, "unpacked", "cp a b")
	s.draw(false) // and of the longer row nothing is left either
	s.shows(t, `
	⠋  50% made                               0s  ━━━━────  make b
	⠋      unpacked                           0s  cp a b
	0 done, 2 running · 0s
	`)
}

func TestNarrowAndWide(t *testing.T) {
	for _, c := range []struct {
		columns int
		want    string
	}{
		{120, "⠋  50% busybox 1.35.0 x86_64: check configuration     0s  ━━━━━━──────  1.0/2.0 MiB\n0 done, 1 running · 0s\n"},
		{60, "⠋  50% busybox 1.35.0 x86_64: check…      0s  1.0/2.0 MiB\n0 done, 1 running · 0s\n"},
		{40, "⠋  50% busybox 1.35.0 x86_64: c…     0s\n0 done, 1 running · 0s\n"},
		{20, "⠋  50% busybox… …\n0 done, 1 running…\n"},
		{1, "…\n…\n"},
	} {
		s := newStage(t, c.columns, 24)
		s.say(build.Started, "busybox 1.35.0 x86_64: check configuration", "")
		s.progress("busybox 1.35.0 x86_64: check configuration", "bytes", 1<<20, 2<<20)
		s.draw(false)
		if c.columns > 1 && s.screen.wrapped > 0 {
			t.Errorf("%d columns: a row was broken", c.columns)
		}
		if c.columns > 1 {
			s.shows(t, c.want)
		}
	}
}

func TestAWindowMadeNarrower(t *testing.T) {
	s := newStage(t, 100, 24)
	s.say(build.Note, "", "kept")
	s.say(build.Started, linux, "")
	s.say(build.Step, linux, "a step that fills the row of a wide window, whatever it may be good for")
	s.draw(false)
	s.screen.narrow(30)
	s.draw(false)
	s.Close()
	s.shows(t, "note   kept")
}

func TestALowWindow(t *testing.T) {
	s := newStage(t, 80, 5)
	for _, title := range []string{"a", "b", "c", "d", "e", "f"} {
		s.say(build.Started, title, "")
	}
	for range 3 {
		s.draw(false)
	}
	s.shows(t, `
	⠋      a                                  0s
	⠋      b                                  0s
	⠋      c                                  0s
	0 done, 6 running · 0s
	`)
}

func TestLinesAreKeptWhole(t *testing.T) {
	s := newStage(t, 30, 24)
	s.say(build.Started, linux, "")
	s.say(build.Step, linux, strings.Repeat("step ", 9))
	s.draw(false)
	s.say(build.Note, "", "a sentence that is longer than the terminal is wide")
	s.draw(false)
	s.Close()
	s.shows(t, "note   a sentence that is long\ner than the terminal is wide")
}

func TestSomebodyElseHasTheTerminal(t *testing.T) {
	s := newStage(t, 80, 24)
	s.say(build.Started, busybox, "")
	s.draw(false)
	s.Stop()
	if s.screen.hidden {
		t.Error("the cursor is hidden for the other")
	}
	before := s.writes
	s.say(build.Built, busybox, "")
	s.say(build.Summary, "", "done")
	s.draw(false)
	if s.writes != before {
		t.Error("the display wrote while it was stopped")
	}
	s.Resume()
	s.draw(false)
	s.shows(t, "built  busybox 1.35.0: compile                      0.0s\ndone")
}

func TestOnceIsEnoughForANote(t *testing.T) {
	s := newStage(t, 80, 24)
	s.say(build.Note, "a", "no sandbox\n  on this machine")
	s.say(build.Note, "b", "no sandbox\n  on this machine")
	s.Close()
	s.shows(t, "note   a: no sandbox\n         on this machine")
}

// Whatever the events are, the block is gone in the end, no row of it was ever broken, and nothing that the emulator
// doesn't know was sent.
func TestAnyEvents(t *testing.T) {
	kinds := []build.EventKind{build.Hit, build.Started, build.Started, build.Step, build.Progress, build.Built, build.Failed, build.Wait, "unknown"}
	texts := []string{"", "x", "内核 编译", "\x1b[2J\x1b[1;1Hgone", "e\u0301\u0301\u0301\u0301", strings.Repeat("long ", 99), "a\nb", "\u202egpj", "👩\u200d💻 code", "\xff"}
	r := rand.New(rand.NewPCG(1, 2))
	for range 60 {
		s := newStage(t, 2+r.IntN(130), 2+r.IntN(20))
		s.say(build.Started, "first", "")
		for range r.IntN(60) {
			e := build.Event{
				Kind: kinds[r.IntN(len(kinds))], Node: texts[r.IntN(len(texts))], Title: texts[r.IntN(len(texts))], Text: texts[r.IntN(len(texts))],
				Done: r.Int64() - r.Int64(), Total: r.Int64() - r.Int64(), Unit: []string{"", "bytes", "files", "lines", "\x1b"}[r.IntN(5)],
			}
			if r.IntN(3) == 0 {
				e.Done, e.Total = e.Done%1000, e.Total%1000
			}
			s.Event(e)
			s.wait(time.Duration(r.IntN(2000)) * time.Millisecond)
			s.Display.mu.Lock()
			s.Display.waiting = nil // lines to keep may be broken
			s.Display.mu.Unlock()
			s.draw(false)
		}
		if s.screen.wrapped > 0 {
			t.Fatalf("a row was broken at %d columns:\n%s", s.screen.columns, s.screen)
		}
		s.Close()
		s.shows(t, "")
		if t.Failed() {
			return
		}
	}
}

// play sends a small build to a display.
func play(d *Display) {
	say := func(e build.Event) { e.Node = e.Title; d.Event(e) }
	say(build.Event{Kind: build.Hit, Title: "rootfs: list"})
	say(build.Event{Kind: build.Started, Title: linux})
	say(build.Event{Kind: build.Step, Title: linux, Text: "make -C src \x1b[31mbzImage"})
	say(build.Event{Kind: build.Progress, Title: linux, Done: 1, Total: 2, Unit: "lines"})
	say(build.Event{Kind: build.Wait, Title: busybox, Text: "another mini is building it"})
	say(build.Event{Kind: build.Note, Text: "no sandbox"})
	say(build.Event{Kind: build.Built, Title: linux, Elapsed: 221 * time.Second})
	say(build.Event{Kind: build.Failed, Title: busybox, Elapsed: time.Second, Text: "no\nmore"})
	d.Event(build.Event{Kind: build.Summary, Done: 1, Total: 2})
	d.Close()
}

const played = `start  linux 6.1.192: compile
wait   busybox 1.35.0: compile: another mini is building it
note   no sandbox
built  linux 6.1.192: compile                      3m41s
failed busybox 1.35.0: compile                      1.0s
       no
2 nodes: 1 built, 1 from cache
`

func TestOffATerminal(t *testing.T) {
	for _, c := range []struct {
		name    string
		options Options
		want    string
	}{
		{"plain", Options{Color: "auto"}, played},
		{"never", Options{Color: "never"}, played},
		{"verbose", Options{Color: "auto", Verbose: true}, "cached rootfs: list\n" + strings.Replace(played, "wait ", "step   linux 6.1.192: compile: make -C src bzImage\nwait ", 1)},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, err := os.Create(filepath.Join(t.TempDir(), "log"))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			c.options.Out = f
			play(New(c.options))
			got, err := os.ReadFile(f.Name())
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestColourWhenItIsAskedFor(t *testing.T) {
	t.Setenv("NO_COLOR", "1") // the library looks at it; only what the options say counts
	f, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	play(New(Options{Out: f, Color: "always", NoColor: true}))
	got, _ := os.ReadFile(f.Name())
	if !strings.Contains(string(got), "\x1b[32mbuilt") {
		t.Errorf("no green in %q", got)
	}
}

func TestNoColourWhenItIsNot(t *testing.T) {
	before := color.NoColor
	color.NoColor = false // what the library finds when the standard output is a terminal
	defer func() { color.NoColor = before }()
	f, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	play(New(Options{Out: f, Color: "auto"}))
	if got, _ := os.ReadFile(f.Name()); string(got) != played {
		t.Errorf("got %q", got)
	}
}

func TestJSON(t *testing.T) {
	var out bytes.Buffer
	f, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	d := New(Options{Out: f, JSON: &out})
	want := []build.Event{
		{Kind: build.Started, Node: "a", Text: "<x> && \x1b[31m"},
		{Kind: build.Progress, Node: "a", Done: 1, Total: 2, Unit: "files"},
		{Kind: build.Summary, Done: 1, Total: 1},
	}
	for _, e := range want {
		d.Event(e)
	}
	d.Stop()
	d.Resume()
	d.Close()
	if strings.Count(out.String(), "\n") != len(want) || strings.ContainsRune(out.String(), 0x1b) || !strings.Contains(out.String(), "<x> &&") {
		t.Errorf("got %s", out.String())
	}
	dec := json.NewDecoder(&out)
	for _, w := range want {
		var e build.Event
		if err := dec.Decode(&e); err != nil || e != w {
			t.Errorf("got %+v, %v; want %+v", e, err, w)
		}
	}
	if info, err := f.Stat(); err != nil || info.Size() != 0 {
		t.Error("text was written beside the events")
	}
}

func TestASCII(t *testing.T) {
	s := newStage(t, 80, 24)
	s.style = newStyle(false, true)
	s.say(build.Started, linux, "")
	s.progress(linux, "lines", 1, 2)
	s.draw(false)
	s.shows(t, `
	|  50% linux 6.1.192: compile             0s  ####....
	0 done, 1 running - 0s
	`)
}
