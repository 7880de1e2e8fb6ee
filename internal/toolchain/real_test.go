package toolchain

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var realEnv = []string{"PATH=/usr/local/bin:/usr/bin:/bin"}

func real(tb testing.TB, cc string) *Toolchain {
	tb.Helper()
	path, err := exec.LookPath(cc)
	if err != nil {
		tb.Skipf("%s is not installed", cc)
	}
	t, err := Probe(context.Background(), path, realEnv)
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

var realCompilers = []string{"gcc", "clang", "i686-linux-gnu-gcc", "aarch64-linux-gnu-gcc"}

// What the answers lead to is what the linker takes: the file that ld opens for -lm, by its own trace, is the one that the
// identity has.
func TestRealCompilers(t *testing.T) {
	for _, cc := range realCompilers {
		t.Run(cc, func(t *testing.T) {
			tc := real(t, cc)
			ctx := context.Background()
			id, err := tc.Identity(ctx, nil)
			if err != nil {
				t.Fatal(err)
			}
			have := map[string]string{}
			loader := false
			for _, p := range id.Parts {
				have[p.Name] = p.Path
				loader = loader || strings.HasPrefix(p.Name, "ld-") || strings.HasPrefix(p.Name, "ld64")
			}
			want := []string{"as", "ld", "driver", "headers", "crt1.o", "crti.o", "libc.so.6", "libgcc.a", "libm.so.6"}
			if strings.HasSuffix(cc, "gcc") {
				want = append(want, "cc1", "collect2", "crtbegin.o")
			}
			for _, name := range want {
				if have[name] == "" {
					t.Errorf("no %s", name)
				}
			}
			if !loader {
				t.Error("no loader")
			}
			stdio := false
			for _, d := range filepath.SplitList(have["headers"]) {
				_, err := os.Stat(filepath.Join(d, "stdio.h"))
				stdio = stdio || err == nil
			}
			if !stdio {
				t.Errorf("no stdio.h in %s", have["headers"])
			}

			path, passed, err := tc.FindLibrary(ctx, "libc.so.6")
			if err != nil || path == "" || strings.Contains(path, "..") {
				t.Fatal(path, err)
			}
			if len(passed) == 0 || slices.Contains(passed, path) { // it looks beside itself first
				t.Errorf("before %s it looked for %q", path, passed)
			}
			if image := tc.ImagePath(path); !strings.HasPrefix(image, "/lib") && !strings.HasPrefix(image, "/usr/lib") {
				t.Errorf("%s is %s on the target", path, image)
			}
			traced := trace(t, tc)
			for _, name := range []string{"crt1.o", "Scrt1.o", "crti.o", "libm.so.6", "libc.so.6", "libgcc.a"} {
				if p := traced[name]; p != "" && p != have[name] {
					t.Errorf("the linker takes %s, the identity has %s", p, have[name])
				}
			}
			if traced["libc.so.6"] == "" {
				t.Errorf("the trace shows no C library: %v", traced)
			}
		})
	}
}

// trace links a program and returns the files that the linker says it opened, by base name.
func trace(t *testing.T, tc *Toolchain) map[string]string {
	t.Helper()
	cmd := exec.Command(tc.CC, "-x", "c", "-", "-o", filepath.Join(t.TempDir(), "prog"), "-Wl,-t", "-lm")
	cmd.Stdin = strings.NewReader("int main(void) { return 0; }\n")
	cmd.Env = append([]string{"LC_ALL=C", "TMPDIR=" + t.TempDir()}, realEnv...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Skipf("%s can't link here: %v\n%s", tc.CC, err, out)
	}
	files := map[string]string{}
	for line := range strings.Lines(string(out)) {
		if p, err := filepath.EvalSymlinks(strings.TrimSpace(line)); err == nil {
			files[filepath.Base(p)] = p
		}
	}
	return files
}

// Nothing that a cross compiler's programs can load is taken from the host.
func TestRealCrossLibraries(t *testing.T) {
	tc := real(t, "i686-linux-gnu-gcc")
	for name, want := range map[string]string{"libc.so.6": "/lib/libc.so.6", "ld-linux.so.2": "/lib/ld-linux.so.2", "libresolv.so.2": "/lib/libresolv.so.2"} {
		p, _, err := tc.FindLibrary(context.Background(), name)
		if err != nil || p == "" {
			t.Fatal(p, err)
		}
		if a, _ := archOf(p); a.class != 1 {
			t.Errorf("%s is not for 32 bits", p)
		}
		if got := tc.ImagePath(p); strings.HasPrefix(p, "/usr/i686-linux-gnu/") && got != want {
			t.Errorf("%s is %s on the target, want %s", p, got, want)
		}
	}
}

// BenchmarkIdentity is what a run with nothing to do pays for one compiler, and what the first run pays.
func BenchmarkIdentity(b *testing.B) {
	ctx := context.Background()
	t := real(b, "gcc")
	file := filepath.Join(b.TempDir(), "digests")
	c := LoadDigests(file)
	if _, err := t.Identity(ctx, c); err != nil {
		b.Fatal(err)
	}
	if err := c.Save(); err != nil {
		b.Fatal(err)
	}
	for name, path := range map[string]string{"warm": file, "cold": ""} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := t.Identity(ctx, LoadDigests(path)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
