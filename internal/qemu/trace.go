package qemu

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// Place is a place in a kernel's code.
type Place struct {
	Name  string // of the function, with the offset in it: "panic+0x1a/0x2c0"; "" when the kernel printed a bare address
	Addr  uint64 // that address, as its System.map has it; 0 when there is a name
	Guess bool   // the kernel isn't sure that it came by there
	Call  bool   // it is behind a call, to which it would return
}

// String is the name, or the address.
func (p Place) String() string {
	if p.Name != "" {
		return p.Name
	}
	return fmt.Sprintf("0x%x", p.Addr)
}

// maxCalls is how many callers are kept: those that tell something are the first.
const maxCalls = 6

// trace is what a kernel prints behind a fault: where it was and how it came there. A kernel without CONFIG_KALLSYMS, such as
// mini's small one, prints addresses for names.
type trace struct {
	places  []string
	found   bool     // the first of them is where the fault was
	called  bool     // some of them are callers
	guesses []string // what only lay on the stack; a kernel without an unwinder, such as mini's for x86_64, has no other callers
	stage   int
	offset  uint64 // by which the kernel has moved itself (CONFIG_RANDOMIZE_BASE)
}

const (
	beforeTrace = iota
	inTrace
	afterTrace
)

// Texts of show_regs and show_trace_log_lvl of the architectures; "?" marks what only lay on the stack.
var (
	placeText = `(0x[0-9a-f]{8,16}|[A-Za-z_][\w.]*\+0x[0-9a-f]+/0x[0-9a-f]+)`
	whereRE   = regexp.MustCompile(stamp + `(?:(?:RIP|EIP): (?:[0-9a-f]{4}:)?|pc : )` + placeText)
	callsRE   = regexp.MustCompile(stamp + `(?i:Call Trace:)`)
	callRE    = regexp.MustCompile(stamp + ` *(\? )?` + placeText)
	taskRE    = regexp.MustCompile(stamp + ` *</?[A-Z]+>$`)
	offsetRE  = regexp.MustCompile(`Kernel Offset: (0x[0-9a-f]+) from `)
)

// line takes note of a line that follows a fault or the first line of a panic.
func (t *trace) line(line string) {
	if m := offsetRE.FindStringSubmatch(line); m != nil {
		t.offset, _ = strconv.ParseUint(m[1], 0, 64)
		return
	}
	switch {
	case t.stage == beforeTrace && len(t.places) == 0 && whereRE.MatchString(line):
		t.places, t.found = append(t.places, whereRE.FindStringSubmatch(line)[1]), true
	case t.stage == beforeTrace && callsRE.MatchString(line):
		t.stage = inTrace
	case t.stage != inTrace || taskRE.MatchString(line):
	case !callRE.MatchString(line):
		t.stage = afterTrace
	default:
		m := callRE.FindStringSubmatch(line)
		list := &t.places
		if m[1] != "" {
			list = &t.guesses
		}
		if len(*list) <= maxCalls && !slices.Contains(*list, m[2]) {
			*list = append(*list, m[2])
		}
		t.called = t.called || m[1] == ""
	}
}

// places are what the trace says.
func (c *clues) places() []Place {
	var list []Place
	add := func(texts []string, guess bool) {
		for _, text := range texts {
			p := Place{Name: text, Guess: guess, Call: len(list) > 0 || !c.trace.found}
			if addr, err := strconv.ParseUint(text, 0, 64); err == nil {
				p.Name, p.Addr = "", addr-c.trace.offset
			}
			list = append(list, p)
		}
	}
	add(c.trace.places, false)
	if !c.trace.called {
		add(c.trace.guesses, true)
	}
	return list
}

// SystemMap is the table of a kernel's functions, by address.
type SystemMap []symbol

type symbol struct {
	addr uint64
	name string
}

// ReadSystemMap reads a System.map, as the kernel's build writes it by nm.
func ReadSystemMap(r io.Reader) (SystemMap, error) {
	var m SystemMap
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) != 3 {
			continue
		}
		addr, err := strconv.ParseUint(fields[0], 16, 64)
		if err != nil {
			return nil, fmt.Errorf("an address is expected in System.map, not %q", fields[0])
		}
		if strings.Contains("tTwW", fields[1]) { // code
			m = append(m, symbol{addr, fields[2]})
		}
	}
	sort.SliceStable(m, func(i, j int) bool { return m[i].addr < m[j].addr })
	return m, lines.Err()
}

// Name returns p with the name of the function that is there, as the kernel itself would print it; p itself when it has one
// already, or when no function is there. A call that never returns, such as that of panic, may be the last of its function, and
// what is behind it another one (sprint_backtrace in kernel/kallsyms.c).
func (m SystemMap) Name(p Place) Place {
	if p.Name != "" {
		return p
	}
	at := p.Addr
	if p.Call {
		at--
	}
	i := sort.Search(len(m), func(i int) bool { return m[i].addr > at })
	if i == 0 || i == len(m) { // the last symbol marks the end
		return p
	}
	s := m[i-1]
	return Place{Name: fmt.Sprintf("%s+0x%x/0x%x", s.name, p.Addr-s.addr, m[i].addr-s.addr), Guess: p.Guess, Call: p.Call}
}
