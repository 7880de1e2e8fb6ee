package qemu

import (
	"io"
	"maps"
	"net"
	"strconv"
	"testing"
	"time"
)

// TestNobodyTakesAPort has somebody else take the port by which a guest was reached, before its machine is started again: a
// port that was chosen before QEMU has it may be anybody's by then.
func TestNobodyTakesAPort(t *testing.T) {
	t.Parallel()
	m := sector(t, "hello\n", "")
	m.Network, m.Forwards = true, []Forward{{Guest: 80}, {Guest: 22}}
	m.Args = append(m.Args, "-netdev", "user,id=other,hostfwd=tcp:127.0.0.1:0-:80") // of no concern
	g, err := PowerOn(t.Context(), m, io.Discard, generous)
	if err != nil {
		t.Fatal(err)
	}
	defer g.Off()
	first := portsOf(t, g)
	if err := g.Off(); err != nil {
		t.Fatal(err)
	}
	for _, port := range first {
		l, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(port))
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
	}
	if err := g.on(t.Context()); err != nil {
		t.Fatal(err)
	}
	second := portsOf(t, g)
	if second[80] == second[22] || second[80] == first[80] || second[22] == first[22] {
		t.Errorf("ports %v, then %v", first, second)
	}
	expect(t, g, "hello")
	c := connect(t, g)
	if c.dial(); c.tcp == nil {
		t.Error("QEMU doesn't take a connection")
	}
}

// portsOf waits until QEMU has told which ports lead to the guest.
func portsOf(t *testing.T, g *Guest) map[int]int {
	t.Helper()
	select {
	case <-g.chosen.done:
	case <-time.After(time.Minute):
		t.Fatal("QEMU has not told its ports")
	}
	if len(g.chosen.of) != 2 {
		t.Fatalf("ports: %v", g.chosen.of)
	}
	return g.chosen.of
}

func TestParseForwards(t *testing.T) {
	text := "Hub 3 (other):\r\n  TCP[HOST_FORWARD]   9       127.0.0.1 1       10.0.2.15    80     0     0\r\n" +
		"Hub -1 (net0):\r\n  Protocol[State]    FD  Source Address  Port   Dest. Address  Port RecvQ SendQ\r\n" +
		"  TCP[HOST_FORWARD]   9       127.0.0.1 43743       10.0.2.15    80     0     0\r\n" +
		"  TCP[ESTABLISHED]   12       127.0.0.1 2       10.0.2.15    81     0     0\r\n" +
		"  UDP[HOST_FORWARD]   9       127.0.0.1 3       10.0.2.15    82     0     0\r\n  TCP[HOST_FORWARD]\r\n" +
		"  TCP[HOST_FORWARD]   3       127.0.0.1 43391       10.0.2.15    22     0     0\r\n"
	if got := parseForwards(text); !maps.Equal(got, map[int]int{80: 43743, 22: 43391}) {
		t.Errorf("got %v", got)
	}
}
