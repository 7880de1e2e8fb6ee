package term

import (
	"fmt"
	"strings"
	"time"

	"mini/build"

	"github.com/fatih/color"
)

// The columns of the page. What runs and what is finished share them, so that a line which ends stays where it was:
//
//	built  busybox 1.35.0: unpack                       3.1s
//	⠹  41% linux 6.1.192 x86_64: compile               1m02s  ━━━━━───────  make bzImage
//
// The first holds a word or the spinner with its percentage, the second the title, the third the time.
const (
	stateWide = 6
	titleWide = 42 // "linux 6.1.192 x86_64: embed the initramfs" fits
	timeWide  = 6
	// liveTitle is what the title of a running node shrinks to, to leave room for what it does.
	liveTitle = 30
)

// layout is the page for a terminal of some width.
type layout struct {
	limit int // columns a row may take
	kept  int // for the title of what is finished
	live  int // for the title of what runs
	bar   int
}

// lay divides a terminal of that many columns. The last column stays free: a row that fills it would leave the cursor
// in a place where terminals differ.
func lay(columns int) layout {
	limit := max(columns-1, 1)
	l := layout{limit: limit, bar: 12}
	room := limit - stateWide - timeWide - 2
	l.kept = min(max(room, 8), titleWide)
	l.live = min(max(liveTitle+(columns-80)*3/5, liveTitle), l.kept)
	if columns < 100 {
		l.bar = 8
	}
	return l
}

// words are what an entry begins with.
var words = map[build.EventKind]string{
	build.Hit: "cached", build.Started: "start", build.Step: "step", build.Built: "built", build.Failed: "failed",
	build.Note: "note", build.Wait: "wait",
}

func (s *style) paintOf(kind build.EventKind) *color.Color {
	switch kind {
	case build.Built:
		return s.good
	case build.Failed:
		return s.bad
	case build.Note, build.Wait:
		return s.warn
	}
	return s.faint
}

// kept writes an entry as the lines that stay. They are not cut: who scrolls back, or reads the log, wants all of it.
func (s *style) kept(e entry, l layout) []string {
	if e.kind == build.Summary {
		return s.summary(e.lines)
	}
	var first row
	first.add(s.paintOf(e.kind), pad(words[e.kind], stateWide)+" ")
	rest := e.lines
	switch {
	case e.kind == build.Built || e.kind == build.Failed:
		first.add(nil, pad(e.title, l.kept)+" ")
		first.add(s.faint, padLeft(took(e.elapsed), timeWide))
	case len(rest) == 0:
		first.add(nil, e.title)
	case e.title == "":
		first.add(nil, rest[0])
		rest = rest[1:]
	default:
		first.add(nil, e.title+": ")
		first.add(s.faint, rest[0])
		rest = rest[1:]
	}
	text, _ := first.render(0, "")
	lines := []string{strings.TrimRight(text, " ")}
	for _, more := range rest {
		lines = append(lines, strings.Repeat(" ", stateWide+1)+more)
	}
	return lines
}

func (s *style) summary(lines []string) []string {
	var out []string
	for i, line := range lines {
		if i == 0 {
			line = s.strong.Sprint(line)
		}
		out = append(out, line)
	}
	return out
}

// live draws the block: a row for each node that runs, as many as fit, and the summary row.
func (s *style) live(b *board, now time.Time, l layout, height int) []row {
	var rows []row
	for _, n := range b.running {
		if len(rows) >= height-2 { // one for the summary, one that shows the last line above
			break
		}
		rows = append(rows, s.nodeRow(n, now, l))
	}
	return append(rows, s.countRow(b, now))
}

func (s *style) nodeRow(n *node, now time.Time, l layout) row {
	var r row
	spin := s.spinner[int(now.UnixMilli()/100)%len(s.spinner)]
	percent, known := n.percent()
	switch {
	case n.waiting != "":
		r.add(s.warn, pad("wait", stateWide))
	case known:
		r.add(s.accent, spin)
		r.add(nil, padLeft(fmt.Sprintf("%d%%", percent), stateWide-1))
	default:
		r.add(s.accent, pad(spin, stateWide))
	}
	r.add(nil, " "+pad(cut(n.title, l.live, s.more), l.live)+" ")
	r.add(s.faint, padLeft(running(now.Sub(n.began)), timeWide))

	room := l.limit - r.wide - 2
	if room < tellable {
		return r
	}
	r.add(nil, "  ")
	beside := room - l.bar - 2
	if !known || n.unit == "bytes" && beside < tellable { // how much is worth more than a bar beside its percentage
		r.add(s.faint, s.detail(n, now, room))
		return r
	}
	s.addBar(&r, percent, min(room, l.bar))
	if detail := s.detail(n, now, beside); detail != "" {
		r.add(s.faint, "  "+detail)
	}
	return r
}

// tellable is the number of columns below which nothing worth reading fits.
const tellable = 8

func (s *style) addBar(r *row, percent, wide int) {
	full := wide * percent / 100
	r.add(s.accent, strings.Repeat(s.full, full))
	r.add(s.faint, strings.Repeat(s.empty, wide-full))
}

// detail says what the node does, in at most room columns: what was moved and how fast, or the step.
func (s *style) detail(n *node, now time.Time, room int) string {
	if room < tellable {
		return ""
	}
	switch {
	case n.waiting != "":
		return cut(n.waiting, room, s.more)
	case n.unit == "bytes":
		amount, speed := size(n.done, n.total), n.speed.read(now, n.done)
		if speed <= 0 {
			return cut(amount, room, s.more)
		}
		for _, both := range []string{pad(amount, 13) + "  " + rate(speed), amount + " " + rate(speed)} {
			if columns(both) <= room {
				return both
			}
		}
		return cut(amount, room, s.more)
	case n.unit == "files" && n.total > 0:
		return cut(count(n.done)+"/"+count(n.total)+" files", room, s.more)
	case n.unit != "" && n.total <= 0 && n.done > 0:
		return cut(count(n.done)+" "+clean(n.unit)+"  "+n.step, room, s.more)
	}
	return cut(n.step, room, s.more)
}

// countRow sums up: 7 of 9 done, 2 running, 5 from cache · 1m12s.
func (s *style) countRow(b *board, now time.Time) row {
	done := b.built + b.hits
	text := count(int64(done))
	if b.total > 0 {
		text += " of " + count(int64(max(b.total, done)))
	}
	text += " done"
	if n := len(b.running); n > 0 {
		text += ", " + count(int64(n)) + " running"
	}
	if b.hits > 0 {
		text += ", " + count(int64(b.hits)) + " from cache"
	}
	var r row
	r.add(s.strong, text)
	if b.failed > 0 {
		r.add(s.bad, ", "+count(int64(b.failed))+" failed")
	}
	r.add(s.faint, " "+s.dot+" "+running(now.Sub(b.began)))
	return r
}
