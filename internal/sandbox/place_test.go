package sandbox_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"mini/internal/sandbox"
)

// TestCompiler compiles and runs a real program: cc is a link through /etc/alternatives on Debian, and finds the
// assembler through PATH.
func TestCompiler(t *testing.T) {
	modes(t, func(t *testing.T, mode sandbox.Mode) {
		s, out := script(t, "cc -O1 -o hello hello.c -lm && ./hello")
		for name, path := range tools(t, "cc", "as", "ld") {
			s.Tools[name] = path
		}
		s.Mode = mode
		write(t, s.Dir+"/hello.c", "#include <stdio.h>\n#include <math.h>\nint main(int c, char **v) { printf(\"%g\\n\", sqrt(48 + c)); }\n")
		mustRun(t, s)
		wantText(t, out.String(), "7")
	})
}

func TestToolsElsewhereComeAlone(t *testing.T) {
	needContained(t)
	s, out := script(t, `mine; ls "$0"`)
	dir := t.TempDir()
	write(t, dir+"/store/mine", "#!/bin/sh\necho mine ran\n")
	write(t, dir+"/store/other", "")
	write(t, dir+"/shown/data", "")
	if err := os.Chmod(dir+"/store/mine", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("store/mine", dir+"/mine-link"); err != nil {
		t.Fatal(err)
	}
	s.Tools["mine"] = dir + "/mine-link"
	s.Args = append(s.Args, dir+"/store")
	mustRun(t, s)
	wantText(t, out.String(), "mine ran\nmine")

	s, out = script(t, `ls "$0"; touch "$0"/x 2>/dev/null || echo read-only`)
	s.HostDirs = []string{dir + "/shown"}
	s.Args = append(s.Args, dir+"/shown")
	mustRun(t, s)
	wantText(t, out.String(), "data\nread-only")
}

func TestCallerInADeletedDirectory(t *testing.T) {
	modes(t, func(t *testing.T, mode sandbox.Mode) {
		s, _ := script(t, "echo here >file")
		s.Mode = mode
		gone := filepath.Join(t.TempDir(), "gone")
		if err := os.Mkdir(gone, 0o755); err != nil {
			t.Fatal(err)
		}
		t.Chdir(gone)
		if err := os.Remove(gone); err != nil {
			t.Fatal(err)
		}
		mustRun(t, s)
		wantText(t, read(t, s.Dir+"/file"), "here")
	})
}

// TestOddPlaces: a name full of separators, below a directory that belongs to somebody else and is closed to others, as
// a home directory is to root without capabilities.
func TestOddPlaces(t *testing.T) {
	modes(t, func(t *testing.T, mode sandbox.Mode) {
		src, unchanged := tree(t)
		s, _ := script(t, "echo here >w/new")
		home := filepath.Join(filepath.Dir(s.Dir), "home")
		dir := filepath.Join(home, "a,b:c\\ d\n=e")
		for _, d := range []string{home, dir, dir + "/dir", dir + "/scratch"} {
			if err := os.Mkdir(d, 0o755); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Chmod(home, 0o700); err != nil {
			t.Fatal(err)
		}
		if os.Getuid() == 0 {
			if err := os.Chown(home, 1234, 1234); err != nil {
				t.Fatal(err)
			}
		}
		s.Mode, s.Dir, s.Scratch = mode, dir+"/dir", dir+"/scratch"
		s.Mounts = []sandbox.Mount{{Source: src, Target: "w", Kind: sandbox.Writable}}
		s.Collect = []string{"w/new"}
		mustRun(t, s)
		wantText(t, read(t, s.Dir+"/w/new"), "here")
		unchanged()
	})
}

// TestFilesAreInherited passes what make's jobserver needs: a pipe, both ends.
func TestFilesAreInherited(t *testing.T) {
	modes(t, func(t *testing.T, mode sandbox.Mode) {
		s, out := script(t, "read token <&3; echo got $token; echo back >&4; ls /proc/self/fd | cat")
		s.Mode = mode
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		defer w.Close()
		back, backW, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer back.Close()
		io.WriteString(w, "one\n")
		syscall.SetNonblock(int(r.Fd()), false)
		s.Files = []*os.File{r, backW}
		mustRun(t, s)
		backW.Close()
		if line, err := bufio.NewReader(back).ReadString('\n'); line != "back\n" {
			t.Error(line, err)
		}
		// 0 to 2, the two, and the one with which ls reads the directory; ls has nothing else, so neither has sh.
		wantText(t, out.String(), "got one\n0\n1\n2\n3\n4\n5")
	})
}

func TestAutoContainsWhereItCan(t *testing.T) {
	needContained(t)
	s, out := script(t, "pwd")
	s.Mode = sandbox.Auto
	mustRun(t, s)
	wantText(t, out.String(), "/build")
}

// TestHostWithoutNamespaces runs in a user namespace in which no further one may be made: require must say so, auto
// must go on and say what is missing.
func TestHostWithoutNamespaces(t *testing.T) {
	needContained(t)
	s, _ := script(t, "")
	cmd := exec.Command(executable(t))
	cmd.Args = []string{"try", "limited", s.Dir, s.Scratch}
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	text, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	for _, want := range []string{
		"require: this host does not allow the sandbox", "sysctl -w user.max_user_namespaces",
		"auto: 0 <nil> [the command is not contained: ", "probe: false", "in " + s.Dir,
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

// limitedMain is the program of TestHostWithoutNamespaces.
func limitedMain(dir, scratch string) int {
	// In a namespace of our own, which maps one user only, this is our own limit. Anywhere else it is the host's.
	ids, err := os.ReadFile("/proc/self/uid_map")
	if f := strings.Fields(string(ids)); err != nil || len(f) != 3 || f[2] != "1" {
		return 1
	}
	if os.WriteFile("/proc/sys/user/max_user_namespaces", []byte("0"), 0) != nil {
		return 1
	}
	s := sandbox.Spec{
		Dir: dir, Scratch: scratch, Args: []string{"sh", "-c", "echo in $PWD"}, Output: os.Stdout,
		Tools: map[string]string{"sh": "/bin/sh"}, Mode: sandbox.Require,
	}
	_, err = sandbox.Run(context.Background(), s)
	os.Stdout.WriteString("require: " + err.Error() + "\n")
	s.Mode = sandbox.Auto
	res, err := sandbox.Run(context.Background(), s)
	fmt.Printf("auto: %d %v %v\n", res.ExitCode, err, res.Off)
	fmt.Printf("probe: %v\n", sandbox.Probe(context.Background()).Contained.OK)
	return 0
}

// TestAsOrdinaryUser repeats what depends on privileges as a user without any.
func TestAsOrdinaryUser(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("this is one already")
	}
	const nobody = 65534
	dir, err := os.MkdirTemp("/tmp", "mini-sandbox-test-") // t.TempDir is not accessible to others
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	binary, err := os.ReadFile(executable(t))
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(dir, "sandbox.test")
	if err := os.WriteFile(copied, binary, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{dir, copied} {
		if err := os.Chown(path, nobody, nobody); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(copied, "-test.run", "Escapes|Fence|InitDies|Writable|Compiler|WithoutNamespaces|LeftRunning")
	cmd.Dir, cmd.Env = dir, []string{"TMPDIR=" + dir, "PATH=/usr/bin:/bin", "HOME=" + dir}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody, Groups: []uint32{}}}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
