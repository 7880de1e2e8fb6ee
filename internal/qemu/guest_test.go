package qemu

import (
	"bytes"
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"
)

// twoPorts is a shell at the console like bareShell, that lets a shell behind the second port be started, but opens no
// device of this host for it.
const twoPorts = `ports() { while printf 'guest# '; test -z "$bury" || echo "[    1.0] usb: $bury"; IFS= read -r line; do bury=; case $line in
	_t=*) bury=$late;;
	*'(exec <$_t '*) t=${line#*2>&1;stty raw -echo;}; eval "( (exec <&3 >&3 2>&1;$t";;
	*) eval "$line";;
	esac; done; }
echo booting
`

// guestOf boots a fake guest and ends it with the test.
func guestOf(t *testing.T, body string, l Limits) (*Guest, *bytes.Buffer) {
	t.Helper()
	log := new(bytes.Buffer)
	g, err := PowerOn(t.Context(), fakeGuest(t, body), log, l)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Off() })
	return g, log
}

func expect(t *testing.T, g *Guest, pattern string) []string {
	t.Helper()
	match, err := g.Expect(t.Context(), regexp.MustCompile(pattern), 0)
	if err != nil {
		t.Errorf("%s: %v", pattern, err)
	}
	return match
}

func TestGuest(t *testing.T) {
	t.Parallel()
	g, log := guestOf(t, twoPorts+"printf 'version 6.'; sleep 0.05; echo 1; printf '\\033[32mok\\033[0m\\r\\n'; ports", generous)
	if got := expect(t, g, `version (\S+)`); len(got) != 2 || got[1] != "6.1" {
		t.Errorf("a match that grew is %q", got)
	}
	expect(t, g, "(?m)^ok$") // without its colour
	for _, test := range []struct {
		line, output string
		code         int
	}{
		{"echo one; echo two >&2; exit 7", "one\ntwo\n", 7},
		{"printf 'a\\r\\n'; x=$((6*7)); printf \"$x '\"", "a\r\n42 '", 0},
		{"cat", "", 0},
		{strings.Repeat("true; ", 100) + "echo long", "long\n", 0},
		{"no-such-program 2>/dev/null", "", 127},
	} {
		output, code, err := g.Run(t.Context(), test.line, 0)
		if err != nil || code != test.code || string(output) != test.output {
			t.Errorf("%.20s: %q, %d, %v", test.line, output, code, err)
		}
	}
	// The console is free, and what commands say is not on it.
	if err := g.Send(t.Context(), "echo mu''ch\n"); err != nil {
		t.Error(err)
	}
	expect(t, g, "(?m)^much$")
	if strings.Contains(log.String(), "two") {
		t.Errorf("the command is on the console: %q", log)
	}
	if _, err := g.File(t.Context(), "/no/such"); err == nil || !strings.Contains(err.Error(), "/no/such can't be read: cat: ") {
		t.Errorf("a file that isn't there: %v", err)
	}
	if text, err := g.File(t.Context(), "/proc/self/comm"); err != nil || string(text) != "cat\n" {
		t.Errorf("a file: %q, %v", text, err)
	}
	if err := g.Off(); err != nil || !g.Answered() || g.Timings().Prompt == 0 {
		t.Errorf("%v, answered %v, %v", err, g.Answered(), g.Timings())
	}
}

func TestGuestFails(t *testing.T) {
	t.Parallel()
	brief := Limits{Boot: 700 * time.Millisecond, Silence: 700 * time.Millisecond, Total: time.Minute}
	type deed func(ctx context.Context, g *Guest, scale time.Duration) error
	ask := func(pattern string, within time.Duration) deed {
		return func(ctx context.Context, g *Guest, scale time.Duration) error {
			_, err := g.Expect(ctx, regexp.MustCompile(pattern), within*scale)
			return err
		}
	}
	run := func(line string, within time.Duration) deed {
		return func(ctx context.Context, g *Guest, scale time.Duration) error {
			_, _, err := g.Run(ctx, line, within*scale)
			return err
		}
	}
	const panicked = "echo '[ 1.0] Kernel panic - not syncing: foo'; echo '[ 1.0] ---[ end Kernel panic - not syncing: foo ]---'; sleep 100"
	tests := []struct {
		name, ready string // ready: what it says before the limit counts
		body        string
		limits      Limits
		do          deed
		verdict     Verdict // "": the guest lives
		text        string
	}{
		{"nothing like it at a prompt", "guest#", twoPorts + "ports", brief, ask("welcome", 0), "", `the console did not show "welcome", and the guest waits at its prompt; the last line was: guest#`},
		{"not in time", "", twoPorts + "ports", generous, ask("welcome", 300*time.Millisecond), "", `"welcome" within 0.3 s`},
		{"not in time while it talks", "", "yes", generous, ask("welcome", 300*time.Millisecond), "", `within 0.3 s`},
		{"a command takes too long", "was: begun", twoPorts + "ports", generous, run("echo begun; sleep 100", 300*time.Millisecond), "", "s; the last line was: begun"},
		{"a command says nothing", "guest#", twoPorts + "ports", brief, run("sleep 100", 0), Hang, "silent"},
		{"hang before the console", "", "sleep 100", brief, ask("welcome", 0), HangBeforeConsole, ""},
		{"hang", "hello", "echo hello; sleep 100", brief, ask("welcome", 0), Hang, "hello"},
		{"the whole", "", "while :; do echo y; sleep 0.1; done", Limits{Total: 700 * time.Millisecond}, ask("welcome", 0), Timeout, ""},
		{"panic", "", panicked, generous, ask("welcome", 0), Panic, "foo"},
		{"panic within a command", "", "exec 4>&1; " + twoPorts + "ports", generous, run("("+panicked+") >&4", 0), Panic, "foo"},
		{"shut down", "", "echo hello; echo reboot: Power down", generous, ask("welcome", 0), Ended, "before the test was done"},
		{"no prompt, no command", "hello", "echo hello; sleep 100", brief, run("true", 0), Hang, "prompt"},
		{"restarts for ever", "", "echo hello; echo reboot: Restarting system", generous, ask("welcome", 0), RebootLoop, "3 times"},
		{"restarts for ever before a prompt", "", "echo hello; echo reboot: Restarting system", generous, run("true", 0), RebootLoop, "3 times"},
		{"dies by QEMU", "", "echo hello; kill -9 $$", generous, ask("welcome", 0), Emulator, ""},
	}
	together(len(tests), func(i int) {
		test := tests[i]
		t.Run(test.name, func(t *testing.T) {
			patiently(func(scale time.Duration, last bool) bool {
				g, log := guestOf(t, test.body, test.limits.times(scale))
				err := test.do(t.Context(), g, scale)
				g.Off()
				if !last && err != nil && !strings.Contains(log.String()+err.Error(), test.ready) {
					return false
				}
				if err == nil || !strings.Contains(err.Error(), test.text) {
					t.Fatalf("%v\n%.500s", err, log)
				}
				dead, late := (*GuestError)(nil), (*LateError)(nil)
				if errors.As(err, &dead); dead != nil && dead.Verdict != test.verdict || dead == nil && test.verdict != "" {
					t.Errorf("%v, want %q", err, test.verdict)
				}
				if test.verdict == "" && !errors.As(err, &late) {
					t.Errorf("%v is no LateError", err)
				}
				if g.Answered() {
					t.Error("it counts as an answer")
				}
				return true
			})
		})
	})
}

// TestMessageBehindThePrompt has a kernel talk behind the prompt that follows the first line which is typed.
func TestMessageBehindThePrompt(t *testing.T) {
	t.Parallel()
	g, log := guestOf(t, "late=hi; "+twoPorts+"ports", Limits{Boot: 20 * time.Second, Silence: 20 * time.Second})
	if output, _, err := g.Run(t.Context(), "echo hi", 0); err != nil || string(output) != "hi\n" {
		t.Errorf("%q, %v\n%s", output, err, log)
	}
}

func TestGuestRestartsOnce(t *testing.T) {
	t.Parallel()
	body := `if ! test -e "$0.second"; then touch "$0.second"; echo first; echo reboot: Restarting system; exit; fi` + "\n" + twoPorts + "ports"
	g, _ := guestOf(t, body, generous)
	if output, _, err := g.Run(t.Context(), "echo hi", 0); err != nil || string(output) != "hi\n" {
		t.Errorf("%q, %v", output, err)
	}
}

func TestGuestReboot(t *testing.T) {
	t.Parallel()
	g, log := guestOf(t, `n=x$(cat "$0.n" 2>/dev/null); echo $n >"$0.n"; echo boot $n
printf '#!/bin/sh\necho reboot: Restarting system >&4; kill -USR1 '$$'\n' >"${PATH%%:*}/reboot"; chmod +x "${PATH%%:*}/reboot"
trap 'exit 0' USR1; exec 4>&1
`+twoPorts+"ports", generous)
	expect(t, g, "boot x\n")
	if _, _, err := g.Run(t.Context(), "true", 0); err != nil {
		t.Error(err)
	}
	if err := g.Reboot(t.Context()); err != nil {
		t.Fatalf("%v\n%s", err, log)
	}
	expect(t, g, "boot xx\n")
	if output, _, err := g.Run(t.Context(), "echo again", 0); err != nil || string(output) != "again\n" {
		t.Errorf("%q, %v", output, err)
	}
}

func TestTimingsOfALineUnderWay(t *testing.T) {
	t.Parallel()
	g, _ := guestOf(t, "printf 'Linux version 6.1 (me'; sleep 100", generous)
	expect(t, g, `version (\S+)`)
	if err := g.Off(); err != nil || g.Timings().Kernel == 0 {
		t.Errorf("%+v, %v", g.Timings(), err)
	}
}

// TestLastWordsAreExpected: a guest that ends with what is waited for has shown it.
func TestLastWordsAreExpected(t *testing.T) {
	t.Parallel()
	g, _ := guestOf(t, "printf 'Good bye.'", generous)
	expect(t, g, `Good bye\.$`)
	if !g.Answered() {
		t.Error("that is an answer")
	}
}

func TestSecondPortOfAMachineWithPorts(t *testing.T) {
	m := Machine{Args: []string{"-serial", "null"}}
	if _, device := m.secondArgs(); device != "/dev/ttyS2" {
		t.Error(device)
	}
	for _, line := range shellLines("/dev/ttyS2") {
		if len(line) > 100 {
			t.Errorf("%q is too long for a small line editor", line)
		}
	}
	if !strings.Contains(shellLines("/dev/ttyS2")[0], "c 4 66") {
		t.Error(shellLines("/dev/ttyS2"))
	}
}

func TestStages(t *testing.T) {
	var s stages
	for i, line := range []string{
		"[    0.000000] Linux version 6.1.192 (a@b)", "[    0.8] Freeing unused kernel image (initmem) memory: 700K",
		"[    0.9] Run /init as init process", "Freeing unused kernel memory", "Linux version 1",
	} {
		s.line(line, time.Duration(i+1))
	}
	if s.kernel != 1 || s.init != 3 {
		t.Errorf("%+v", s)
	}
	s = stages{}
	s.line("Freeing unused kernel memory: 500K", 7)
	if s.init != 7 {
		t.Errorf("an old kernel: %+v", s)
	}
}

// TestAnswerIsOlderThanThePanic has the console say its last words while an answer is under way at the second port.
func TestAnswerIsOlderThanThePanic(t *testing.T) {
	t.Parallel()
	g, _ := guestOf(t, "exec 4>&1; "+twoPorts+"ports", generous)
	if _, _, err := g.Run(t.Context(), "true", 0); err != nil {
		t.Fatal(err)
	}
	const last = "echo '[ 1.0] Kernel panic - not syncing: foo' >&4; echo '[ 1.0] ---[ end Kernel panic - not syncing: foo ]---' >&4; sleep 0.2"
	if _, _, err := g.Run(t.Context(), last, 0); err != nil {
		t.Fatal(err)
	}
	_, err := g.Expect(t.Context(), regexp.MustCompile("welcome"), 0)
	if dead := (*GuestError)(nil); !errors.As(err, &dead) || dead.Verdict != Panic {
		t.Errorf("%v", err)
	}
}
