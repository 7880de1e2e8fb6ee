package qemu

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// shell is a guest's shell that has answered. Each exchange is a line of ours
// followed by the shell's own print of a mark that nobody else can know. All
// before the mark is an echo, a prompt, an escape sequence or the boot going
// on, and is dropped. So it does not matter whether the terminal echoes, what
// the prompt looks like, or whether the shell edits its line.
type shell struct {
	c      *console
	port   port
	nonce  string
	count  int
	cr     bool // the terminal writes \r\n for \n
	printf bool // printf exists and makes bytes from octal escapes
}

const (
	// answerQuiet is how long a shell may take to answer before it is asked
	// again, in those exchanges that may be repeated.
	answerQuiet = 2 * time.Second
)

// newShell is the shell behind a port of the guest. It must be met before it is used.
func newShell(c *console, p port) *shell {
	return &shell{c: c, port: p, nonce: rand.Text()}
}

// meet makes sure that a shell sits behind the prompt and makes it quiet.
func meet(ctx context.Context, c *console) (*shell, error) {
	s := newShell(c, firstPort{c})
	// One thing at a time: what is typed while a shell starts may be lost,
	// and BusyBox may read no more than 128 bytes of a line.
	for _, line := range []string{
		":",
		"dmesg -n 1||echo 1 >/proc/sys/kernel/printk", // no kernel messages in the command's output
		"stty -echo -opost",                           // nor echo, nor \r\n for \n
		"PS1= PS2=",
	} {
		if _, err := s.insist(ctx, line); err != nil {
			return nil, err
		}
	}
	status, err := s.insist(ctx, `test "$(printf '\101')" = A`)
	s.printf = status == 0
	return s, err
}

// mark returns the next mark and the shell word that prints it. The word holds
// a backslash inside, which the shell removes, so that its echo is no mark. It
// needs no quotes: a line that lost its beginning leaves no quote open.
func (s *shell) mark() (mark, word string) {
	s.count++
	number := strconv.Itoa(s.count)
	return "mini-" + s.nonce + "-" + number + ":", `mi\ni-` + s.nonce + "-" + number + ":"
}

// insist runs a line that may run twice, and repeats it if no answer comes:
// before the shell is quiet a message of the kernel can fall into the mark, and
// what looked like a prompt may have been the boot.
func (s *shell) insist(ctx context.Context, line string) (status int, err error) {
	since, seen := time.Now(), s.c.clues.lines
	for {
		status, err = s.try(ctx, line, answerQuiet)
		if !errors.Is(err, errNoAnswer) {
			return status, err
		}
		// The terminal echoes what we type. That is no sign of life, and must
		// not keep the limit on silence from being reached.
		if s.c.clues.lines > seen+2 {
			since = time.Now()
		}
		seen = s.c.clues.lines
		if s.c.silence > 0 && time.Since(since) > s.c.silence {
			s.c.promptAt = 0
			return 0, s.c.verdict(silenceLimit)
		}
		if _, err := s.c.untilPrompt(ctx, answerQuiet); err != nil {
			return 0, err
		}
	}
}

// errNoAnswer says that a shell did not answer, or not in a way to understand.
var errNoAnswer = errors.New("the guest's shell does not answer")

// try runs a line and returns its status. Its output is dropped. With patience
// it gives up after that much silence.
func (s *shell) try(ctx context.Context, line string, patience time.Duration) (int, error) {
	mark, word := s.mark()
	s.port.send([]byte(line + ";echo " + word + "$?:\n"))
	status, _, err := s.answer(ctx, mark, nil, patience, func([]byte) error { return nil })
	return status, err
}

// run runs argv, passes what it prints to emit and returns its exit status.
func (s *shell) run(ctx context.Context, argv []string, emit func([]byte) error) (int, error) {
	lines, err := argumentLines(argv, s.printf)
	if err != nil {
		return 0, err
	}
	for _, line := range lines {
		if _, err := s.try(ctx, line, 0); err != nil {
			return 0, err
		}
	}
	begin, beginWord := s.mark()
	end, endWord := s.mark()
	// The parentheses keep an exit or a cd of the command from our shell. The
	// empty input is a pipe: not every guest has a /dev/null.
	s.port.send(fmt.Appendf(nil, "echo %s0:;:|(\"$@\");echo %s$?:\n", beginWord, endWord))
	_, rest, err := s.answer(ctx, begin, nil, 0, func([]byte) error { return nil })
	if err != nil {
		return 0, err
	}
	if !s.cr {
		status, _, err := s.answer(ctx, end, rest, 0, emit)
		return status, err
	}
	plain := &unCR{emit: emit}
	status, _, err := s.answer(ctx, end, rest, 0, plain.write)
	if err == nil {
		err = plain.flush()
	}
	return status, err
}

// answer waits for mark, passes what comes before it to emit, and returns the
// number behind it and what follows its line. p is what was already read. With
// patience it gives up after that much silence.
func (s *shell) answer(ctx context.Context, mark string, p []byte, patience time.Duration, emit func([]byte) error) (status int, rest []byte, err error) {
	var number []byte
	before := &until{mark: []byte(mark), emit: emit}
	// The end of the line shows what the terminal makes of a newline.
	behind := &until{mark: []byte("\n"), emit: func(p []byte) error {
		number = append(number, p...)
		return nil
	}}
	stage := before
	for {
		found := false
		if p, found, err = stage.write(p); err != nil {
			return 0, nil, err
		}
		switch {
		case found && stage == before:
			stage = behind
			continue
		case found:
			if _, here := s.port.(firstPort); here && len(p) == 0 {
				// What was read along with the answer but follows it may
				// already be the guest's last words. An answer at another
				// port may be older than what the console said since.
				s.c.clues.alive()
			}
			s.cr = bytes.HasSuffix(number, []byte("\r"))
			digits, _, _ := bytes.Cut(number, []byte(":"))
			if status, err = strconv.Atoi(string(digits)); err != nil {
				err = errNoAnswer // a message of the kernel fell into it
			}
			return status, p, err
		}
		if p, err = s.port.next(ctx, patience); err != nil {
			return 0, nil, err
		}
		if p == nil {
			return 0, nil, errNoAnswer
		}
	}
}
