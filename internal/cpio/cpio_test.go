package cpio

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
)

// text is a regular file with this content.
func text(name string, mode uint32, content string) Entry {
	return Entry{
		Name: name, Mode: TypeRegular | mode, Size: int64(len(content)),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content)), nil },
	}
}

func dir(name string) Entry { return Entry{Name: name, Mode: TypeDir | 0o755} }

func link(name, target string) Entry {
	return Entry{Name: name, Mode: TypeSymlink | 0o777, Linkname: target}
}

func char(name string, major, minor uint32) Entry {
	return Entry{Name: name, Mode: TypeChar | 0o600, Major: major, Minor: minor}
}

// sample has every type, and lengths that need every amount of padding.
func sample() []Entry {
	return []Entry{
		dir("."),
		dir("bin"),
		text("bin/busybox", 0o4755, "\x7fELF and so on"),
		link("bin/sh", "busybox"),
		dir("dev"),
		char("dev/console", 5, 1),
		{Name: "dev/vda", Mode: TypeBlock | 0o660, UID: 0, GID: 6, Major: 254, Minor: 1<<20 - 1},
		{Name: "dev/initctl", Mode: TypeFIFO | 0o600},
		{Name: "dev/log", Mode: TypeSocket | 0o666},
		text("init", 0o755, "#!/bin/sh\nexec sh\n"),
		{Name: "tmp", Mode: TypeDir | 0o1777},
		text("a", 0o644, ""), text("ab", 0o644, "1"), text("abc", 0o644, "12"), text("abcd", 0o644, "123"),
		link("l1", "x"), link("l12", "xy"), link("l123", "xyz"), link("l1234", "/init"),
		{Name: "late", Mode: TypeDir | 0o700, UID: 1000, GID: 4294967294, MTime: 4294967295},
	}
}

func pack(t testing.TB, entries ...Entry) []byte {
	t.Helper()
	var out bytes.Buffer
	w := NewWriter(&out)
	for _, e := range entries {
		if err := w.Write(context.Background(), e); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func wantError(t *testing.T, err error, part string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error; want one with %q", part)
	}
	if !strings.Contains(err.Error(), part) {
		t.Fatalf("error %q; want one with %q", err, part)
	}
	if strings.Contains(err.Error(), "\n") {
		t.Fatalf("error %q has more than one line", err)
	}
}
