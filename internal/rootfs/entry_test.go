package rootfs

import (
	"slices"
	"strings"
	"testing"
)

// Short ways to write entries in tests.

func sum(c string) string { return strings.Repeat(c, 64) }

func file(path, content, origin string) Entry {
	return Entry{Path: path, Type: File, Mode: 0o644, SHA256: sum(content), Size: 1, Origin: origin}
}

func program(path, content, origin string) Entry {
	e := file(path, content, origin)
	e.Mode = 0o755
	return e
}

func dir(path string, mode uint32, origin string) Entry {
	return Entry{Path: path, Type: Dir, Mode: mode, Origin: origin}
}

func link(path, target, origin string) Entry {
	return Entry{Path: path, Type: Symlink, Target: target, Origin: origin}
}

func node(path string, t Type, major, minor uint32) Entry {
	return Entry{Path: path, Type: t, Mode: 0o600, Major: major, Minor: minor}
}

func TestEntryCheckRefuses(t *testing.T) {
	with := func(change func(*Entry)) Entry {
		e := file("/x", "a", "")
		change(&e)
		return e
	}
	for want, e := range map[string]Entry{
		"a path is empty":           file("", "a", ""),
		"write /etc/motd":           file("etc/motd", "a", ""),
		"write /etc":                dir("/etc/", 0o755, ""),
		"write /b":                  file("/a/../b", "a", ""),
		"zero byte":                 file("/a\x00b", "a", ""),
		"Linux takes 255":           file("/"+strings.Repeat("n", 256), "a", ""),
		"Linux takes 4095 at most":  file(strings.Repeat("/n", 2048), "a", ""),
		"bits beyond 07777":         with(func(e *Entry) { e.Mode = 0o100644 }),
		"is not the sha256":         with(func(e *Entry) { e.SHA256 = strings.ToUpper(e.SHA256) }),
		"negative":                  with(func(e *Entry) { e.Size = -1 }),
		"unknown type":              {Path: "/x", Type: 's'},
		"/ can only be a directory": file("/", "a", ""),
		"has no target":             link("/x", "", ""),
		"of the symbolic link /x contains a zero byte": link("/x", "a\x00b", ""),
		"has 4096 bytes": link("/x", strings.Repeat("t", 4096), ""),
	} {
		if err := e.check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: %v, want %q", e.Path, err, want)
		}
	}
	for _, e := range []Entry{
		dir("/", 0o700, ""), file("/"+strings.Repeat("n", 255), "a", ""), file("/ü\n\xff", "a", ""), link("/x", "../../..", ""),
	} {
		if err := e.check(); err != nil {
			t.Error(err)
		}
	}
}

func TestOrderPutsParentsFirst(t *testing.T) {
	want := []string{"/", "/a", "/a/b", "/a/b/c", "/a/c", "/a-b", "/a.d", "/a.d/x", "/a0", "/aa", "/b", "/\xff"}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, comparePaths)
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	for _, a := range want {
		for _, b := range want {
			if x, y := comparePaths(a, b), comparePaths(b, a); (x < 0) != (y > 0) || (x == 0) != (a == b) {
				t.Errorf("%q and %q: %d and %d", a, b, x, y)
			}
		}
	}
}
