package qemu

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// Guest is a machine that runs and is talked to step by step, for tests of it. Its console is listened to by Expect and
// typed at by Send; commands run in a shell of their own behind a second serial port, so that neither disturbs the other. It
// is for one goroutine, and time that passes between the calls is not the guest's silence.
type Guest struct {
	machine Machine
	log     io.Writer
	limits  Limits
	began   time.Time

	c      *console
	second *secondPort
	chosen *chosen
	device string // the guest's name of the second port
	sh     *shell // behind it; nil until it is needed

	conns    []*Conn
	text     reading // of the console
	prompt   bool    // the guest is known to be at a prompt
	answered bool    // it gave a sign that only a guest in good health gives
	restarts int     // unasked, before it was up
	trouble  string  // of the machine that was switched off last
	first    Timings
}

// Timings is when a boot got how far, from the start of QEMU. 0: it was not seen.
type Timings struct {
	Kernel time.Duration `json:"kernel,omitempty"` // the kernel's first line
	Init   time.Duration `json:"init,omitempty"`   // the kernel starts /init
	Prompt time.Duration `json:"prompt,omitempty"` // a shell waits
}

const (
	// maxRestarts is how often a guest may restart before it is up until that is a loop.
	maxRestarts = 2
	// maxText is how much of the console is kept for Expect, and maxOutput how much a command may print.
	maxText   = 1 << 20
	maxOutput = 16 << 20
)

// PowerOn starts m. The caller calls Off. l.Boot bounds the silence until the first prompt was seen, l.Silence a later one,
// and l.Total the whole, restarts included.
func PowerOn(ctx context.Context, m Machine, console io.Writer, l Limits) (*Guest, error) {
	g := &Guest{machine: m, log: console, limits: l, began: time.Now()}
	return g, g.on(ctx)
}

func (g *Guest) on(ctx context.Context) error {
	near, far, err := socketPair("second serial port")
	if err != nil {
		return err
	}
	defer far.Close()
	var args []string
	args, g.device = g.machine.secondArgs()
	nearMonitor, farMonitor, more, err := g.machine.monitor()
	if err != nil {
		near.Close()
		return err
	}
	defer farMonitor.Close()
	argv := slices.Concat(g.machine.Command(), args, more)
	c, err := powerOnWith(ctx, g.machine.Program, argv, g.log, g.limits, far, farMonitor)
	if err != nil {
		near.Close()
		nearMonitor.Close()
		return err
	}
	g.chosen = newChosen(nearMonitor)
	c.spent = c.started.Sub(g.began)
	c.screen.seen = func(b byte) { g.text = append(g.text, b) }
	g.c, g.second, g.sh, g.prompt = c, newSecondPort(c, near), nil, false
	return nil
}

// Off ends the machine and returns when QEMU is gone. The error is that of a write to the console's log.
func (g *Guest) Off() error {
	if g.c == nil {
		return nil
	}
	g.note()
	g.trouble = g.c.clues.trouble
	for _, c := range g.conns {
		c.lose()
	}
	g.c.off()
	g.second.close()
	g.chosen.close()
	err := g.c.logErr
	g.c = nil
	return err
}

// note keeps the timings of the first boot.
func (g *Guest) note() {
	if g.first == (Timings{}) {
		g.first = g.c.timings()
	}
}

// Timings are those of the first boot, as far as it got. They are complete after Off.
func (g *Guest) Timings() Timings { return g.first }

// Answered reports whether the guest has shown what was expected of it, or run a command: only that is a success.
func (g *Guest) Answered() bool { return g.answered }

// Trouble is what the guest's kernel has complained of though the guest lives on: the line by which it ended a program for
// want of memory, or told of a fault in itself. "" if it has not since the last start. It is known after Off.
func (g *Guest) Trouble() string { return g.trouble }

// Send types text at the console, as it is. What the console said until then is not looked at by Expect any more.
func (g *Guest) Send(ctx context.Context, text string) error {
	// What it has said by now is older than what is typed.
	for {
		ev, err := g.c.next(ctx, time.Millisecond, nil)
		if err != nil {
			return g.verdict(err)
		}
		if ev.kind == silent {
			break
		}
	}
	g.text, g.prompt = g.text[:0], false
	g.c.send([]byte(text))
	return nil
}

// Run runs a line of shell in the guest and returns what it printed, on both outputs, and its exit code. within bounds the
// time that it may take, 0 does not. A *LateError says that it took longer.
func (g *Guest) Run(ctx context.Context, line string, within time.Duration) (output []byte, code int, err error) {
	return g.run(ctx, line, []string{"eval", line}, within)
}

// File returns what a file of the guest holds. A *FileError says why it can't be read.
func (g *Guest) File(ctx context.Context, path string) ([]byte, error) {
	output, code, err := g.run(ctx, "cat "+path, []string{"cat", "--", path}, 0)
	if err == nil && code != 0 {
		err = &FileError{Path: path, Why: string(output)}
	}
	return output, err
}

func (g *Guest) run(ctx context.Context, what string, argv []string, within time.Duration) (output []byte, code int, err error) {
	if err := g.meet(ctx); err != nil {
		return nil, 0, g.verdict(err)
	}
	limited := ctx
	if within > 0 {
		var cancel func()
		limited, cancel = context.WithTimeout(ctx, within)
		defer cancel()
	}
	g.c.hush()
	code, err = g.sh.run(limited, argv, func(p []byte) error {
		if output = append(output, p...); len(output) > maxOutput {
			return fmt.Errorf("%s printed more than %d MiB", what, maxOutput>>20)
		}
		return nil
	})
	if limited.Err() != nil && ctx.Err() == nil {
		return output, 0, &LateError{What: what + " was not done", Within: within, Last: lastLine(output)}
	}
	if err != nil {
		return output, 0, g.verdict(err)
	}
	g.answered = true
	return output, code, nil
}

// meet starts a shell behind the second port, from the prompt of the console.
func (g *Guest) meet(ctx context.Context) error {
	if g.sh != nil {
		return nil
	}
	if err := g.AtPrompt(ctx); err != nil {
		return err
	}
	for _, line := range shellLines(g.device) {
		g.c.send([]byte(line + "\n"))
		if err := g.c.firstPrompt(ctx); err != nil { // a message of the kernel can fall behind this one too
			return err
		}
	}
	sh := newShell(g.c, g.second)
	began := time.Now()
	for {
		status, err := sh.try(ctx, `test "$(printf '\101')" = A`, answerQuiet)
		switch {
		case err == nil:
			sh.printf, g.sh = status == 0, sh
			return nil
		case !errors.Is(err, errNoAnswer):
			return err
		case time.Since(began) > meetTime:
			return noPort(g.device, g.c.clues.last)
		}
	}
}

// meetTime is how long a shell behind the second port may take to answer for the first time.
const meetTime = 20 * time.Second

// AtPrompt waits until the guest is at a prompt of its console.
func (g *Guest) AtPrompt(ctx context.Context) error {
	if g.prompt && g.c.screen.atPrompt() {
		return nil
	}
	for {
		g.c.hush()
		err := g.c.firstPrompt(ctx)
		if err == nil {
			g.up()
			return nil
		}
		if err := g.again(ctx, err); err != nil {
			return g.verdict(err)
		}
	}
}

// up takes note that a prompt was seen.
func (g *Guest) up() { g.prompt, g.c.silence = true, g.limits.Silence }

// Reboot has the guest restart, and returns when the machine has been started again.
func (g *Guest) Reboot(ctx context.Context) error {
	if err := g.meet(ctx); err != nil {
		return g.verdict(err)
	}
	g.c.hush()
	g.second.send([]byte("sync;reboot -f\n"))
	for {
		_, err := g.c.next(ctx, 0, nil)
		if err == nil {
			continue
		}
		reset := (*GuestError)(nil)
		if how := ending(""); errors.As(err, &how) && how == "restart" || errors.As(err, &reset) && reset.Verdict == Reset {
			return g.restart(ctx)
		}
		return g.verdict(err)
	}
}

// restart starts the machine once more, as a board does after a reset; see -no-reboot in groups.
func (g *Guest) restart(ctx context.Context) error {
	if err := g.Off(); err != nil {
		return err
	}
	g.text = g.text[:0]
	return g.on(ctx)
}

// again goes on after a restart that nobody asked for before the guest was up: some systems set themselves up in their first
// boot. One that never gets further is a loop. Every other error comes back.
func (g *Guest) again(ctx context.Context, err error) error {
	if how := ending(""); !errors.As(err, &how) || how != "restart" || g.c.promptAt > 0 || g.answered {
		return err
	}
	if g.restarts++; g.restarts > maxRestarts {
		return &GuestError{
			Verdict: RebootLoop, Line: g.c.clues.endLine,
			What: fmt.Sprintf("the guest restarted %d times before it was up", g.restarts),
			Hint: "what does so is above that line in the console's log, mostly its /init; a kernel that panics says so",
		}
	}
	return g.restart(ctx)
}

// verdict is the failure of a guest that shut down while it was needed.
func (g *Guest) verdict(err error) error {
	how := ending("")
	if !errors.As(err, &how) {
		return err
	}
	return &GuestError{
		Verdict: Ended, Line: g.c.clues.endLine,
		What: fmt.Sprintf("the guest shut down (%s) before the test was done", string(how)),
		Hint: "it must not power off or restart by itself meanwhile; vm.reboot() restarts it",
	}
}
