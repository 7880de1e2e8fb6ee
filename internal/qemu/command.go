package qemu

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// IO is what a run reads and writes. Every writer may be nil.
type IO struct {
	Stdin   io.Reader // Feed's lines; Command gives its command an empty input
	Stdout  io.Writer // Command: what the command prints; Feed: what a terminal would show
	Console io.Writer // every byte of the serial console as it came
	Noise   io.Writer // Command: the boot's messages
}

// syncTime is how long the guest may take to write its disks out.
const syncTime = 30 * time.Second

// Command boots m, waits for a shell prompt on the console, runs argv in the
// guest's shell with an empty standard input, and ends the machine. Each
// argument arrives byte for byte; there is no expansion, as with any exec.
// streams.Stdout gets what the command prints, errors too (there is one
// console), with the newlines that it wrote. The guest is told to sync its
// disks, then the machine is switched off; the guest does not shut down.
//
// The error is a *GuestError when the guest failed before it gave the command's
// exit code (what the dying kernel said may then stand in streams.Stdout), else
// what broke the run off: the context's error, or that of a write to streams.
func Command(ctx context.Context, m Machine, argv []string, streams IO, l Limits) (Outcome, error) {
	if len(argv) == 0 {
		return Outcome{}, errors.New("no command to run in the guest")
	}
	// Refuse what no guest can be given before it is booted.
	if _, err := argumentLines(argv, true); err != nil {
		return Outcome{}, err
	}
	c, err := powerOn(ctx, m, streams.Console, l)
	if err != nil {
		return Outcome{}, err
	}
	defer c.off()
	status, err := c.command(ctx, argv, streams, l)
	out := Outcome{ExitCode: status, Timings: c.timings()}
	var how ending
	if errors.As(err, &how) {
		out.Ended = string(how)
		err = &GuestError{
			Verdict: Ended, Line: c.clues.endLine,
			What: "the guest shut down before the command was done",
			Hint: "its /init must leave a shell running on the serial console",
		}
	}
	if err != nil {
		return out, err
	}
	out.Ended = "command"
	return out, c.logErr
}

func (c *console) command(ctx context.Context, argv []string, streams IO, l Limits) (int, error) {
	c.show = streams.Noise
	if err := c.firstPrompt(ctx); err != nil {
		return 0, err
	}
	c.show = nil
	sh, err := meet(ctx, c)
	if err != nil {
		return 0, err
	}
	c.silence = l.Silence
	status, err := sh.run(ctx, argv, func(p []byte) error {
		if streams.Stdout == nil || len(p) == 0 {
			return nil
		}
		if _, err := streams.Stdout.Write(p); err != nil {
			return fmt.Errorf("output of the guest: %w", err)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	// The result is known: whatever becomes of the guest now does not change it.
	c.silence, c.total = 0, 0
	ctx, cancel := context.WithTimeout(ctx, syncTime)
	defer cancel()
	_, _ = sh.try(ctx, "sync", 0)
	return status, nil
}
