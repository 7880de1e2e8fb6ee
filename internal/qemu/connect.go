package qemu

import (
	"context"
	"errors"
	"fmt"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Conn is a TCP connection from this host to a port of a guest. QEMU takes it as soon as it is made, whoever listens in the
// guest, and ends it again when nobody does. So it is made anew, and what was sent is sent again, until the guest has said
// something: a test needn't know when a server is up.
type Conn struct {
	g    *Guest
	port int // of the guest
	host int // the host's that leads there; 0: the one that QEMU has chosen

	tcp    net.Conn // nil: it must be made (again)
	keys   *keyboard
	chunks chan []byte
	quit   chan struct{}

	dialed   time.Time     // when it was made
	after    time.Time     // when it may be made again
	patience time.Duration // how long it may bring no answer until it is made again

	sent  []byte  // all of it, until the guest has answered
	text  reading // what it said and no Expect has taken
	heard bool    // it has said something
	ended bool    // by us
}

const (
	// redial is how long nobody may take a connection until it is tried again.
	redial = 200 * time.Millisecond
	// firstPatience is how long the first connection may bring no answer; each further one gets twice the time. What is sent to
	// a guest whose network is not up yet, QEMU tells it again only after 6 seconds, then 12, then 24.
	firstPatience = 5 * time.Second
)

// PortError says that nothing leads to a port of the guest.
type PortError struct {
	Port  int
	Ports []int // what ports of the guest can be reached
}

func (e *PortError) Error() string {
	s := fmt.Sprintf("nothing leads to port %d of the guest", e.Port)
	if len(e.Ports) > 0 {
		s += fmt.Sprintf(", only to %s", strings.Trim(strings.Join(strings.Fields(fmt.Sprint(e.Ports)), ", "), "[]"))
	}
	return s
}

// ClosedError says that a connection ended before the guest said on it what was waited for.
type ClosedError struct {
	Port int
	What string // "" when something was to be sent
	Last string // what it said last; may be ""
}

func (e *ClosedError) Error() string {
	s := fmt.Sprintf("the connection to port %d of the guest has been closed", e.Port)
	if e.What != "" {
		s += fmt.Sprintf(" before it said %q", e.What)
	}
	if e.Last != "" {
		s += "; the last line was: " + e.Last
	}
	return s
}

// Connect makes a connection to a TCP port of the guest, to which one of the machine's forwards leads. It doesn't wait: whether
// anybody listens there shows when something is expected. A *PortError says that there is no forward.
func (g *Guest) Connect(port int) (*Conn, error) {
	var ports []int
	for _, f := range g.machine.Forwards {
		if f.Guest == port {
			c := &Conn{g: g, port: port, host: f.Host, patience: firstPatience}
			g.conns = append(g.conns, c)
			return c, nil
		}
		ports = append(ports, f.Guest)
	}
	return nil, &PortError{Port: port, Ports: ports}
}

// Send sends text as it is, and doesn't wait until it has been read.
func (c *Conn) Send(text string) error {
	if c.ended {
		return &ClosedError{Port: c.port}
	}
	if !c.heard {
		c.sent = append(c.sent, text...)
	}
	if c.tcp != nil {
		c.keys.send([]byte(text))
	}
	return nil
}

// Close ends the connection. What was sent may not have left.
func (c *Conn) Close() {
	c.ended = true
	c.drop()
}

// lose is for a machine that is switched off. A connection on which the guest had not said anything yet is for the next boot.
func (c *Conn) lose() {
	c.drop()
	c.ended = c.ended || c.heard
}

// drop lets the connection go, to be made again or not.
func (c *Conn) drop() {
	if c.tcp == nil {
		return
	}
	close(c.quit)
	c.keys.close()
	c.tcp.Close()
	c.tcp, c.chunks, c.after = nil, nil, time.Now().Add(redial)
}

// dial makes the connection, and sends what the guest has not answered. One that fails is tried again later.
func (c *Conn) dial() {
	c.after = time.Now().Add(redial)
	host, known := c.host, true
	if host == 0 {
		host, known = c.g.chosen.port(c.port)
	}
	if !known {
		return
	}
	tcp, err := net.DialTimeout("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(host)), redial)
	if err != nil {
		return
	}
	c.dialed = time.Now()
	c.tcp, c.keys, c.chunks, c.quit = tcp, newKeyboard(tcp), make(chan []byte), make(chan struct{})
	if len(c.sent) > 0 {
		c.keys.send(slices.Clone(c.sent))
	}
	go listen(tcp, c.chunks, c.quit)
}

// Expect waits until the guest has said on the connection what re matches, and takes all up to its end, as Guest.Expect does
// with the console. The bytes are as they came. A *LateError or a *ClosedError says that a live guest did not say it.
func (c *Conn) Expect(ctx context.Context, re *regexp.Regexp, within time.Duration) ([]string, error) {
	began := time.Now()
	c.g.c.hush()
	settled := false // nothing follows what is there for the moment
	for {
		if match := c.text.take(re, settled || c.ended); match != nil {
			c.g.answered = true
			return match, nil
		}
		if c.ended {
			return nil, &ClosedError{Port: c.port, What: re.String(), Last: lastLine(c.text)}
		}
		if c.tcp == nil && !time.Now().Before(c.after) {
			c.dial()
		}
		if c.tcp != nil && !c.heard && time.Since(c.dialed) > c.patience {
			c.drop()
			c.patience *= 2
		}
		wait := promptQuiet
		if within > 0 {
			left := within - time.Since(began)
			if left <= 0 {
				return nil, c.late(re, within)
			}
			wait = min(wait, left)
		}
		ev, err := c.g.c.next(ctx, wait, c.chunks)
		switch {
		case err != nil:
			if err = c.g.again(ctx, err); err == nil { // another boot, of which nobody has heard anything
				settled = false
				continue
			}
			if dead := (*GuestError)(nil); errors.As(err, &dead) && dead.Verdict == Hang && (c.heard || c.g.c.promptAt > 0 || c.g.c.stages.init > 0) {
				return nil, c.late(re, c.g.c.silence) // it has come up, and a server may be silent at its console
			}
			return nil, c.g.verdict(err)
		case ev.kind == input:
			c.g.c.hush()
			c.text = append(c.text, ev.data...)
			c.heard, c.sent, settled = true, nil, false
		case ev.kind == noInput:
			c.drop()
			c.ended = c.heard
		case ev.kind == silent:
			settled = true
		}
	}
}

func (c *Conn) late(re *regexp.Regexp, within time.Duration) error {
	what, last := fmt.Sprintf("port %d of the guest did not say %q", c.port, re), lastLine(c.text)
	if !c.heard {
		what = fmt.Sprintf("nobody answered at port %d of the guest", c.port)
	}
	return &LateError{What: what, Within: within, Last: last}
}
