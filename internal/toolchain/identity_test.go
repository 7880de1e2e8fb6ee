package toolchain

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// later is a cache whose clock runs ahead, so that files that a test has just made count as settled.
func later(path string) *Digests {
	c := LoadDigests(path)
	c.now = func() time.Time { return time.Now().Add(time.Hour) }
	return c
}

func identity(t *testing.T, tc *Toolchain, c *Digests) map[string]string {
	t.Helper()
	id, err := tc.Identity(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	return byName(t, id.Parts)
}

func byName(t *testing.T, parts []Component) map[string]string {
	t.Helper()
	if !slices.IsSortedFunc(parts, func(a, b Component) int { return strings.Compare(a.Name, b.Name) }) {
		t.Errorf("not sorted: %v", parts)
	}
	m := map[string]string{}
	for _, p := range parts {
		if len(p.SHA256) != 64 || p.Path == "" || m[p.Name] != "" {
			t.Errorf("bad component %+v", p)
		}
		m[p.Name] = p.SHA256
	}
	return m
}

// diff names the components in which two identities differ.
func diff(a, b map[string]string) string {
	var names []string
	for n := range a {
		if a[n] != b[n] {
			names = append(names, n)
		}
	}
	for n := range b {
		if _, ok := a[n]; !ok {
			names = append(names, "+"+n)
		}
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

func TestIdentity(t *testing.T) {
	top := fake(t)
	tc := probe(t, top)
	got := identity(t, tc, nil)
	for _, name := range []string{"as", "cc1", "crt1.o", "driver", "headers", "ld-linux.so.2", "libc.so.6", "libm.so.6"} {
		if got[name] == "" {
			t.Errorf("no %s in %v", name, got)
		}
	}
	if got["cc1"] != sumOf("compiler proper") || got["libcrypt.a"] != "" || got["crti.o"] != "" {
		t.Errorf("%v", got)
	}
}

// The same toolchain elsewhere, and for someone else, is the same.
func TestIdentityKnowsNoPlace(t *testing.T) {
	if d := diff(identity(t, probe(t, fake(t)), nil), identity(t, probe(t, fake(t)), nil)); d != "" {
		t.Errorf("differs in %s", d)
	}
}

// With a warm cache nothing is run and nothing is read, and every change is seen all the same.
func TestIdentityWarm(t *testing.T) {
	top := fake(t)
	tc := probe(t, top)
	file := filepath.Join(t.TempDir(), "cache/digests")
	c := later(file)
	was := identity(t, tc, c)
	if err := c.Save(); err != nil {
		t.Fatal(err)
	}
	asked(t, top)
	if d := diff(was, identity(t, tc, later(file))); d != "" {
		t.Errorf("warm and cold differ in %s", d)
	}
	if q := asked(t, top); len(q) != 0 {
		t.Errorf("the driver was asked %q", q)
	}
	for _, c := range []struct {
		change, text, want string
	}{
		{"libexec/cc1", "another compiler", "cc1"},
		{"libexec/as", "an assembler of its own", "as"},
		{"bin/cc", fakeDriver + "# patched\n", "driver"},
		{"root/lib/libc.so.6", elf386 + "libC", "libc.so.6"},
		{"root/lib/ld-linux.so.2", elf386 + "Loader", "ld-linux.so.2"},
		{"root/lib/libcrypt.a", "!<arch>", "+libcrypt.a"},
		{"root/usr/include/stdio.h", "int putz();\n", "headers"},
		{"root/usr/include/errno.h", "", "headers"},
		{"root/usr/include/linux/new.h", "", "headers"},
		{"root/usr/include/linux/types.h", "typedef int U32;\n", "headers"},
		{"root/usr/local/include/stdio.h", "", "headers"},
		{"lib/include/anything.h", "", "headers"},
		{"lib/include/objc/objc.h", "", ""},
		{"lib/include/d/object.d", "", ""},
		{"lib/include/ISO_Fortran_binding.h", "", ""},
		{"lib/include/sanitizer/objc", "", "headers"},
		{"root/usr/include/zlib.h", "", ""},
		{"root/usr/include/openssl/evp.h", "", ""},
		{"root/usr/include/sys/capability.h", "", ""},
		{"root/usr/lib/libz.a", "!<arch>", ""},
		{"root/lib/libz.so.1", elf386, ""},
		{"lib/cc1plus", "another language", ""},
	} {
		cache := later(file)
		was := identity(t, tc, cache)
		write(t, filepath.Join(top, c.change), c.text)
		now := identity(t, tc, cache)
		if d := diff(was, now); d != c.want {
			t.Errorf("%s: differs in %q, want %q", c.change, d, c.want)
		}
		if err := cache.Save(); err != nil {
			t.Fatal(err)
		}
		if d := diff(now, identity(t, tc, nil)); d != "" {
			t.Errorf("%s: the cache and the truth differ in %s", c.change, d)
		}
	}
	if err := os.Remove(filepath.Join(top, "root/lib/libcrypt.a")); err != nil {
		t.Fatal(err)
	}
	if _, ok := identity(t, tc, later(file))["libcrypt.a"]; ok {
		t.Error("what is gone is still there")
	}
}

// Another environment may be another compiler.
func TestIdentityAsksAgainInAnotherEnvironment(t *testing.T) {
	top := fake(t)
	c := later("")
	tc := probe(t, top)
	identity(t, tc, c)
	asked(t, top)
	tc.Env = append(slices.Clone(tc.Env), "CPATH=/x")
	identity(t, tc, c)
	if len(asked(t, top)) == 0 {
		t.Error("the driver was not asked")
	}
}

// Answers and digests that were made while things changed are used once, and not kept.
func TestIdentityOfTheYoungIsNotKept(t *testing.T) {
	top := fake(t)
	tc := probe(t, top)
	c := LoadDigests("")
	began := time.Now()
	c.now = func() time.Time { return began }
	identity(t, tc, c)
	if len(c.kept.Trees) != 0 || len(c.kept.Answers) != 0 {
		t.Errorf("kept %v and %v", c.kept.Trees, c.kept.Answers)
	}
	for p := range c.kept.Files {
		if strings.HasPrefix(p, top) {
			t.Errorf("kept %s", p)
		}
	}
}

func TestIdentityFails(t *testing.T) {
	top := fake(t)
	tc := probe(t, top)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := tc.Identity(ctx, nil); err == nil {
		t.Error("cancelled, and no error")
	}
	write(t, filepath.Join(top, "bin/cc"), strings.ReplaceAll(fakeDriver, "search starts here", "nothing"))
	if _, err := tc.Identity(context.Background(), nil); err == nil || !strings.Contains(err.Error(), "names no include directory") {
		t.Error(err)
	}
	if err := os.Remove(filepath.Join(top, "bin/cc")); err != nil {
		t.Fatal(err)
	}
	if _, err := tc.Identity(context.Background(), nil); !os.IsNotExist(err) {
		t.Error(err)
	}
}
