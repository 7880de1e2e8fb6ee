package qemu

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// LateError says that a guest that is alive did not do in time what was expected of it.
type LateError struct {
	What   string        // that did not happen
	Within time.Duration // 0: until the guest had been silent at its prompt for as long as it may
	Last   string        // what was seen last; may be ""
}

func (e *LateError) Error() string {
	s := e.What
	if e.Within > 0 {
		s += " within " + seconds(e.Within)
	} else {
		s += ", and the guest waits at its prompt"
	}
	if e.Last != "" {
		s += "; the last line was: " + e.Last
	}
	return s
}

// FileError says why a file of a guest can't be read.
type FileError struct{ Path, Why string }

func (e *FileError) Error() string {
	return fmt.Sprintf("the guest's file %s can't be read: %s", e.Path, strings.TrimSpace(e.Why))
}

// Expect waits until the console shows a match of re in what no Expect has taken yet, and takes all up to its end. Lines
// end in \n, and what moves the cursor or colours text is left out. It returns the match and its groups. within bounds the
// wait, 0 leaves that to the guest's limits. A *LateError says that a live guest did not show it.
func (g *Guest) Expect(ctx context.Context, re *regexp.Regexp, within time.Duration) ([]string, error) {
	began := time.Now()
	g.c.hush()
	settled := false // nothing follows what is there for the moment
	for {
		if match := g.text.take(re, settled); match != nil {
			g.answered = true
			return match, nil
		}
		wait := time.Duration(0)
		if within > 0 {
			if wait = within - time.Since(began); wait <= 0 {
				return nil, g.late(re, within)
			}
		}
		if !settled && (wait == 0 || wait > promptQuiet) {
			wait = promptQuiet
		}
		ev, err := g.c.next(ctx, wait, nil)
		if err != nil {
			if match := g.text.take(re, true); match != nil { // its last words were what is waited for
				g.answered = true
				return match, nil
			}
			if err = g.again(ctx, err); err == nil {
				settled = false
				continue
			}
			hang := (*GuestError)(nil)
			if errors.As(err, &hang) && hang.Verdict == Hang && g.prompt {
				return nil, g.late(re, 0) // it does what a shell does: it waits
			}
			return nil, g.verdict(err)
		}
		if settled = ev.kind == silent; !settled {
			g.prompt = false
			continue
		}
		if g.c.screen.atPrompt() && !g.prompt {
			g.c.sawPrompt()
			g.up()
		}
	}
}

// reading is text that came and that no Expect has taken yet.
type reading []byte

// take looks for re and takes all up to the end of the match; it returns the match and its groups, nil if there is none. A
// match that ends where the text does may become longer as more of a line comes: it counts when the text is settled.
func (r *reading) take(re *regexp.Regexp, settled bool) (groups []string) {
	text := *r
	if extra := len(text) - maxText; extra > 0 {
		text = append(text[:0], text[extra:]...)
	}
	*r = text
	at := re.FindSubmatchIndex(text)
	if at == nil || at[1] == len(text) && !settled {
		return nil
	}
	for i := 0; i < len(at); i += 2 {
		group := ""
		if at[i] >= 0 {
			group = string(text[at[i]:at[i+1]])
		}
		groups = append(groups, group)
	}
	*r = append(text[:0], text[at[1]:]...)
	return groups
}

func (g *Guest) late(re *regexp.Regexp, within time.Duration) error {
	last := lastLine(g.text)
	if last == "" {
		last = g.c.clues.last
	}
	return &LateError{What: fmt.Sprintf("the console did not show %q", re), Within: within, Last: last}
}

// lastLine is the last line of text that is not empty.
func lastLine(text []byte) string {
	text = bytes.TrimSpace(text)
	return strings.TrimSpace(string(text[bytes.LastIndexByte(text, '\n')+1:]))
}
