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
		got, ok, err := tc.FindLibrary(context.Background(), name)
		if err != nil {
			t.Fatal(err)
		}
		if ok != (want != "") || ok && got != root+want || !ok && got != "" {
			t.Errorf("%q: %q, %v; want %q", name, got, ok, want)
		}
		if ok && tc.ImagePath(got) != want {
			t.Errorf("%q is %q on the target", got, tc.ImagePath(got))
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
