package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// deaths are what is said of each of the guests of dead.star, which are called as their verdicts must be.
var deaths = map[string]string{
	"passed":              "",
	"failed":              `vm.equal: it is "Linux\n", and not "Minix\n"`,
	"panic":               "/init ended with status 7",
	"no-init":             "found no program to start",
	"hang-before-console": "said nothing on its serial port",
	"hang":                "has been silent for 10 s",
	"reboot-loop":         "restarted 3 times before it was up",
	"oom":                 "ran out of memory",
	"qemu":                "/no/such/disk",
	"timeout":             "was not done after 10 s",
}

// TestRealDeadGuests boots each of them once.
func TestRealDeadGuests(t *testing.T) {
	if os.Getenv("MINI_REAL") == "" {
		t.Skip("real tier: run with MINI_REAL=1")
	}
	dieOften(t, 1)
}

// TestSoakDeadGuests boots each of them 20 times, or as often as MINI_SOAK_ROUNDS says.
func TestSoakDeadGuests(t *testing.T) {
	if os.Getenv("MINI_SOAK") == "" {
		t.Skip("soak: run with MINI_SOAK=1")
	}
	rounds := 20
	if text := os.Getenv("MINI_SOAK_ROUNDS"); text != "" {
		var err error
		if rounds, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	dieOften(t, rounds)
}

func dieOften(t *testing.T, rounds int) {
	dir, cache := t.TempDir(), os.Getenv("MINI_TEST_CACHE")
	if cache == "" {
		cache = t.TempDir()
	}
	if err := copyExamples(dir); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join("..", "..", "testdata", "real", "dead.star"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "dead.star"), text, 0o666); err != nil {
		t.Fatal(err)
	}
	args := []string{"test", "--json", "--lock=update", "-j", "4", "dead.star"}
	if arch := os.Getenv("MINI_TEST_ARCH"); arch != "" {
		args = append(args, "arch="+arch)
	}

	right, boots, seen := map[string]int{}, 0, 0
	for round := range rounds {
		began := time.Now()
		cmd := exec.Command("mini", args...)
		var stdout, stderr bytes.Buffer
		cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &stdout, &stderr
		cmd.Env = append(os.Environ(), "MINI_CACHE="+cache)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		for running := true; running; {
			select {
			case err = <-ended:
				running = false
			case <-time.After(200 * time.Millisecond):
				seen = max(seen, len(guestsOf(t, cache)))
			}
		}
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != exitFailed {
			t.Fatalf("mini test: %v\n%s", err, stderr.String())
		}
		if left := guestsOf(t, cache); len(left) > 0 {
			t.Errorf("round %d: left behind: %q", round+1, left)
		}
		lines := strings.Split(strings.TrimSpace(stdout.String()), "\n")
		var r report
		if err := json.Unmarshal([]byte(lines[len(lines)-1]), &r); err != nil {
			t.Fatalf("%v: %s", err, lines[len(lines)-1])
		}
		if len(r.Tests) != len(deaths) {
			t.Errorf("round %d: %d tests, and not %d", round+1, len(r.Tests), len(deaths))
		}
		for _, test := range r.Tests {
			boots++
			if test.Verdict == test.Test && strings.Contains(test.Message, deaths[test.Test]) {
				right[test.Test]++
				continue
			}
			log, _ := os.ReadFile(test.Console)
			t.Errorf("round %d: %s: %s\n%s\n%s", round+1, test.Test, test.Verdict, test.Message, log[max(0, len(log)-1500):])
		}
		t.Logf("round %d: %d boots in %s", round+1, len(r.Tests), time.Since(began).Round(time.Second))
	}
	sum := 0
	for verdict := range deaths {
		t.Logf("%-20s %d of %d", verdict, right[verdict], rounds)
		sum += right[verdict]
	}
	t.Logf("%d rounds, %d boots of %d kinds: %d right verdicts; at most %d QEMUs at a time, and none is left", rounds, boots, len(deaths), sum, seen)
	if seen == 0 {
		t.Error("no QEMU was ever seen, so that none is left says nothing")
	}
}

// guestsOf are the command lines of the QEMUs that run out of a cache.
func guestsOf(t *testing.T, cache string) []string {
	t.Helper()
	processes, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, p := range processes {
		text, _ := os.ReadFile(p) // it may have ended meanwhile
		line := strings.ReplaceAll(string(text), "\x00", " ")
		if program, _, _ := strings.Cut(line, " "); strings.Contains(program, "qemu-system") && strings.Contains(line, cache) {
			found = append(found, line)
		}
	}
	return found
}
