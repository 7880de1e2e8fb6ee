package qemu

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"time"
)

const (
	// readerQuiet is how long the console is silent without a prompt before
	// the next line is typed anyway: a program seems to read.
	readerQuiet = 2 * time.Second
	// maxTyped is the longest line a terminal takes at once (N_TTY_BUF_SIZE in
	// the kernel's drivers/tty/n_tty.c); a longer one is typed in parts.
	maxTyped = 4096
	// maxGoodbyes is how many shells are left by Ctrl-D before the machine is
	// switched off: an init that starts a new one each time has no end.
	maxGoodbyes = 10
)

var endOfFile = []byte{'D' & 0x1f}

// Feed boots m, waits for a prompt, types streams.Stdin line by line, each when
// the guest is at a prompt again (or has been silent for a while, as a program
// that reads is), types Ctrl-D at the prompt that follows the last line, and
// ends with the guest. The lines are typed byte for byte; a last line without
// a newline is given one. streams.Stdout gets all the console shows from the
// start of the boot, with \n for \r\n and without the question for the
// cursor's position (ESC[6n), which a terminal behind Stdout would answer.
//
// A guest that restarts, powers off or halts after its first prompt is a good
// end. An init that keeps starting shells is switched off: Ended is "user".
func Feed(ctx context.Context, m Machine, streams IO, l Limits) (Outcome, error) {
	c, err := powerOn(ctx, m, streams.Console, l)
	if err != nil {
		return Outcome{}, err
	}
	defer c.off()
	var shown *terminalText
	if streams.Stdout != nil {
		shown = newTerminalText(streams.Stdout)
		c.show = shown
	}
	err = c.feed(ctx, streams.Stdin, l)
	if shown != nil {
		if lost := shown.flush(); err == nil {
			err = lost
		}
	}
	out := Outcome{Timings: c.timings()}
	if err == nil {
		out.Ended = "user"
	}
	var how ending
	if errors.As(err, &how) {
		out.Ended, err = string(how), nil
		if c.promptAt == 0 {
			err = &GuestError{
				Verdict: Ended, Line: c.clues.endLine,
				What: "the guest shut down before it gave a shell prompt",
				Hint: "its /init must start a shell on the serial console",
			}
		}
	}
	if err != nil {
		return out, err
	}
	return out, c.logErr
}

// feed returns nil when it is for us to end the machine.
func (c *console) feed(ctx context.Context, stdin io.Reader, l Limits) error {
	if err := c.firstPrompt(ctx); err != nil {
		return err
	}
	stop := make(chan struct{})
	defer close(stop)
	lines := readLines(stdin, stop)
	for {
		line, err := c.nextLine(ctx, lines)
		if err != nil {
			return err
		}
		if line == nil {
			break
		}
		if err := c.typeAndWait(ctx, line, l.Silence); err != nil {
			return err
		}
	}
	for range maxGoodbyes {
		if err := c.typeAndWait(ctx, endOfFile, l.Silence); err != nil {
			return err
		}
		// A Ctrl-D ends what reads. If nothing did, it was lost and what runs
		// goes on: only another prompt is a reason for another Ctrl-D.
		if _, err := c.untilPrompt(ctx, 0); err != nil {
			return err
		}
	}
	return nil
}

// nextLine waits for the next line to type. The guest has nothing to do
// meanwhile, so its silence is no fault. It returns nil at the end of input.
func (c *console) nextLine(ctx context.Context, lines <-chan []byte) ([]byte, error) {
	c.silence = 0
	for {
		ev, err := c.next(ctx, 0, lines)
		switch {
		case err != nil:
			return nil, err
		case ev.kind == input:
			return ev.data, nil
		case ev.kind == noInput:
			return nil, nil
		}
	}
}

// typeAndWait types p and waits until the guest seems to want more.
func (c *console) typeAndWait(ctx context.Context, p []byte, silence time.Duration) error {
	c.silence, c.quiet, c.fresh = silence, time.Now(), false
	c.send(p)
	for {
		_, err := c.untilPrompt(ctx, readerQuiet)
		if err != nil || c.keys.idle() {
			return err
		}
	}
}

// readLines sends the lines of r, each with its newline and in parts if it is
// very long, and closes the channel at the end. A read error is an end, too. A
// reader that blocks for ever keeps one goroutine: there is no way to wake it.
func readLines(r io.Reader, stop <-chan struct{}) <-chan []byte {
	lines := make(chan []byte)
	go func() {
		defer close(lines)
		if r == nil {
			return
		}
		in := bufio.NewReaderSize(r, maxTyped)
		for {
			part, err := in.ReadSlice('\n')
			line := bytes.Clone(part)
			if err != nil && !errors.Is(err, bufio.ErrBufferFull) && len(line) > 0 {
				line = append(line, '\n')
			}
			if len(line) > 0 {
				select {
				case lines <- line:
				case <-stop:
					return
				}
			}
			if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
				return
			}
		}
	}()
	return lines
}

// terminalText turns the console's bytes into text for a file or a pipe.
type terminalText struct {
	question *until
	cr       *unCR
	w        io.Writer
}

func newTerminalText(w io.Writer) *terminalText {
	t := &terminalText{w: w}
	t.cr = &unCR{emit: func(p []byte) error {
		_, err := w.Write(p)
		return err
	}}
	t.question = &until{mark: []byte("\x1b[6n"), emit: t.cr.write}
	return t
}

func (t *terminalText) Write(p []byte) (int, error) {
	rest := p
	for found := true; found; {
		var err error
		if rest, found, err = t.question.write(rest); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}

func (t *terminalText) flush() error {
	if err := t.cr.write(t.question.held); err != nil {
		return err
	}
	return t.cr.flush()
}
