package failure

import (
	"bytes"
	"slices"
	"strings"
)

// A Finder is given a command's output as it comes, and remembers the little of it that tells why the command failed. It
// takes the same memory for a line and for a terabyte.
type Finder struct {
	line []byte // begun and not ended
	head string // what a program had written of a line when another one's line came into it

	count  int64 // lines so far
	before []string
	open   *excerpt // takes the lines that come after an error, as long as they belong to it
	maybe  []string // lines that belong to it if a caret follows
	trace  *trace   // a Python traceback that is being read

	now   finds // since the last command began
	older []excerpt
	asked map[string]string // what records that look everywhere have seen, by their names
	last  []string
}

// finds are what the commands of one step have said.
type finds struct {
	errors []excerpt
	weak   []excerpt // lines that may say why, if nothing else does
	make   []excerpt // make's own "*** [target] Error 1", the echo of a failure
	more   int       // further errors
	mark   int64     // where make last said that something failed, ignored or not
	passed []excerpt // errors that make ignored
}

// An excerpt is a line that says error, with what belongs to it.
type excerpt struct {
	at                  int64
	before, after       []string
	line                string
	caret, stars, trail bool // what may follow
}

const (
	maxLine   = 4 << 10 // bytes of a line that are looked at
	maxErrors = 8
	maxWeak   = 4
	maxAround = 4 // lines before and after an error
	maxLast   = 5
	// An error after which so many lines come before the next, without make saying that something failed, ended nothing.
	farApart = 400
	// What a command said that failed stands not more than so many lines before make says that it ignores that.
	ofOneCommand = 30
)

// Write implements io.Writer; it never fails.
func (f *Finder) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		i := bytes.IndexByte(rest, '\n')
		part := rest
		if i >= 0 {
			part = rest[:i]
		}
		if room := maxLine - len(f.line); len(part) > room {
			part = part[:room] // the rest is passed over
		}
		f.line = append(f.line, part...)
		if i < 0 {
			break
		}
		f.see(f.line)
		f.line, rest = f.line[:0], rest[i+1:]
	}
	return len(p), nil
}

func (f *Finder) see(raw []byte) {
	f.count++
	line := plain(raw)
	if line == "" {
		return
	}
	if head, ok := broken(line); ok {
		f.head += head
		return
	}
	if progress(line) {
		return // of another job of make: what belongs together may stand on both sides of it
	}
	line, f.head = f.head+line, ""
	if step(line) {
		f.next()
	}
	f.remember(line)
	f.lookEverywhere(line)
	if f.belongs(line) {
		return
	}
	f.open, f.maybe = nil, nil
	kind := kindOf(line)
	if f.trace != nil || kind == traceback {
		f.readTrace(line)
		return
	}
	switch kind {
	case strong:
		f.add(excerpt{line: line, caret: hasColumn(line), stars: startsBlock(line), trail: linkerSays(line)})
	case weak:
		f.now.weak = limited(f.now.weak, excerpt{at: f.count, line: line, before: f.before}, maxWeak)
	case echo:
		f.now.make = limited(f.now.make, excerpt{at: f.count, line: line}, maxWeak)
		f.now.mark = f.count
	case ignored:
		f.ignore()
	}
	if kind == leading {
		f.before = keep(f.before, line, maxAround)
	} else {
		f.before = nil
	}
}

// next forgets what the commands before said: the shell goes on only after one that ended well. But a script that traces
// its own commands looks the same from here, so their errors are put aside rather than away.
func (f *Finder) next() {
	if len(f.now.errors) > 0 {
		f.older = f.now.errors
	}
	f.now = finds{}
	f.before, f.open, f.maybe, f.trace = nil, nil, nil, nil
}

// add takes an error in, unless there are enough of them.
func (f *Finder) add(e excerpt) {
	e.at, e.before = f.count, f.before
	n := &f.now
	if k := len(n.errors); k > 0 && len(n.make) == 0 && e.at-n.errors[k-1].at > farApart {
		n.errors, n.more = nil, 0
	}
	if len(n.errors) == maxErrors {
		n.more++
		return
	}
	n.errors = append(n.errors, e)
	f.open = &n.errors[len(n.errors)-1]
}

// ignore puts aside what was said since make last spoke of a failure: it was of the command that make ignores. In a parallel make
// it may have been of another one all the same, so it is not away.
func (f *Finder) ignore() {
	n := &f.now
	keep := len(n.errors)
	for keep > 0 && n.errors[keep-1].at > n.mark && f.count-n.errors[keep-1].at <= ofOneCommand {
		keep--
	}
	n.passed = append(n.passed, n.errors[keep:]...)
	n.passed = n.passed[:min(len(n.passed), maxErrors)]
	n.errors = n.errors[:keep:keep]
	n.weak = slices.DeleteFunc(n.weak, func(e excerpt) bool { return e.at > n.mark })
	n.mark = f.count
}

// belongs reports whether the line goes on with the error before it.
func (f *Finder) belongs(line string) bool {
	e := f.open
	switch {
	case e == nil || len(e.after)+len(f.maybe) >= maxAround:
		return false
	case e.caret && sourceLine.MatchString(line), e.stars && startsBlock(line), e.trail && strings.HasPrefix(line, ">>> "):
		if line != "***" {
			e.after = append(e.after, line)
		}
		return true
	case e.caret && caretLine.MatchString(line): // clang shows the line as it is, and the caret below it
		e.after = append(append(e.after, f.maybe...), line)
		f.maybe = nil
		return true
	case e.caret && len(f.maybe) == 0 && len(e.after) == 0 && kindOf(line) == none:
		f.maybe = append(f.maybe, line)
		return true
	}
	return false
}

// trace is a Python traceback: its last line says what is wrong, the two or three before that where.
type trace struct{ where []string }

func (f *Finder) readTrace(line string) {
	if f.trace == nil {
		f.trace = &trace{}
		return
	}
	if line[0] == ' ' {
		if frameLine.MatchString(line) {
			f.trace.where = nil
		}
		if len(f.trace.where) < maxAround-1 {
			f.trace.where = append(f.trace.where, line)
		}
		return
	}
	f.before, f.trace = f.trace.where, nil
	f.add(excerpt{line: line})
	f.before, f.open = nil, nil
}

// remember has the last lines, for a command that says nothing of an error.
func (f *Finder) remember(line string) {
	if len(f.last) == maxLast {
		copy(f.last, f.last[1:])
		f.last = f.last[:maxLast-1]
	}
	f.last = append(f.last, line)
}

// keep appends and drops what is too old.
func keep(list []string, line string, limit int) []string {
	if len(list) == limit {
		list = slices.Clone(list[1:])
	}
	return append(slices.Clip(list), line)
}

func limited(list []excerpt, e excerpt, limit int) []excerpt {
	if len(list) < limit {
		list = append(list, e)
	}
	return list
}
