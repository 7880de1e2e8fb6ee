package qemu

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"
)

// Limits bound a run. 0 is no limit.
type Limits struct {
	Boot    time.Duration // longest silence until the first prompt; DefaultBoot is a good value
	Silence time.Duration // longest silence later
	Total   time.Duration // the whole run
}

// DefaultBoot is a Limits.Boot with which slow software emulation on a busy
// host is not taken for a hang.
const DefaultBoot = 60 * time.Second

// Outcome is what came of a run.
type Outcome struct {
	ExitCode int     // of the guest's command; 0 where there was none
	Timings  Timings // of the boot
	Ended    string  // "command", "poweroff", "restart", "halt", or "user": we ended the machine, nobody wanted it any longer; "": it failed
}

const (
	// promptQuiet is how long the console is silent behind a prompt before it
	// is taken for one. A message that only looks like one is mostly longer.
	promptQuiet = 100 * time.Millisecond
	// deathQuiet is how long the console is silent behind the last words of a
	// kernel before they are believed.
	deathQuiet = time.Second
	// nudgeQuiet is how long a boot is silent before we press Enter, and
	// maxNudges how often we do.
	nudgeQuiet = 3 * time.Second
	maxNudges  = 3
)

// console is the serial port of a running guest with all that is known from
// listening to it. One goroutine uses it.
type console struct {
	proc   *process
	keys   *keyboard
	chunks chan []byte   // closed when QEMU has closed its end
	quit   chan struct{} // closed when nobody listens any more

	log    io.Writer // every byte as it came, or nil
	logErr error
	show   io.Writer // who sees the console at the moment, or nil

	screen screen
	clues  clues
	stages stages

	started  time.Time
	heard    time.Time // when the last byte came
	quiet    time.Time // since when we have been waiting
	fresh    bool      // output was handed out and quiet is out of date
	total    time.Duration
	spent    time.Duration // of total, before it started
	silence  time.Duration // the limit that holds now
	promptAt time.Duration // when the first prompt came, from started
}

// powerOn starts m. The caller calls off.
func powerOn(ctx context.Context, m Machine, log io.Writer, l Limits) (*console, error) {
	return powerOnWith(ctx, m.Program, m.Command(), log, l)
}

// powerOnWith is powerOn for an argument vector of a machine's that has more to it, such as files by their numbers.
func powerOnWith(ctx context.Context, program string, argv []string, log io.Writer, l Limits, files ...*os.File) (*console, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	began := time.Now()
	proc, err := start(argv, files...)
	if err != nil {
		return nil, startError(program, err)
	}
	c := &console{
		proc: proc, keys: newKeyboard(proc.input),
		chunks: make(chan []byte), quit: make(chan struct{}),
		log: log, started: began, quiet: began, heard: began,
		total: l.Total, silence: l.Boot,
	}
	c.screen.newline = func(line string) {
		c.clues.line(line)
		c.stages.line(line, time.Since(c.started))
	}
	go listen(proc.output, c.chunks, c.quit)
	return c, nil
}

// off ends the machine and returns when QEMU is gone.
func (c *console) off() {
	close(c.quit)
	c.keys.close()
	c.proc.stop()
}

// listen passes on what r has, until quit is closed, and closes chunks at the end.
func listen(r io.Reader, chunks chan<- []byte, quit <-chan struct{}) {
	defer close(chunks)
	for {
		buf := make([]byte, 32<<10)
		n, err := r.Read(buf)
		if n > 0 {
			select {
			case chunks <- buf[:n]:
			case <-quit:
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// event is what a wait brought.
type event struct {
	kind eventKind
	data []byte // of output and input
}

type eventKind int

const (
	output  eventKind = iota // the guest said something
	silent                   // it did not, for as long as was asked
	input                    // something came from the input channel
	noInput                  // the input channel was closed
)

// next waits for one event: output, patience spent without output (0: endless),
// or an event of input (may be nil). The guest's end, clean or not, is an
// ending or a *GuestError; the end of ctx is ctx's error.
func (c *console) next(ctx context.Context, patience time.Duration, in <-chan []byte) (event, error) {
	if c.fresh {
		// Time spent by those who show the output is not the guest's silence.
		c.fresh, c.quiet = false, time.Now()
	}
	now := time.Now()
	wait, why := patience, noLimit
	shorten := func(d time.Duration, l limit) {
		if d = max(d, 1); wait == 0 || d < wait {
			wait, why = d, l
		}
	}
	if c.total > 0 {
		shorten(c.total-c.spent-now.Sub(c.started), totalLimit)
	}
	if c.silence > 0 {
		shorten(c.silence-now.Sub(c.quiet), silenceLimit)
	}
	mourn := c.clues.dead(c.screen.partial())
	if mourn {
		// Counted from the last words, for who asks again and again with little patience. Never nothing: what has come is seen first.
		left := max(deathQuiet-now.Sub(c.quiet), time.Millisecond)
		if mourn = wait == 0 || left < wait; mourn {
			wait = left
		}
	}
	var timer <-chan time.Time
	if wait > 0 {
		t := time.NewTimer(wait)
		defer t.Stop()
		timer = t.C
	}

	select {
	case p, ok := <-c.chunks:
		if !ok {
			<-c.proc.done
			return event{}, c.verdict(noLimit)
		}
		return event{kind: output, data: p}, c.hear(p)
	case p, ok := <-in:
		if !ok {
			return event{kind: noInput}, nil
		}
		return event{kind: input, data: p}, nil
	case <-timer:
		if mourn || why != noLimit {
			return event{}, c.verdict(why)
		}
		return event{kind: silent}, nil
	case <-ctx.Done():
		return event{}, ctx.Err()
	}
}

// hear passes output on to all who want it.
func (c *console) hear(p []byte) error {
	c.fresh, c.heard = true, time.Now()
	c.clues.output = true
	c.screen.write(p)
	if c.log != nil && c.logErr == nil {
		// A full disk must not cost a person the session: told at the end.
		if _, err := c.log.Write(p); err != nil {
			c.logErr = fmt.Errorf("console log: %w", err)
		}
	}
	if c.show != nil {
		if _, err := c.show.Write(p); err != nil {
			return fmt.Errorf("output of the guest: %w", err)
		}
	}
	return nil
}

// hush begins a new silence: what went before was not the guest's, or no silence.
func (c *console) hush() { c.quiet, c.fresh = time.Now(), false }

// send types p. What stands on the line is old from now on.
func (c *console) send(p []byte) {
	c.screen.forget()
	c.keys.send(p)
}

// untilPrompt waits until the guest waits at a prompt. With patience > 0 it
// gives up after that much silence and returns false.
func (c *console) untilPrompt(ctx context.Context, patience time.Duration) (bool, error) {
	for {
		wait := patience
		if c.screen.atPrompt() {
			wait = promptQuiet
		}
		ev, err := c.next(ctx, wait, nil)
		if err != nil {
			return false, err
		}
		if ev.kind != silent {
			continue
		}
		if !c.screen.atPrompt() {
			return false, nil
		}
		c.sawPrompt()
		return true, nil
	}
}

// firstPrompt waits for the prompt with which the boot is over, or for another that must come. When a guest that
// has spoken falls silent, Enter is pressed, as a person would: a message of
// the kernel can fall right behind the prompt, and some inits start a shell
// only for who asks. Only a few times, because the echo of it is output, too,
// and would put off the limit on silence for ever.
func (c *console) firstPrompt(ctx context.Context) error {
	for nudges := 0; nudges < maxNudges; {
		found, err := c.untilPrompt(ctx, nudgeQuiet)
		if found || err != nil {
			return err
		}
		if c.clues.output { // before that there is nobody to hear it
			c.keys.send([]byte{'\n'})
			nudges++
		}
	}
	_, err := c.untilPrompt(ctx, 0)
	return err
}

// sawPrompt takes note that the guest waits at a prompt.
func (c *console) sawPrompt() {
	c.clues.alive()
	if c.promptAt == 0 {
		c.promptAt = c.heard.Sub(c.started)
	}
}

// ending is the error with which next reports that the guest shut itself down,
// cleanly and by its own will. Whether that is good is for the caller to say.
type ending string

func (e ending) Error() string { return "the guest shut down (" + string(e) + ")" }

// timings are those of the boot, as far as it got.
func (c *console) timings() Timings {
	c.stages.line(c.screen.partial(), time.Since(c.started)) // we may have ended it within the line
	return Timings{Kernel: c.stages.kernel, Init: c.stages.init, Prompt: c.promptAt}
}

// verdict judges a guest that has ended, or whose time is over.
func (c *console) verdict(hit limit) error {
	e := evidence{
		clues: c.clues, partial: c.screen.partial(),
		stderr: c.proc.stderr.lines(), hit: hit, booted: c.promptAt > 0,
	}
	switch hit {
	case totalLimit:
		e.after = c.total
	case silenceLimit:
		e.after = c.silence
	}
	select {
	case <-c.proc.done:
		e.exit = c.proc.err
	default:
		e.running = true
	}
	how, failure := judge(e)
	if failure != nil {
		return failure
	}
	return ending(how)
}
