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

// fakeWithLibraries is a toolchain beside whose parts other packages have put theirs.
func fakeWithLibraries(t *testing.T) string {
	t.Helper()
	top := fake(t)
	for name, text := range map[string]string{
		"root/usr/include/libelf.h":      "elf",
		"root/usr/include/openssl/bio.h": "bio",
		"root/usr/include/openssl/evp.h": "evp",
		"root/usr/include/zlib.h":        "z",
		"root/usr/lib/libelf.so.1":       elf386 + "libelf",
		"root/usr/lib/libelf.a":          "!<arch>",
		"root/usr/lib/libz.a":            "!<arch>",
		"root/usr/lib/libcrypto.a":       "!<arch>",
	} {
		write(t, filepath.Join(top, name), text)
	}
	if err := os.Symlink("libelf.so.1", filepath.Join(top, "root/usr/lib/libelf.so")); err != nil {
		t.Fatal(err)
	}
	return top
}

func with(t *testing.T, top string, c *Digests, libs ...Library) *Identity {
	t.Helper()
	id, err := probe(t, top).Identity(context.Background(), c)
	if err == nil {
		id, err = id.With(context.Background(), c, libs)
	}
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestWith(t *testing.T) {
	top := fakeWithLibraries(t)
	rel := func(id *Identity) string {
		var names []string
		for _, p := range id.Hidden {
			names = append(names, strings.TrimPrefix(p, top+"/root/usr/"))
		}
		return strings.Join(names, " ")
	}
	elf := Library{Name: "elf", Headers: []string{"libelf.h", "gelf.h"}}
	crypto := Library{Name: "crypto", Headers: []string{"openssl/evp.h"}}
	if got, want := rel(with(t, top, later(""))), "include/libelf.h include/openssl include/zlib.h lib/libcrypto.a lib/libelf.a lib/libelf.so lib/libz.a"; got != want {
		t.Errorf("hidden are\n%s, want\n%s", got, want)
	}
	id := with(t, top, later(""), elf, crypto)
	if got, want := rel(id), "include/zlib.h lib/libz.a"; got != want {
		t.Errorf("hidden are %s, want %s", got, want)
	}
	if d := diff(byName(t, with(t, top, later("")).Parts), byName(t, id.Parts)); d != "+crypto/libcrypto.a +crypto/openssl +elf/libelf.a +elf/libelf.h +elf/libelf.so" {
		t.Errorf("added are %s", d)
	}
	if !slices.Contains(id.Shown(), top+"/root/usr/lib/libelf.so") {
		t.Error("the link that the linker takes is not shown")
	}
}

// A library that is named is in the identity by content; one that is not has no part in it.
func TestWithNoticesChanges(t *testing.T) {
	top := fakeWithLibraries(t)
	c := later("")
	elf := Library{Name: "elf", Headers: []string{"libelf.h"}}
	crypto := Library{Name: "crypto", Headers: []string{"openssl/evp.h"}}
	for _, change := range []struct{ file, want string }{
		{"root/usr/include/libelf.h", "elf/libelf.h"},
		{"root/usr/lib/libelf.so.1", "elf/libelf.so"},
		{"root/usr/lib/libelf.a", "elf/libelf.a"},
		{"root/usr/include/openssl/bio.h", "crypto/openssl"},
		{"root/usr/include/zlib.h", ""},
		{"root/usr/lib/libz.a", ""},
		{"root/usr/include/stdio.h", "headers"},
	} {
		was := byName(t, with(t, top, c, elf, crypto).Parts)
		write(t, filepath.Join(top, change.file), elf386+"changed")
		if d := diff(was, byName(t, with(t, top, c, elf, crypto).Parts)); d != change.want {
			t.Errorf("%s: differs in %q, want %q", change.file, d, change.want)
		}
	}
}

// Whoever touches every file of a toolchain has changed nothing.
func TestTouchedIsNotChanged(t *testing.T) {
	top := fakeWithLibraries(t)
	c := later("")
	elf := Library{Name: "elf", Headers: []string{"libelf.h"}}
	was := with(t, top, c, elf)
	err := filepath.WalkDir(top, func(p string, _ os.DirEntry, err error) error {
		if err == nil {
			err = os.Chtimes(p, time.Time{}, time.Unix(1e9, 0))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	now := with(t, top, c, elf)
	if d := diff(byName(t, was.Parts), byName(t, now.Parts)); d != "" || !slices.Equal(was.Hidden, now.Hidden) {
		t.Errorf("differs in %s, hidden are %v", d, now.Hidden)
	}
}
