package sandbox_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"mini/internal/sandbox"
)

// The test binary is three programs: the tests, the sandbox's init, and "try", an action that attempts to get out and
// whatever else a test needs in a process of its own (tries_test.go).
func TestMain(m *testing.M) {
	if sandbox.Main() {
		return
	}
	if filepath.Base(os.Args[0]) == "try" {
		syscall.Exit(tryMain(os.Args[1:])) // not os.Exit, which takes a second with -race
	}
	os.Exit(m.Run())
}

// tools are what the scripts of the tests use.
func tools(t testing.TB, names ...string) map[string]string {
	t.Helper()
	list := map[string]string{}
	for _, name := range names {
		path, err := exec.LookPath(name)
		if err != nil {
			t.Skipf("%s is missing on this machine", name)
		}
		list[name] = path
	}
	return list
}

// script is a Spec that runs a shell script in an empty directory.
func script(t testing.TB, text string) (sandbox.Spec, *bytes.Buffer) {
	t.Helper()
	base := t.TempDir()
	out := new(bytes.Buffer)
	s := sandbox.Spec{
		Dir: filepath.Join(base, "dir"), Scratch: filepath.Join(base, "scratch"),
		Args:  []string{"sh", "-euc", text},
		Tools: tools(t, "sh", "cat", "ls", "mkdir", "rm", "mv", "ln", "sleep", "stat", "touch", "chmod", "id", "env", "seq"),
		Env:   []string{"LC_ALL=C"}, Output: out, Mode: sandbox.Require,
	}
	for _, d := range []string{s.Dir, s.Scratch} {
		if err := os.Mkdir(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return s, out
}

// modes runs a test contained and not; the first is skipped where the host does not allow it.
func modes(t *testing.T, test func(t *testing.T, mode sandbox.Mode)) {
	t.Helper()
	t.Run("contained", func(t *testing.T) {
		needContained(t)
		test(t, sandbox.Require)
	})
	t.Run("off", func(t *testing.T) { test(t, sandbox.Off) })
}

// host is what this machine allows.
var host = sync.OnceValue(func() sandbox.Support { return sandbox.Probe(context.Background()) })

func needContained(t testing.TB) {
	t.Helper()
	if s := host(); !s.Contained.OK {
		t.Skipf("this host does not allow the sandbox: %s", s.Contained.Why)
	}
}

// mustRun runs s and wants exit code 0.
func mustRun(t testing.TB, s sandbox.Spec) sandbox.Result {
	t.Helper()
	res, err := sandbox.Run(context.Background(), s)
	if err != nil || res.ExitCode != 0 {
		t.Fatalf("run: %+v, %v\n%s", res, err, outputOf(s))
	}
	return res
}

func outputOf(s sandbox.Spec) string { return fmt.Sprint(s.Output) }

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func read(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func wantText(t testing.TB, got, want string) {
	t.Helper()
	if strings.TrimSpace(got) != want {
		t.Errorf("got %q, want %q", strings.TrimSpace(got), want)
	}
}
