package elf

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// driver is a Finder that asks a compiler, for tests.
type driver struct{ cc, strip string }

func (d driver) Find(ctx context.Context, name string, _ *File) (Found, error) {
	out, err := exec.CommandContext(ctx, d.cc, "-print-file-name="+name).Output()
	p := strings.TrimSpace(string(out))
	if err != nil || !strings.Contains(p, "/") {
		return Found{}, fmt.Errorf("%w by %s: %v", ErrNotFound, d.cc, err)
	}
	p = filepath.Clean(p)
	return Found{p, "/" + strings.TrimPrefix(strings.TrimPrefix(p, d.strip), "/")}, nil
}

var compilers = []driver{{"gcc", ""}, {"i686-linux-gnu-gcc", "/usr/i686-linux-gnu"}, {"aarch64-linux-gnu-gcc", "/usr/aarch64-linux-gnu"}, {"musl-gcc", ""}}

// compile builds a program, and skips the test where this compiler is not there.
func compile(t *testing.T, cc, source string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath(cc); err != nil {
		t.Skipf("%s is not installed", cc)
	}
	out := filepath.Join(t.TempDir(), "prog")
	cmd := exec.Command(cc, append([]string{"-x", "c", "-", "-o", out}, args...)...)
	cmd.Stdin = strings.NewReader(source)
	if msg, err := cmd.CombinedOutput(); err != nil {
		t.Skipf("%s can't link here: %v\n%s", cc, err, msg)
	}
	return out
}

const mathProgram = `#include <math.h>
#include <stdio.h>
int main(int argc, char **argv) { printf("%g\n", pow(argc + 1, 10)); return 0; }`

// Read sees what readelf sees, with and without section headers.
func TestReadAgainstReadelf(t *testing.T) {
	if _, err := exec.LookPath("readelf"); err != nil {
		t.Skip("readelf is not installed")
	}
	for _, c := range compilers {
		for _, flags := range [][]string{{"-lm"}, {"-lm", "-no-pie", "-Wl,-rpath,/a:$ORIGIN/b"}, {"-static", "-lm"}, {"-shared", "-fPIC", "-Wl,-soname,libprog.so.1", "-Wl,--disable-new-dtags,-rpath,/x"}} {
			t.Run(c.cc+" "+strings.Join(flags, " "), func(t *testing.T) {
				p := compile(t, c.cc, mathProgram, append([]string{"-Wl,--no-as-needed"}, flags...)...)
				want := readelf(t, p)
				for _, how := range []string{"as it is", "without section headers"} {
					f, err := Open(p)
					if err != nil {
						t.Fatal(err)
					}
					if got := short(f); got != want {
						t.Errorf("%s:\ngot  %s\nwant %s", how, got, want)
					}
					dropSections(t, p)
				}
			})
		}
	}
}

func short(f *File) string {
	return fmt.Sprintf("%s %s interp=%s needed=%q soname=%s rpath=%s runpath=%s", f.Class, f.Type, f.Interp, f.Needed, f.Soname,
		strings.Join(f.RPath, ":"), strings.Join(f.RunPath, ":"))
}

func readelf(t *testing.T, p string) string {
	t.Helper()
	cmd := exec.Command("readelf", "-hldW", p)
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	all := func(re string) (found []string) {
		for _, m := range regexp.MustCompile(re).FindAllStringSubmatch(string(out), -1) {
			found = append(found, m[1])
		}
		return found
	}
	one := func(re string) string { return strings.Join(all(re), "?") }
	return fmt.Sprintf("%s %s interp=%s needed=%q soname=%s rpath=%s runpath=%s", one(`Class: +(\w+)`), strings.ToLower(one(`Type: +(\w+)`)),
		one(`interpreter: (.*)\]`), all(`\(NEEDED\).*\[(.*)\]`), one(`\(SONAME\).*\[(.*)\]`), one(`\(RPATH\).*\[(.*)\]`), one(`\(RUNPATH\).*\[(.*)\]`))
}

// dropSections makes a file forget its section headers (e_shoff, e_shnum, e_shstrndx), as sstrip does.
func dropSections(t *testing.T, p string) {
	t.Helper()
	b, err := os.ReadFile(p)
	if err != nil {
		t.Fatal(err)
	}
	shoff, width, shnum := 0x28, 8, 0x3c
	if b[4] == 1 {
		shoff, width, shnum = 0x20, 4, 0x30
	}
	clear(b[shoff : shoff+width])
	clear(b[shnum : shnum+4])
	if err := os.WriteFile(p, b, 0o755); err != nil {
		t.Fatal(err)
	}
}

// The closure alone is enough: in a root that holds the program, what Closure found, and nothing else, it starts.
func TestClosureStarts(t *testing.T) {
	for _, c := range compilers {
		t.Run(c.cc, func(t *testing.T) {
			p := compile(t, c.cc, mathProgram, "-Wl,--no-as-needed", "-lm", "-lresolv")
			libs, err := Closure(context.Background(), []Program{{"/bin/prog", p}}, nil, c)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("\n%s", show("", libs))
			out, err := runAlone(t, p, libs)
			if err != nil && (c.cc != "gcc" || errors.Is(err, syscall.EPERM)) {
				t.Skipf("can't start a program of this architecture in another root here: %v", err)
			} else if err != nil {
				t.Fatal(err)
			}
			if out != "1024\n" {
				t.Errorf("it said %q", out)
			}
			// The guard of this test: with one library less it does not start.
			for i, l := range libs {
				less := slices.Delete(slices.Clone(libs), i, i+1)
				if out, err := runAlone(t, p, less); err == nil {
					t.Errorf("it starts without %s, too: %q", l.Path, out)
				}
			}
		})
	}
}

// runAlone starts a program in a root directory of its own. An ordinary user needs a user namespace for that.
func runAlone(t *testing.T, p string, libs []Library) (string, error) {
	t.Helper()
	root := t.TempDir()
	put := func(at, host string) {
		b, err := os.ReadFile(host)
		if err == nil {
			err = os.MkdirAll(filepath.Join(root, filepath.Dir(at)), 0o755)
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(root, at), b, 0o755)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	put("/bin/prog", p)
	for _, l := range libs {
		put(l.Path, l.HostPath)
		for _, k := range l.Links {
			if err := os.Symlink(k.Target, filepath.Join(root, k.Path)); err != nil {
				t.Fatal(err)
			}
		}
	}
	cmd := exec.Command("/bin/prog")
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: root}
	if os.Getuid() != 0 {
		cmd.SysProcAttr.Cloneflags = syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	}
	cmd.Env = []string{}
	out, err := cmd.Output()
	return string(out), err
}

// A program of the host's own, with more libraries than a toy has: the same names as the loader itself finds.
func TestClosureAgainstLdd(t *testing.T) {
	p, err := exec.LookPath("git")
	if err != nil {
		t.Skip("git is not installed")
	}
	if p, err = filepath.EvalSymlinks(p); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("ldd", p).Output()
	if err != nil {
		t.Skipf("ldd does not work here: %v", err)
	}
	var want []string
	for line := range strings.Lines(string(out)) {
		name := filepath.Base(strings.Fields(line)[0])
		if !kernelProvides(name) {
			want = append(want, name)
		}
	}
	if _, err := exec.LookPath("gcc"); err != nil {
		t.Skip("gcc is not installed")
	}
	libs, err := Closure(context.Background(), []Program{{"/bin/git", p}}, nil, driver{"gcc", ""})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range libs {
		name := filepath.Base(l.Path)
		if len(l.Links) > 0 {
			name = filepath.Base(l.Links[0].Path)
		}
		got = append(got, name)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// Whatever the loader's own file says is where the loader says it looks.
func TestBuiltinDirsOfThisMachine(t *testing.T) {
	f, err := Open("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	if f.Interp == "" {
		if f, err = Open("/bin/sh"); err != nil || f.Interp == "" {
			t.Skip("/bin/sh is a static program here")
		}
	}
	out, err := exec.Command(f.Interp, "--help").CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("(system search path)")) {
		t.Skip("the loader does not tell its search path (glibc does from 2.33)")
	}
	var want []string
	for _, m := range regexp.MustCompile(`(?m)^  (/\S*) \(system search path\)`).FindAllStringSubmatch(string(out), -1) {
		want = append(want, m[1])
	}
	got, err := builtinDirs(f.Interp)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v\nthe loader says %q", got, err, want)
	}
}

// Nothing on this machine's own shelves makes Read fail, and all of it agrees with readelf on being ELF.
func TestReadThisMachine(t *testing.T) {
	names, _ := filepath.Glob("/usr/bin/[a-g]*")
	for _, p := range names {
		_, err := Open(p)
		if os.IsNotExist(err) || os.IsPermission(err) {
			continue
		}
		if isELF(p) != (err == nil) {
			t.Errorf("%s: %v", p, err)
		}
	}
}

func isELF(p string) bool {
	f, err := os.Open(p)
	if err != nil {
		return false
	}
	defer f.Close()
	var b [4]byte
	_, err = io.ReadFull(f, b[:])
	return err == nil && string(b[:]) == "\x7fELF"
}
