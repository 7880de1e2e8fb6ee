package sandbox_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mini/internal/sandbox"
)

// TestHidden hides files, a directory, a link and what is reached through one, and leaves the rest as it is.
func TestHidden(t *testing.T) {
	needContained(t)
	dir := t.TempDir()
	for _, f := range []string{"a.h", "a-b/x.h", "a/b.h", "a/c.h", "sub/deep/er/x.h", "sub/deep/er/y.h", "other/z.h", "kept/l.so.1"} {
		write(t, filepath.Join(dir, f), "content of "+f+"\n")
	}
	for link, to := range map[string]string{"kept/l.so": "l.so.1", "way": "sub/deep", "kept/m.so": "l.so.1"} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	s, out := script(t, `cd "$0"; find . ! -type d | sort; cat a/c.h kept/l.so.1; touch a/new 2>/dev/null || echo read-only`)
	s.Tools["find"], s.Tools["sort"] = tools(t, "find")["find"], tools(t, "sort")["sort"]
	s.HostDirs = []string{dir}
	s.Args = append(s.Args, dir)
	for _, h := range []string{"a.h", "a/b.h", "a-b", "way/er/x.h", "sub/deep/er/none.h", "other/z.h", "kept/l.so", "none/at/all", "other"} {
		s.Hide = append(s.Hide, filepath.Join(dir, h))
	}
	res := mustRun(t, s)
	if !res.Exact {
		t.Skipf("this host refuses overlays: %v", res.Off)
	}
	wantText(t, out.String(), strings.Join([]string{"./a/c.h", "./kept/l.so.1", "./kept/m.so", "./sub/deep/er/y.h", "./way",
		"content of a/c.h", "content of kept/l.so.1", "read-only"}, "\n"))
	if _, err := os.Lstat(filepath.Join(dir, "a.h")); err != nil {
		t.Error("the host's own file is gone", err)
	}
}

// TestHiddenSystem hides a header of the host's own directories from a real compiler.
func TestHiddenSystem(t *testing.T) {
	needContained(t)
	const source = "#include <limits.h>\n#include <stdio.h>\n#include <elf.h>\nint main(void) { return 0; }\n"
	compile := func(hide ...string) string {
		s, out := script(t, "cc -c hello.c 2>&1 || :")
		for name, path := range tools(t, "cc", "as", "ld") {
			s.Tools[name] = path
		}
		s.Hide = hide
		write(t, s.Dir+"/hello.c", source)
		mustRun(t, s)
		return out.String()
	}
	wantText(t, compile(), "")
	if got := compile("/usr/include/elf.h"); !strings.Contains(got, "elf.h: No such file or directory") {
		t.Errorf("the compiler says %q", got)
	}
}

// TestExact: only a contained action that sees nothing hidden says so of itself.
func TestExact(t *testing.T) {
	modes(t, func(t *testing.T, mode sandbox.Mode) {
		s, _ := script(t, ":")
		s.Mode = mode
		if got, want := mustRun(t, s).Exact, mode == sandbox.Require; got != want {
			t.Errorf("exact is %v", got)
		}
	})
	if s := host(); s.Exact && !s.Contained.OK {
		t.Error("the probe finds an action exact that is not contained")
	}
}

func TestHideIsValidated(t *testing.T) {
	for _, p := range []string{"", "usr/include", "/", "/usr", "/usr/../etc/passwd", "/usr/include/", "/a\x00b/c"} {
		s, _ := script(t, ":")
		s.Hide = []string{p}
		if _, err := sandbox.Run(t.Context(), s); err == nil || !strings.Contains(err.Error(), "hidden path") {
			t.Errorf("%q is taken: %v", p, err)
		}
	}
}
