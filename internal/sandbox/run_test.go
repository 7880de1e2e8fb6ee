package sandbox_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mini/internal/sandbox"
)

func TestRunReportsHowTheActionEnded(t *testing.T) {
	modes(t, func(t *testing.T, mode sandbox.Mode) {
		for _, c := range []struct {
			script string
			code   int
			signal string
		}{
			{"exit 0", 0, ""},
			{"exit 7", 7, ""},
			{"kill -SEGV $$", 128 + 11, "SIGSEGV"},
			{"kill -TERM $$", 128 + 15, "SIGTERM"},
		} {
			s, _ := script(t, c.script)
			s.Mode = mode
			res, err := sandbox.Run(context.Background(), s)
			if err != nil || res.ExitCode != c.code || res.Signal != c.signal {
				t.Errorf("%s: %+v, %v", c.script, res, err)
			}
			if (mode == sandbox.Off) != (len(res.Off) > 0 && strings.Contains(res.Off[0], "not contained")) {
				t.Errorf("Off = %q in mode %s", res.Off, mode)
			}
		}
	})
}

func TestOutputIsOneStreamInOrder(t *testing.T) {
	modes(t, func(t *testing.T, mode sandbox.Mode) {
		s, out := script(t, "echo a; echo b >&2; echo c; echo d >/dev/stderr")
		s.Mode = mode
		mustRun(t, s)
		wantText(t, out.String(), "a\nb\nc\nd")
	})
}

func TestUsageCountsDescendants(t *testing.T) {
	modes(t, func(t *testing.T, mode sandbox.Mode) {
		s, _ := script(t, "sh -c 'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done'")
		s.Mode = mode
		res := mustRun(t, s)
		if res.UserTime+res.SysTime <= 0 || res.MaxRSS < 1<<20 {
			t.Errorf("usage: %+v", res)
		}
	})
}

func TestTheWorldOfAnAction(t *testing.T) {
	needContained(t)
	t.Setenv("FROM_OUTSIDE", "seen")
	s, out := script(t, `pwd; id -u; id -g; echo "$PATH"; echo "${FROM_OUTSIDE-unset}"; echo "$GIVEN"; umask
		cat /proc/sys/kernel/hostname 2>/dev/null || echo no proc/sys
		ls -d /proc/[0-9]* | cat; ulimit -c; cat /etc/passwd; ls -A /`)
	s.Env = append(s.Env, "GIVEN=yes", "PATH=/usr/bin")
	mustRun(t, s)
	for _, want := range []string{"/build\n1000\n1000\n/tools\nunset\nyes\n0022\n", "\n0\nroot:x:0:0:", "\nmini:x:1000:1000:", "\nno proc/sys\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in:\n%s", want, out)
		}
	}
	for _, never := range []string{"home\n", "sys\nt", "work\n", ".dockerenv"} {
		if strings.Contains(out.String(), never) {
			t.Errorf("%q in:\n%s", never, out)
		}
	}
}

func TestDirIsWrittenThrough(t *testing.T) {
	modes(t, func(t *testing.T, mode sandbox.Mode) {
		s, _ := script(t, "mkdir -p a/b; echo made >a/b/c; touch x; ln x y; mv x a; mv a/x a/b; echo tmp >${TMPDIR-/tmp}/t")
		s.Mode = mode
		mustRun(t, s)
		wantText(t, read(t, filepath.Join(s.Dir, "a/b/c")), "made")
		if _, err := os.Stat(filepath.Join(s.Dir, "a/b/x")); err != nil {
			t.Error(err)
		}
	})
}

func TestInputThatCannotRun(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	write(t, file, "text")
	for _, c := range []struct {
		name   string
		change func(*sandbox.Spec)
		want   string
	}{
		{"no args", func(s *sandbox.Spec) { s.Args = nil }, "no command"},
		{"unlisted tool", func(s *sandbox.Spec) { s.Args = []string{"gcc"} }, `"gcc" is not among the tools`},
		{"tool gone", func(s *sandbox.Spec) { s.Tools["x"] = "/nowhere/x" }, "tool x: stat /nowhere/x: no such file"},
		{"tool not executable", func(s *sandbox.Spec) { s.Tools["x"] = file }, "not an executable"},
		{"tool relative", func(s *sandbox.Spec) { s.Tools["x"] = "bin/x" }, "not an absolute path"},
		{"tool name", func(s *sandbox.Spec) { s.Tools["../x"] = "/bin/sh" }, "plain command name"},
		{"dir gone", func(s *sandbox.Spec) { s.Dir += "/gone" }, "working directory of the action"},
		{"dir relative", func(s *sandbox.Spec) { s.Dir = "." }, "not an absolute path"},
		{"no scratch", func(s *sandbox.Spec) { s.Scratch = "" }, "scratch directory"},
		{"mode", func(s *sandbox.Spec) { s.Mode = "on" }, `sandbox mode "on"`},
		{"env", func(s *sandbox.Spec) { s.Env = []string{"A"} }, "want NAME=value"},
		{"mount outside", func(s *sandbox.Spec) { s.Mounts = []sandbox.Mount{{Source: "/usr", Target: "../x"}} }, "inside the action's directory"},
		{"mount absolute", func(s *sandbox.Spec) { s.Mounts = []sandbox.Mount{{Source: "/usr", Target: "/x"}} }, "inside the action's directory"},
		{"mount of nothing", func(s *sandbox.Spec) { s.Mounts = []sandbox.Mount{{Source: "/nowhere", Target: "x"}} }, "mount x: stat /nowhere"},
		{"mount in read-only", func(s *sandbox.Spec) {
			s.Mounts = []sandbox.Mount{{Source: "/usr", Target: "x"}, {Source: "/usr", Target: "x/y"}}
		}, "lies inside the mount x"},
		{"mount twice", func(s *sandbox.Spec) {
			s.Mounts = []sandbox.Mount{{Source: "/usr", Target: "x", Kind: sandbox.Writable}, {Source: "/usr", Target: "x"}}
		}, "lies inside the mount x"},
		{"writable file", func(s *sandbox.Spec) { s.Mounts = []sandbox.Mount{{file, "x", sandbox.Writable}} }, "not a directory"},
		{"collect outside", func(s *sandbox.Spec) { s.Collect = []string{"../x"} }, "output"},
		{"collect read-only", func(s *sandbox.Spec) {
			s.Mounts, s.Collect = []sandbox.Mount{{Source: "/usr", Target: "x"}}, []string{"x/bin"}
		}, "read-only x"},
		{"host root", func(s *sandbox.Spec) { s.HostDirs = []string{"/"} }, "has its own"},
		{"host proc", func(s *sandbox.Spec) { s.HostDirs = []string{"/proc/self"} }, "has its own /proc"},
		{"missing program", func(s *sandbox.Spec) { s.Args = []string{"./configure"} }, "./configure cannot be run"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, _ := script(t, "true")
			s.Mode = sandbox.Off
			c.change(&s)
			_, err := sandbox.Run(context.Background(), s)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

func TestProgramInDirWithoutInterpreter(t *testing.T) {
	modes(t, func(t *testing.T, mode sandbox.Mode) {
		s, _ := script(t, "")
		s.Mode, s.Args = mode, []string{"./run"}
		write(t, filepath.Join(s.Dir, "run"), "#!/nowhere/sh\n")
		if err := os.Chmod(filepath.Join(s.Dir, "run"), 0o755); err != nil {
			t.Fatal(err)
		}
		if _, err := sandbox.Run(context.Background(), s); err == nil || !strings.Contains(err.Error(), "./run cannot be run") {
			t.Errorf("error %v", err)
		}
	})
}

func TestLimits(t *testing.T) {
	modes(t, func(t *testing.T, mode sandbox.Mode) {
		const long = "sleep 1000 & sleep 1001"
		t.Run("timeout", func(t *testing.T) {
			s, _ := script(t, "while :; do echo busy; sleep 0.01; done")
			s.Mode, s.Timeout, s.Silence = mode, 200*time.Millisecond, time.Hour
			_, err := sandbox.Run(context.Background(), s)
			if !errors.Is(err, sandbox.ErrTimeout) || !strings.Contains(err.Error(), "200ms") {
				t.Error(err)
			}
		})
		t.Run("silence", func(t *testing.T) {
			s, out := script(t, "echo first; "+long)
			s.Mode, s.Silence, s.Timeout = mode, 200*time.Millisecond, time.Hour
			_, err := sandbox.Run(context.Background(), s)
			if !errors.Is(err, sandbox.ErrSilence) || !strings.Contains(err.Error(), "200ms") {
				t.Error(err)
			}
			wantText(t, out.String(), "first")
		})
		t.Run("cancel", func(t *testing.T) {
			s, _ := script(t, "echo started; "+long)
			s.Mode = mode
			why := errors.New("interrupted by the user")
			ctx, cancel := context.WithCancelCause(context.Background())
			s.Output = writerFunc(func(b []byte) (int, error) { cancel(why); return len(b), nil })
			_, err := sandbox.Run(ctx, s)
			if !errors.Is(err, why) {
				t.Error(err)
			}
			noneLeft(t, s)
		})
		t.Run("output", func(t *testing.T) {
			s, _ := script(t, "echo started; "+long)
			s.Mode = mode
			full := errors.New("no space left")
			s.Output = writerFunc(func(b []byte) (int, error) { return 0, full })
			if _, err := sandbox.Run(context.Background(), s); !errors.Is(err, full) {
				t.Error(err)
			}
			noneLeft(t, s)
		})
	})
}

func TestNothingIsLeftRunning(t *testing.T) {
	modes(t, func(t *testing.T, mode sandbox.Mode) {
		s, _ := script(t, "")
		s.Mode = mode
		s.Tools["setsid"] = tools(t, "setsid")["setsid"]
		s.Args = []string{"sh", "-c", "setsid sh -c 'cd .; sleep 1000 & sleep 1000' >/dev/null 2>&1 & setsid sleep 1000 &\nsleep 0.1; exit 3"}
		res, err := sandbox.Run(context.Background(), s)
		if err != nil || res.ExitCode != 3 {
			t.Fatal(res, err)
		}
		noneLeft(t, s)
	})
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

// noneLeft wants that no process of s is left. Those of the action are known by their working directory, which
// through /proc reads as the host's, even if they are in another mount namespace.
func noneLeft(t testing.TB, s sandbox.Spec) {
	t.Helper()
	if left := processesIn(s.Dir); len(left) > 0 {
		t.Errorf("left running: %v", left)
	}
}

// waitNoneLeft is noneLeft where nobody could wait for them to be gone.
func waitNoneLeft(t testing.TB, dir string) {
	t.Helper()
	var left []string
	for range 1000 {
		if left = processesIn(dir); len(left) == 0 {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Errorf("left running: %v", left)
}

func processesIn(dir string) []string {
	var left []string
	want, err := os.Stat(dir)
	if err != nil {
		return []string{err.Error()}
	}
	entries, _ := filepath.Glob("/proc/[0-9]*")
	for _, p := range entries {
		if cwd, err := os.Stat(p + "/cwd"); err == nil && os.SameFile(cwd, want) {
			cmd, _ := os.ReadFile(p + "/cmdline")
			left = append(left, p+" "+strings.ReplaceAll(string(cmd), "\x00", " "))
		}
	}
	return left
}
