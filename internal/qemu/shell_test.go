package qemu

import (
	"bytes"
	"errors"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// fakeGuest returns a machine whose emulator is a shell script: body may call
// shell, which reads lines from the serial port as they are, or evaluate $tty,
// an interactive shell behind a terminal that echoes and writes \r\n.
func fakeGuest(t *testing.T, body string) Machine {
	t.Helper()
	dir := t.TempDir()
	bin := filepath.Join(dir, "bin")
	program := filepath.Join(dir, "qemu-system-fake")
	if err := exec.Command("mkdir", bin).Run(); err != nil {
		t.Fatal(err)
	}
	// What the exchange says to a guest must not reach this host.
	for _, name := range []string{"dmesg", "sync"} {
		writeProgram(t, filepath.Join(bin, name), "exit 0")
	}
	if strings.Contains(body, "$tty") {
		if _, err := exec.LookPath("script"); err != nil {
			t.Skip("script (util-linux) is not installed")
		}
	}
	rc := filepath.Join(dir, "rc")
	writeFile(t, rc, "PS1='guest# '\n", 0o644)
	writeProgram(t, program, "export PATH="+quote(bin)+`:/usr/bin:/bin ENV=`+quote(rc)+` TERM=dumb SHELL=/bin/sh
unset PS1
shell() { while printf 'guest# '; IFS= read -r line; do eval "$line"; done; }
tty="script -qec 'sh -i' /dev/null"
exec 2>&1
`+body)
	return Machine{Program: program}
}

// together runs fn(0) to fn(n-1) at the same time, more of them than there are
// processors: guests spend their time waiting.
func together(n int, fn func(i int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { fn(i) })
	}
	all.Wait()
}

const bareShell = "echo booting\nshell"
const ttyShell = "printf 'booting\\r\\n'\neval \"$tty\"\nprintf '[    1.0] reboot: Power down\\r\\n'"

var generous = Limits{Boot: 60 * time.Second, Total: 60 * time.Second}

func TestCommand(t *testing.T) {
	t.Parallel()
	print := "printf '%s|' \"$@\""
	tests := []struct {
		name   string
		argv   []string
		stdout string
		code   int
	}{
		{"a program", []string{"printf", "hello\n"}, "hello\n", 0},
		{"exit code", []string{"sh", "-c", "exit 7"}, "", 7},
		{"no final newline", []string{"printf", "abc"}, "abc", 0},
		{"carriage returns", []string{"printf", `a\r\nb\n\r\rc\r`}, "a\r\nb\n\r\rc\r", 0},
		{"exit does not end the shell", []string{"exit", "5"}, "", 5},
		{"not found", []string{"no-such-program"}, "", 127},
		{"signal", []string{"sh", "-c", "kill -9 $$"}, "", 137},
		{"empty input", []string{"cat"}, "", 0},
		{"arguments", []string{"sh", "-c", print, "sh", "a  b", "", "it's", "$HOME", "\t\x03\x04\n", "Grüße", "*"}, "a  b||it's|$HOME|\t\x03\x04\n|Grüße|*|", 0},
		{"a long argument", []string{"sh", "-c", print, "sh", strings.Repeat("x'\n", 1000)}, strings.Repeat("x'\n", 1000) + "|", 0},
		{"much output", []string{"sh", "-c", "yes 0123456789 | head -n 50000"}, strings.Repeat("0123456789\n", 50000), 0},
		{"a word about panic", []string{"sh", "-c", "echo Kernel panic - not syncing: x; exit 3"}, "Kernel panic - not syncing: x\n", 3},
		{"what looks like a prompt", []string{"printf", "# "}, "# ", 0},
	}
	kinds := []struct{ name, body string }{
		{"bare", bareShell}, {"tty", ttyShell},
		{"tty without stty", `ln -sf /bin/false "${PATH%%:*}/stty"` + "\n" + ttyShell},
	}
	together(len(kinds), func(i int) {
		t.Run(kinds[i].name, func(t *testing.T) {
			m := fakeGuest(t, kinds[i].body)
			for _, test := range tests {
				var stdout, noise, log bytes.Buffer
				got, err := Command(t.Context(), m, test.argv, IO{Stdout: &stdout, Noise: &noise, Console: &log}, generous)
				if err != nil || got.ExitCode != test.code || got.Ended != "command" {
					t.Errorf("%s: %+v, %v, want %d\n%.2000s", test.name, got, err, test.code, log.String())
				}
				if s := stdout.String(); s != test.stdout && !(test.code >= 127 && test.stdout == "" && !strings.Contains(s, "mini")) {
					t.Errorf("%s: output %.200q, want %.200q", test.name, s, test.stdout)
				}
				if !strings.Contains(noise.String(), "booting") || strings.Contains(noise.String(), "mini-") {
					t.Errorf("%s: noise %.200q", test.name, noise.String())
				}
				if !strings.Contains(log.String(), "mini-") || got.Timings.Prompt <= 0 {
					t.Errorf("%s: boot %v, log %.200q", test.name, got.Timings.Prompt, log.String())
				}
			}
		})
	})
}

func TestCommandInAGuestThatMisleads(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, body string
		argv       []string
		code       int
		verdict    Verdict
	}{
		{"what looks like a prompt eats a line", "printf 'Loading > '; read lost\n" + bareShell, []string{"sh", "-c", "exit 4"}, 4, ""},
		{"a kernel message falls into the first mark", "printf '# '; read a; echo 'mini[    1.0] usb: hi'\n" + bareShell, []string{"sh", "-c", "exit 4"}, 4, ""},
		{"a kernel message buries the prompt", "echo hi; printf 'guest# [    1.0] usb: hi\\n'; read a\n" + bareShell, []string{"sh", "-c", "exit 4"}, 4, ""},
		{"a shell for who asks", "echo Press Enter to activate this console.; read a\n" + bareShell, []string{"sh", "-c", "exit 4"}, 4, ""},
		{"power off in the middle", bareShell, []string{"sh", "-c", "echo reboot: Power down; kill -9 $PPID"}, 0, Ended},
		{"panic in the middle", bareShell, []string{"sh", "-c", "echo Kernel panic - not syncing: foo; echo ---[ end Kernel panic - not syncing: foo ]---; sleep 100"}, 0, Panic},
		{"QEMU is killed in the middle", bareShell, []string{"sh", "-c", "kill -9 $PPID"}, 0, Emulator},
		{"the shell ends", "echo hi; (shell); echo reboot: Restarting system", []string{"sh", "-c", "kill -9 $PPID"}, 0, Ended},
	}
	together(len(tests), func(i int) {
		test := tests[i]
		t.Run(test.name, func(t *testing.T) {
			var log bytes.Buffer
			got, err := Command(t.Context(), fakeGuest(t, test.body), test.argv, IO{Console: &log}, generous)
			var failure *GuestError
			if errors.As(err, &failure); failure == nil {
				failure = &GuestError{}
			}
			if failure.Verdict != test.verdict || got.ExitCode != test.code || err != nil && test.verdict == "" {
				t.Errorf("%+v, %v, want %q and %d\n%s", got, err, test.verdict, test.code, log.String())
			}
		})
	})
}

// TestLastWordsReadWithAnAnswer has the guest shut down in the same breath in
// which its shell answers: the answer is no sign of life after that.
func TestLastWordsReadWithAnAnswer(t *testing.T) {
	t.Parallel()
	m := fakeGuest(t, `while printf 'guest# '; IFS= read -r line; do
	case $line in
	*'|('*) printf '%s\nreboot: Restarting system\n' "$(eval "${line%%;*}")"; exit;;
	esac
	eval "$line"
done`)
	got, err := Command(t.Context(), m, []string{"true"}, IO{}, generous)
	var failure *GuestError
	if !errors.As(err, &failure) || failure.Verdict != Ended || got.Ended != "restart" {
		t.Errorf("%+v, %v, want %s", got, err, Ended)
	}
}

// TestSlowReaderIsNoSilence shows output to somebody who takes longer over it
// than the guest may be silent.
func TestSlowReaderIsNoSilence(t *testing.T) {
	t.Parallel()
	m := fakeGuest(t, "echo one; sleep 2.6; echo reboot: Power down")
	slow := writerFunc(func(p []byte) (int, error) {
		if strings.Contains(string(p), "one") {
			time.Sleep(2200 * time.Millisecond)
		}
		return len(p), nil
	})
	var failure *GuestError
	got, err := Feed(t.Context(), m, IO{Stdout: slow}, Limits{Boot: 2 * time.Second})
	if !errors.As(err, &failure) || failure.Verdict != Ended || got.Ended != "poweroff" {
		t.Errorf("%+v, %v, want the guest's own end", got, err)
	}
}

func TestCommandLimits(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		limits Limits
		want   Verdict
	}{
		{"silence", Limits{Boot: time.Minute, Silence: 300 * time.Millisecond, Total: time.Minute}, Hang},
		{"total", Limits{Boot: time.Minute, Silence: time.Minute, Total: 1500 * time.Millisecond}, Timeout},
	}
	together(len(tests), func(i int) {
		test := tests[i]
		t.Run(test.name, func(t *testing.T) {
			_, err := Command(t.Context(), fakeGuest(t, bareShell), []string{"sleep", "100"}, IO{}, test.limits)
			var failure *GuestError
			if !errors.As(err, &failure) || failure.Verdict != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	})
}

func TestCommandReportsLostOutput(t *testing.T) {
	t.Parallel()
	full := errors.New("disk full")
	broken := writerFunc(func([]byte) (int, error) { return 0, full })
	if _, err := Command(t.Context(), fakeGuest(t, bareShell), []string{"echo", "x"}, IO{Stdout: broken}, generous); !errors.Is(err, full) {
		t.Errorf("standard output: %v", err)
	}
	var stdout bytes.Buffer
	if _, err := Command(t.Context(), fakeGuest(t, bareShell), []string{"echo", "x"}, IO{Stdout: &stdout, Console: broken}, generous); !errors.Is(err, full) || stdout.String() != "x\n" {
		t.Errorf("console log: %v, output %q", err, stdout.String())
	}
}

func TestCommandRefusesBeforeTheBoot(t *testing.T) {
	for _, argv := range [][]string{{}, {"a\x00"}} {
		m := Machine{Program: "/nonexistent"}
		var failure *GuestError
		if _, err := Command(t.Context(), m, argv, IO{}, generous); err == nil || errors.As(err, &failure) {
			t.Errorf("%q: %v", argv, err)
		}
	}
}

func TestFeed(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, body, stdin string
		shows             []string // in this order
		ended             string
	}{
		{"lines", ttyShell, "echo a$((1+1))b\necho last$((1+1))", []string{"booting\n", "guest# ", "a2b\n", "guest# ", "last2\n", "reboot: Power down\n"}, "poweroff"},
		{"no lines", ttyShell, "", []string{"guest# "}, "poweroff"},
		{"continued lines", ttyShell, "for i in 1 2\ndo echo got$i\ndone\n", []string{"got1\n", "got2\n"}, "poweroff"},
		{"a program reads", ttyShell, "cat\nhello\n", []string{"cat\n", "hello\nhello\n", "guest# "}, "poweroff"},
		{"the guest ends itself", ttyShell, "exit\nnever typed\n", []string{"guest# exit\n", "Power down"}, "poweroff"},
		{"an init that never ends", "while :; do " + `eval "$tty"` + "; done", "echo a$((1+1))b\n", []string{"a2b\n", "guest# "}, "user"},
		{"a nested shell", ttyShell, "sh -i\necho a$((1+1))b\n", []string{"a2b\n", "Power down"}, "poweroff"},
		{"a question to the terminal", "printf '\\033[6nbooting\\033'\nprintf '[6n'\n" + ttyShell, "", []string{"booting"}, "poweroff"},
	}
	together(len(tests), func(i int) {
		test := tests[i]
		t.Run(test.name, func(t *testing.T) {
			var stdout, log bytes.Buffer
			got, err := Feed(t.Context(), fakeGuest(t, test.body), IO{Stdin: strings.NewReader(test.stdin), Stdout: &stdout, Console: &log}, generous)
			if err != nil || got.Ended != test.ended || got.Timings.Prompt <= 0 {
				t.Errorf("%+v, %v\n%s", got, err, log.String())
			}
			rest := stdout.String()
			for _, want := range test.shows {
				_, after, ok := strings.Cut(rest, want)
				if !ok {
					t.Fatalf("no %q in %q", want, stdout.String())
				}
				rest = after
			}
			if strings.Contains(stdout.String(), "\r\n") || strings.Contains(stdout.String(), "\x1b[6n") {
				t.Errorf("not fit for a pipe: %q", stdout.String())
			}
		})
	})
}

func TestReadLines(t *testing.T) {
	stop := make(chan struct{})
	defer close(stop)
	long := strings.Repeat("x", 10000)
	var got []string
	for line := range readLines(strings.NewReader("a\n\n\xff\r\n"+long+"\nend"), stop) {
		got = append(got, string(line))
	}
	if !slices.Equal(got[:3], []string{"a\n", "\n", "\xff\r\n"}) || got[len(got)-1] != "end\n" || strings.Join(got, "") != "a\n\n\xff\r\n"+long+"\nend\n" {
		t.Errorf("got %.100q", got)
	}
}
