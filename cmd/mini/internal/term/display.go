package term

import (
	"encoding/json"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"mini/build"

	"golang.org/x/term"
)

// Options say where and how to show a build.
type Options struct {
	Out     *os.File  // usually the standard error
	Color   string    // "always", "never" or, for anything else, when Out is a terminal
	NoColor bool      // NO_COLOR is set (https://no-color.org); only Color "always" is stronger
	Dumb    bool      // Out can't move its cursor (TERM=dumb): write plain lines even if it is a terminal
	ASCII   bool      // draw with ASCII only, for a terminal or locale without UTF-8
	Verbose bool      // write hits and steps too
	JSON    io.Writer // if not nil, the events go here as one JSON object a line, and nothing goes to Out
	Jobs    int       // how many processors the build may use; the display shows it nowhere so far
}

// perFrame is the time between two drawings: ten a second are smooth and cost nothing.
const perFrame = 100 * time.Millisecond

// Display shows a build. Its methods may be called from any goroutine.
type Display struct {
	out     io.Writer
	size    func() (columns, rows int)
	now     func() time.Time
	style   *style
	verbose bool
	json    *json.Encoder
	ticking bool // the block is drawn by time; tests do it by hand

	// writing is held while the terminal is written to, which lasts as long as somebody holds Ctrl-S. mu is never held
	// then, so that events, and with them the build, go on. Lock writing before mu.
	writing sync.Mutex
	screen  screen // guarded by writing

	mu      sync.Mutex // guards what follows
	board   board
	live    bool    // Out is a terminal that can be drawn on
	waiting []entry // to be written with the next drawing
	stopped bool
	ticker  chan struct{} // closed to end the drawing; nil while nobody draws
}

// New prepares a display. It writes nothing before the first event, and on a terminal nothing about a build that is
// over within a tenth of a second but its result.
func New(o Options) *Display {
	d := &Display{
		out: o.Out, now: time.Now, verbose: o.Verbose, ticking: true,
		size: func() (int, int) { return 80, 24 },
	}
	if o.JSON != nil {
		d.json = json.NewEncoder(o.JSON)
		d.json.SetEscapeHTML(false)
		return d
	}
	terminal := o.Out != nil && term.IsTerminal(int(o.Out.Fd()))
	if terminal {
		d.size = func() (int, int) { return sizeOf(o.Out) }
	}
	d.live = terminal && !o.Dumb
	d.style = newStyle(o.Color == "always" || o.Color != "never" && terminal && !o.NoColor && !o.Dumb, o.ASCII)
	return d
}

// sizeOf is asked for every drawing, which makes a signal handler for a resized window unnecessary. Serial lines say
// 0 by 0.
func sizeOf(f *os.File) (columns, rows int) {
	columns, rows, err := term.GetSize(int(f.Fd()))
	if err != nil || columns <= 0 || rows <= 0 {
		return 80, 24
	}
	return columns, rows
}

// Expect says how many nodes the build may have to make, so that the summary line can say "3 of 9". Without it the
// line says "3".
func (d *Display) Expect(nodes int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.board.total = nodes
}

// Event shows one event. It is the sink of a build, and returns without waiting for a terminal, but for the summary's.
func (d *Display) Event(e build.Event) {
	d.mu.Lock()
	if d.json != nil {
		// Nobody is left to tell that the reader of the events has gone.
		_ = d.json.Encode(e)
		d.mu.Unlock()
		return
	}
	entries := d.wanted(d.board.tell(e, d.now()))
	if !d.live {
		d.plain(entries)
		d.mu.Unlock()
		return
	}
	d.waiting = append(d.waiting, entries...)
	stopped := d.stopped
	if !stopped {
		d.tick()
	}
	d.mu.Unlock()
	if e.Kind == build.Summary && !stopped {
		d.draw(false) // what the caller prints next comes after it
	}
}

// wanted leaves out what this display doesn't write: on a terminal the block shows what begins.
func (d *Display) wanted(entries []entry) []entry {
	var list []entry
	for _, e := range entries {
		switch e.kind {
		case build.Hit, build.Step:
			if !d.verbose {
				continue
			}
		case build.Started, build.Wait:
			if d.live {
				continue
			}
		}
		list = append(list, e)
	}
	return list
}

// plain writes lines as they come. Widths don't count: a log has none.
func (d *Display) plain(entries []entry) {
	var b strings.Builder
	for _, e := range entries {
		for _, line := range d.style.kept(e, layout{kept: titleWide}) {
			b.WriteString(line + "\n")
		}
	}
	if b.Len() > 0 && d.out != nil {
		// An error has nowhere to go: this is where errors are written.
		_, _ = io.WriteString(d.out, b.String())
	}
}

// tick begins to draw by time, if nobody does yet. mu is held.
func (d *Display) tick() {
	if d.ticker != nil || !d.ticking {
		return
	}
	quit := make(chan struct{})
	d.ticker = quit
	go func() {
		t := time.NewTicker(perFrame)
		defer t.Stop()
		for {
			select {
			case <-quit:
				return
			case <-t.C:
				d.draw(false)
			}
		}
	}()
}

// draw writes what waits and the block as it is now, or no block if it is to be cleared.
func (d *Display) draw(clear bool) {
	d.writing.Lock()
	defer d.writing.Unlock()

	d.mu.Lock()
	if d.stopped && !clear {
		d.mu.Unlock()
		return
	}
	columns, height := d.size()
	l := lay(columns)
	var keep []string
	for _, e := range d.waiting {
		keep = append(keep, d.style.kept(e, l)...)
	}
	d.waiting = nil
	var block []row
	if !clear && !d.board.ended && !d.board.began.IsZero() {
		block = d.style.live(&d.board, d.now(), l, height)
	}
	d.mu.Unlock()

	if text := d.screen.draw(keep, block, l, d.style.more); len(text) > 0 {
		_, _ = d.out.Write(text)
	}
}

// Stop clears the block and shows the cursor, because something else is about to use the terminal. What happens until
// Resume is written then.
func (d *Display) Stop() {
	if d.pause() {
		d.draw(true)
	}
}

// Resume goes on after Stop.
func (d *Display) Resume() {
	d.mu.Lock()
	d.stopped = false
	if d.live {
		d.tick()
	}
	d.mu.Unlock()
}

// Close ends the display: what waits is written, the block is cleared, the cursor is shown. Events that come later are
// written as plain lines. It may be called more than once.
func (d *Display) Close() {
	if !d.pause() {
		return
	}
	d.draw(true)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.live = false
	d.plain(d.waiting) // what came while the block was cleared
	d.waiting = nil
}

// pause ends the drawing by time and tells whether there is a terminal to be left in order.
func (d *Display) pause() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ticker != nil {
		close(d.ticker)
		d.ticker = nil
	}
	// A drawing that is just beginning sees it and leaves the terminal alone.
	d.stopped = true
	return d.live
}
