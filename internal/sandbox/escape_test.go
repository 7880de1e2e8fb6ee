package sandbox_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"mini/internal/sandbox"

	"golang.org/x/sys/unix"
)

// TestEscapes does every try in a sandbox, where it must not work, and those that are harmless in a plain process too,
// where they must. The walls are tried alone too, as one would hide a hole in the other. The plain process has a mount namespace of its own if root runs it, for the tries that mount.
func TestEscapes(t *testing.T) {
	needContained(t)
	s, out := script(t, "")
	s.Tools = map[string]string{"try": executable(t)}
	s.Args = append([]string{"try"}, triesFor(true)...)
	s.Mounts = []sandbox.Mount{{Source: filepath.Join(filepath.Dir(s.Dir), "ro"), Target: "ro"}}
	env := targets(t, &s)

	// Keyrings go with the thread that forks.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()

	plain := exec.Command(s.Tools["try"])
	plain.Args = append([]string{"try"}, triesFor(false)...)
	if os.Getuid() == 0 {
		plain.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS} // Go makes it private
	}
	plain.Env = append(env, "PATH="+os.Getenv("PATH"), "TRY_DIR="+s.Dir, "TRY_RO="+s.Mounts[0].Source)
	plainOut, err := plain.Output()
	if err != nil {
		t.Fatal(err)
	}
	outside := results(plainOut)
	for _, try := range tries {
		if try.plain == "anyone" || try.plain == "root" && os.Getuid() == 0 {
			if got := outside[try.name]; got != "worked" {
				t.Errorf("in a plain process, %s: %q", try.name, got)
			}
		}
	}

	s.Env = append(env, "TRY_DIR=/build", "TRY_RO=/build/ro")
	for _, c := range []struct {
		name string
		run  func(context.Context, sandbox.Spec) (sandbox.Result, error)
	}{{"both walls", sandbox.Run}, {"namespaces alone", sandbox.RunNamespaced}} {
		out.Reset()
		if res, err := c.run(t.Context(), s); err != nil || res.ExitCode != 0 {
			t.Fatal(c.name, res, err, out)
		}
		inside := results(out.Bytes())
		for _, try := range tries {
			got := inside[try.name]
			if !strings.HasPrefix(got, "failed: exit status 1:") || strings.Contains(got, "not tried") {
				t.Errorf("%s, %s: %q", c.name, try.name, got)
			}
		}
	}
	if text := read(t, s.Mounts[0].Source+"/file"); text != "read-only" {
		t.Errorf("the source of a read-only mount is now %q", text)
	}
}

// TestFenceWithoutNamespaces holds what Landlock does where there are no namespaces.
func TestFenceWithoutNamespaces(t *testing.T) {
	abi := host().LandlockABI
	if abi < 6 {
		t.Skipf("this kernel's Landlock has ABI %d, and all of it needs 6", abi)
	}
	s, out := script(t, "")
	s.Tools = map[string]string{"try": executable(t)}
	fenced := []string{
		"connect to a port of the host", "connect to an abstract socket", "signal a process of the host",
		"trace a process of the host", "read the environment of a process", "read the home directory",
		"write beside the directory", "leave the directory by ..", "leave by a link", "read /sys",
		"read an inherited descriptor", "run a tool that is not listed", "write to a read-only mount",
		"open a read-only file for writing", "be another user by setuid", "write to a file of /proc",
		"open a kernel setting", "open kernel messages", "use a key of the session",
	}
	s.Args = append([]string{"try", "all"}, fenced...)
	s.Mounts = []sandbox.Mount{{Source: filepath.Join(filepath.Dir(s.Dir), "ro"), Target: "ro"}}
	s.Env = append(targets(t, &s), "TRY_DIR="+s.Dir, "TRY_RO="+s.Dir+"/ro")
	res, err := sandbox.RunFenced(t.Context(), s)
	if err != nil || res.ExitCode != 0 {
		t.Fatal(res, err, out)
	}
	works := results(out.Bytes())
	for _, name := range fenced {
		if got := works[name]; !strings.HasPrefix(got, "failed: exit status 1:") {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func results(out []byte) map[string]string {
	list := map[string]string{}
	for line := range strings.Lines(string(out)) {
		name, result, _ := strings.Cut(strings.TrimSpace(line), ": ")
		list[name] = result
	}
	return list
}

// executable is the test binary, for use as a tool.
func executable(t testing.TB) string {
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// targets makes what the tries aim at, beside the directory of s, and returns where it is as an environment.
func targets(t *testing.T, s *sandbox.Spec) []string {
	t.Helper()
	base := filepath.Dir(s.Dir)
	write(t, base+"/home/secret", "secret")
	write(t, base+"/ro/file", "read-only")
	env := []string{"TRY_SECRET=" + base + "/home/secret"}

	for _, l := range []struct{ name, network, addr string }{
		{"TRY_TCP", "tcp", "127.0.0.1:0"}, {"TRY_ABSTRACT", "unix", fmt.Sprintf("@mini-try-%d", os.Getpid())},
		{"TRY_SOCKET", "unix", base + "/socket"},
	} {
		listener, err := net.Listen(l.network, l.addr)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { listener.Close() })
		env = append(env, l.name+"="+listener.Addr().String())
	}

	id, err := unix.SysvShmGet(unix.IPC_PRIVATE, 4096, unix.IPC_CREAT|0o600)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.SysvShmCtl(id, unix.IPC_RMID, nil) })
	env = append(env, fmt.Sprintf("TRY_SHM=%d", id))

	f, err := os.Open(base + "/home/secret")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	inherited, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD, 50) // without close-on-exec
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(inherited) })
	env = append(env, fmt.Sprintf("TRY_FD=%d", inherited))

	if os.Getuid() == 0 {
		setuidCopy(t, s.Dir+"/setuid/try")
	}
	return append(env, fmt.Sprintf("TRY_VICTIM=%d", startVictim(t)), "TRY_KEY="+sessionKey(t))
}

func setuidCopy(t *testing.T, path string) {
	t.Helper()
	in, err := os.ReadFile(executable(t))
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, string(in))
	if err := os.Chown(path, 1, 1); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o755|os.ModeSetuid); err != nil {
		t.Fatal(err)
	}
}

func startVictim(t *testing.T) int {
	t.Helper()
	cmd := exec.Command(executable(t))
	cmd.Args, cmd.Env = []string{"try", "victim"}, []string{"PASSWORD=1234"}
	// It must not outlive a test that is killed: it would hold whatever that had open, locks among it. (It is the
	// thread that counts, so this one must stay.)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	runtime.LockOSThread()
	t.Cleanup(runtime.UnlockOSThread)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); io.Copy(io.Discard, out); cmd.Wait() })
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	return cmd.Process.Pid
}

// sessionKey puts a key into a keyring that a child of this thread possesses.
func sessionKey(t *testing.T) string {
	t.Helper()
	runtime.LockOSThread() // for the rest of the test: its forks must come from here
	name := fmt.Sprintf("mini-try-%d", os.Getpid())
	if _, err := unix.KeyctlInt(unix.KEYCTL_JOIN_SESSION_KEYRING, 0, 0, 0, 0); err != nil {
		t.Logf("no keyrings here: %v", err)
		return name
	}
	if _, err := unix.AddKey("user", name, []byte("1234"), unix.KEY_SPEC_SESSION_KEYRING); err != nil {
		t.Logf("no keys here: %v", err)
	}
	return name
}

// TestInitDiesWithItsCaller: however mini dies, nothing that it started lives on.
func TestInitDiesWithItsCaller(t *testing.T) {
	modes(t, func(t *testing.T, mode sandbox.Mode) {
		s, _ := script(t, "")
		caller := exec.Command(executable(t))
		caller.Args = []string{"try", "caller", string(mode), s.Dir, s.Scratch}
		var stderr bytes.Buffer
		caller.Stderr = &stderr
		out, err := caller.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := caller.Start(); err != nil {
			t.Fatal(err)
		}
		line, err := bufio.NewReader(out).ReadString('\n')
		if err != nil || line != "started\n" {
			caller.Process.Kill()
			t.Fatalf("%q, %v, %s", line, err, &stderr)
		}
		if n := len(processesIn(s.Dir)); n < 3 {
			t.Errorf("only %d processes are there to be killed", n)
		}
		if err := caller.Process.Signal(syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		caller.Wait()
		waitNoneLeft(t, s.Dir)
	})
}
