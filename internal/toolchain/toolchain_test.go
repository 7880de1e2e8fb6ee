package toolchain

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestProbe(t *testing.T) {
	top := fake(t)
	env := []string{"PATH=/nowhere", "PATH=" + filepath.Join(top, "none") + ":relative:" + filepath.Join(top, "bin") + ":/usr/bin:/bin"}
	for _, cc := range []string{"cc", filepath.Join(top, "bin/cc")} {
		tc, err := Probe(context.Background(), cc, env)
		if err != nil {
			t.Fatal(err)
		}
		if tc.CC != filepath.Join(top, "bin/cc") || tc.Machine != "i686-linux-gnu" || tc.Version != "12.2.0" || !slices.Equal(tc.Env, env) {
			t.Errorf("%+v", tc)
		}
	}
}

// A driver that knows fewer options, as clang did for long.
func TestProbeClang(t *testing.T) {
	p := filepath.Join(t.TempDir(), "clang")
	write(t, p, "#!/bin/sh\ncase $1 in -dumpmachine) echo x86_64-pc-linux-gnu;; -dumpversion) echo 14.0.6;; *) echo \"error: unknown argument: '$1'\" >&2; exit 1;; esac\n")
	tc, err := Probe(context.Background(), p, nil)
	if err != nil || tc.Version != "14.0.6" || tc.Machine != "x86_64-pc-linux-gnu" {
		t.Errorf("%+v %v", tc, err)
	}
}

func TestProbeFails(t *testing.T) {
	dir := t.TempDir()
	script := func(name, body string) string {
		p := filepath.Join(dir, name)
		write(t, p, "#!/bin/sh\n"+body+"\n")
		return p
	}
	plain := script("plain", "")
	if err := os.Chmod(plain, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ cc, want string }{
		{"no-such-gcc", `there is no program "no-such-gcc" in ` + dir},
		{"", `there is no program ""`},
		{dir + "/absent", "can't use " + dir + "/absent as a program: no such file or directory"},
		{dir, "it is a directory"},
		{plain, "permission denied"},
		{script("silent", "exit 0"), `silent does not look like a C compiler: its answer to -dumpmachine is ""`},
		{script("echo", `echo "$@"`), "does not look like a C compiler"},
		{script("broken", "echo no space left >&2; echo more >&2; exit 3"), dir + "/broken -dumpmachine: exit status 3: no space left"},
	} {
		_, err := Probe(context.Background(), c.cc, []string{"PATH=" + dir})
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s:\ngot  %v\nwant %s", c.cc, err, c.want)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Probe(ctx, script("slow", "exec sleep 100"), nil); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestFindLibrary(t *testing.T) {
	top := fake(t)
	tc := probe(t, top)
	root := filepath.Join(top, "root")
	write(t, root+"/usr/lib/i386-linux-gnu/libdeb.so.1", elf386)
	write(t, root+"/lib/libtwo.so.1", elf64) // found first, and for another machine
	write(t, root+"/usr/lib/libtwo.so.1", elf386)
	write(t, root+"/lib/lib64.so.1", elf64)
	write(t, root+"/lib/libtxt.so", "GROUP ( libc.so.6 )")
	if err := os.MkdirAll(root+"/lib/libdir.so", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("libc.so.6", root+"/lib/libl.so"); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"libc.so.6":     "/lib/libc.so.6",
		"libm.so.6":     "/usr/lib/libm.so.6",
		"ld-linux.so.2": "/lib/ld-linux.so.2",
		"libl.so":       "/lib/libl.so",
		"libdeb.so.1":   "/usr/lib/i386-linux-gnu/libdeb.so.1",
		"libtwo.so.1":   "/usr/lib/libtwo.so.1",
		"lib64.so.1":    "/lib/lib64.so.1",
		"libtxt.so":     "/lib/libtxt.so",
		"libdir.so":     "", "libno.so.9": "", "": "", ".": "", "..": "", "../lib/libc.so.6": "",
	} {
		got, _, err := tc.FindLibrary(context.Background(), name)
		if err != nil {
			t.Fatal(err)
		}
		if want != "" && got != root+want || want == "" && got != "" {
			t.Errorf("%q: %q; want %q", name, got, want)
		}
		if got != "" && tc.ImagePath(got) != want {
			t.Errorf("%q is %q on the target", got, tc.ImagePath(got))
		}
	}
}

// What appears at a place that was passed is found from then on, and nothing that appears elsewhere.
func TestFindLibraryTellsWhatItPassed(t *testing.T) {
	for _, c := range []struct {
		what, name, at, other string
	}{
		{"of the driver's directories", "libm.so.6", "usr/lib/libm.so.6", ""},
		{"of those of the root", "libdeb.so.1", "usr/lib/i386-linux-gnu/libdeb.so.1", ""},
		{"after one for another machine", "libtwo.so.1", "usr/lib/libtwo.so.1", "lib/libtwo.so.1"},
	} {
		top := fake(t)
		root := filepath.Join(top, "root")
		write(t, filepath.Join(root, c.at), elf386)
		if c.other != "" {
			write(t, filepath.Join(root, c.other), elf64)
		}
		find := func() (string, []string) {
			got, passed, err := probe(t, top).FindLibrary(context.Background(), c.name)
			if err != nil {
				t.Fatal(err)
			}
			return got, passed
		}
		first, passed := find()
		if first != filepath.Join(root, c.at) || slices.Contains(passed, first) {
			t.Fatalf("a library %s: %s, after %q", c.what, first, passed)
		}
		for _, dir := range []string{"lib", "usr/lib", "lib/i386-linux-gnu", "usr/lib/i386-linux-gnu", "lib64", "usr/lib64", "opt/lib"} {
			p := filepath.Join(root, dir, c.name)
			before, err := os.ReadFile(p)
			if p == first {
				continue
			}
			write(t, p, elf386+"another")
			now, _ := find()
			if said := slices.Contains(passed, p); said != (now == p) {
				t.Errorf("a library %s: now that there is %s it is %s; of the former it said %v", c.what, p, now, said)
			}
			if err == nil {
				write(t, p, string(before))
			} else if err := os.Remove(p); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestImagePath(t *testing.T) {
	tc := &Toolchain{roots: []string{"/opt/x/sysroot", "/opt/x"}}
	for in, want := range map[string]string{
		"/opt/x/sysroot/lib/libc.so.6":         "/lib/libc.so.6",
		"/opt/x/lib/../sysroot/usr/lib/a":      "/usr/lib/a",
		"/opt/x/lib/libgcc_s.so.1":             "/lib/libgcc_s.so.1",
		"/opt/xy/lib/a":                        "/opt/xy/lib/a",
		"/opt/x":                               "/opt/x",
		"/usr/lib/x86_64-linux-gnu/libc.so.6":  "/usr/lib/x86_64-linux-gnu/libc.so.6",
		"/usr/lib/gcc/x/12/../../../libc.so.6": "/usr/lib/libc.so.6",
	} {
		if got := tc.ImagePath(in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

// Where a link makes ".." lead elsewhere than it looks, the file counts and not the look.
func TestTidy(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir+"/real/lib/a", "right")
	write(t, dir+"/lib/a", "wrong")
	if err := os.MkdirAll(dir+"/real/gcc", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("real/gcc", dir+"/gcc"); err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]string{
		dir + "/gcc/../lib/a":      dir + "/real/lib/a",
		dir + "/real/gcc/../lib/a": dir + "/real/lib/a",
		dir + "/none/../lib/a":     dir + "/lib/a",
		dir + "/lib/a":             dir + "/lib/a",
	} {
		if got := tidy(in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

func TestParseHeaderDirs(t *testing.T) {
	const said = `ignoring nonexistent directory "/no/such"
ignoring duplicate directory "/usr/include"
#include "..." search starts here:
 /quoted
#include <...> search starts here:
 /usr/lib/gcc/x/12/include
 /usr/local/include
End of search list.
 /not/in/it
`
	want := []string{"/quoted", "/usr/lib/gcc/x/12/include", "/usr/local/include", "/no/such"}
	if got := parseHeaderDirs(said); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if got := parseHeaderDirs("ignoring nonexistent directory \"/a\"\n"); got != nil {
		t.Errorf("nothing but absent ones: %q", got)
	}
}
