package qemu

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"
)

// Attach boots m and connects it to a person's terminal: tty, from which keys
// are read, and stdout, where the console shows. The terminal is in raw mode
// meanwhile, so that every key but Ctrl-A is the guest's; its settings are
// restored on return, however that comes. A change of the window's size needs
// no care: a serial line has no size, and a guest that wants to know asks the
// terminal itself.
//
// Ctrl-A x ends the machine ("user"), and the guest's own shutdown is a good
// end. A person needs no prompt and may think for an hour: l.Boot bounds only
// the wait for the first byte of the guest, l.Silence every later one.
func Attach(ctx context.Context, m Machine, tty *os.File, stdout, console io.Writer, l Limits) (Outcome, error) {
	fd := int(tty.Fd())
	before, err := term.MakeRaw(fd)
	if err != nil {
		return Outcome{}, fmt.Errorf("%s is not a terminal: %w", tty.Name(), err)
	}
	defer term.Restore(fd, before)
	c, err := powerOn(ctx, m, console, l)
	if err != nil {
		return Outcome{}, err
	}
	defer c.off()

	c.show = stdout
	typed, err := openTyped(fd)
	if err != nil {
		return Outcome{}, err
	}
	defer typed.close()

	err = c.attend(ctx, typed.bytes, stdout, l)
	if c.screen.partial() != "" {
		// What is printed next shall not stand behind the guest's prompt.
		_, _ = io.WriteString(stdout, "\r\n")
	}
	out := Outcome{Timings: c.timings()}
	if err == nil {
		out.Ended = "user"
	}
	var how ending
	if errors.As(err, &how) {
		out.Ended, err = string(how), nil
	}
	if err != nil {
		return out, err
	}
	return out, c.logErr
}

// attend moves keys and output until one side ends it; nil is the person's wish.
func (c *console) attend(ctx context.Context, typed <-chan []byte, stdout io.Writer, l Limits) error {
	var k keys
	known := false // that the guest is at a prompt
	for {
		patience := time.Duration(0)
		if !known && c.screen.atPrompt() {
			patience = promptQuiet
		}
		ev, err := c.next(ctx, patience, typed)
		if err != nil {
			return err
		}
		switch ev.kind {
		case output:
			known, c.silence = false, l.Silence
		case silent:
			known = true
			c.sawPrompt()
		case input:
			if c.screen.atPrompt() {
				c.sawPrompt() // a quick person
			}
			guest, help, leave := k.read(ev.data)
			if len(guest) > 0 {
				c.keys.send(guest)
			}
			if help {
				_, _ = io.WriteString(stdout, leaveHelp)
			}
			if leave {
				return nil
			}
		case noInput:
			return nil // the terminal is gone
		}
	}
}
