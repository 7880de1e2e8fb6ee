package qemu

import (
	"errors"
	"io"
	"net"
	"regexp"
	"strings"
	"testing"
	"time"
)

// served boots a fake guest whose port 80 is a server of this test: serve is called with each connection and its number.
func served(t *testing.T, body string, l Limits, serve func(c net.Conn, n int)) *Guest {
	t.Helper()
	server, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	go func() {
		for n := 1; ; n++ {
			c, err := server.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				serve(c, n)
			}()
		}
	}()
	m := fakeGuest(t, body)
	m.Forwards = []Forward{{Host: server.Addr().(*net.TCPAddr).Port, Guest: 80}}
	g, err := PowerOn(t.Context(), m, io.Discard, l)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Off() })
	return g
}

func connect(t *testing.T, g *Guest) *Conn {
	t.Helper()
	c, err := g.Connect(80)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestConnectWaitsForTheServer has connections end that were taken, as those through QEMU do until the guest has a server.
func TestConnectWaitsForTheServer(t *testing.T) {
	t.Parallel()
	g := served(t, "echo booting; sleep 100", generous, func(c net.Conn, n int) {
		switch n {
		case 1, 2:
			return
		case 3: // nor does QEMU soon try again what it has told a guest that had no network yet
			io.Copy(io.Discard, c)
			return
		}
		hello := make([]byte, 9)
		if _, err := io.ReadFull(c, hello); err != nil || string(hello) != "hi\nthere\n" {
			t.Errorf("the server read %q, %v", hello, err)
		}
		io.WriteString(c, "hello 4")
		time.Sleep(20 * time.Millisecond)
		io.WriteString(c, "2\r\nmore\n")
		io.Copy(c, c)
	})
	c := connect(t, g)
	for _, text := range []string{"hi\n", "there\n"} {
		if err := c.Send(text); err != nil {
			t.Error(err)
		}
	}
	if got, err := c.Expect(t.Context(), regexp.MustCompile(`hello (\d+)`), 0); err != nil || got[1] != "42" {
		t.Errorf("%q, %v", got, err)
	}
	if err := c.Send("once\n"); err != nil { // and not what was sent before
		t.Error(err)
	}
	if got, err := c.Expect(t.Context(), regexp.MustCompile("(?s).*once\n"), 0); err != nil || got[0] != "\r\nmore\nonce\n" {
		t.Errorf("%q, %v", got, err)
	}
	if !g.Answered() {
		t.Error("that was an answer")
	}
	c.Close()
	if err := c.Send("x"); !errors.As(err, new(*ClosedError)) {
		t.Errorf("a closed connection: %v", err)
	}
}

func TestConnectFails(t *testing.T) {
	t.Parallel()
	quiet := func(c net.Conn, n int) { io.Copy(io.Discard, c) }
	brief := Limits{Boot: 700 * time.Millisecond, Silence: 700 * time.Millisecond, Total: time.Minute}
	tests := []struct {
		name, body string
		limits     Limits
		serve      func(net.Conn, int)
		within     time.Duration
		verdict    Verdict // "": the guest lives
		text       string
	}{
		{"nobody answers", "echo booting; sleep 100", generous, func(net.Conn, int) {}, 300 * time.Millisecond, "", "nobody answered at port 80 of the guest within 0.3 s"},
		{"not in time", "echo booting; sleep 100", generous, func(c net.Conn, n int) { io.WriteString(c, "one\ntwo\n"); quiet(c, n) }, 2 * time.Second, "",
			`port 80 of the guest did not say "welcome" within 2 s; the last line was: two`},
		{"it ends", "echo booting; sleep 100", generous, func(c net.Conn, n int) { io.WriteString(c, "503 go away\n") }, 0, "",
			`the connection to port 80 of the guest has been closed before it said "welcome"; the last line was: 503 go away`},
		{"the guest panics", "sleep 0.3; echo Kernel panic - not syncing: foo; echo '---[ end Kernel panic - not syncing: foo ]---'; sleep 100", generous, quiet, 30 * time.Second, Panic, "foo"},
		{"the guest hangs", "echo hello; sleep 100", brief, quiet, 0, Hang, "hello"},
		{"it is silent at its prompt", "printf 'Run /init as init process\\n# '; sleep 100", brief, quiet, 0, "", "nobody answered at port 80 of the guest within "},
	}
	together(len(tests), func(i int) {
		test := tests[i]
		t.Run(test.name, func(t *testing.T) {
			patiently(func(scale time.Duration, last bool) bool {
				g := served(t, test.body, test.limits.times(scale), test.serve)
				_, err := connect(t, g).Expect(t.Context(), regexp.MustCompile("welcome"), test.within)
				dead := (*GuestError)(nil)
				if errors.As(err, &dead); dead != nil && dead.Verdict == HangBeforeConsole && !last {
					return false
				}
				if err == nil || !strings.Contains(err.Error(), test.text) {
					t.Fatal(err)
				}
				if dead != nil && dead.Verdict != test.verdict || dead == nil && test.verdict != "" {
					t.Errorf("%v, want %q", err, test.verdict)
				}
				if g.Answered() {
					t.Error("it counts as an answer")
				}
				return true
			})
		})
	})
}

// TestConnectionOfTheNextBoot has a guest that restarts once before it is up.
func TestConnectionOfTheNextBoot(t *testing.T) {
	t.Parallel()
	body := `if ! test -e "$0.second"; then sleep 0.2; touch "$0.second"; echo reboot: Restarting system; exit; fi; echo second; sleep 100`
	g := served(t, body, generous, func(c net.Conn, n int) {
		if n > 1 {
			io.WriteString(c, "welcome\n")
		}
		io.Copy(io.Discard, c)
	})
	if _, err := connect(t, g).Expect(t.Context(), regexp.MustCompile("welcome\n"), 0); err != nil {
		t.Error(err)
	}
}

func TestNothingLeadsToThePort(t *testing.T) {
	g := &Guest{machine: Machine{Forwards: []Forward{{8080, 80}, {2222, 22}}}}
	if _, err := g.Connect(8080); err == nil || err.Error() != "nothing leads to port 8080 of the guest, only to 80, 22" {
		t.Error(err)
	}
	g.machine.Forwards = nil
	if _, err := g.Connect(80); err == nil || err.Error() != "nothing leads to port 80 of the guest" {
		t.Error(err)
	}
}
