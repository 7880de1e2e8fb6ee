package rootfs

import (
	"slices"
	"strings"
	"testing"
)

func sampleList() List {
	return List{
		dir("/bin", 0o755, "a"),
		{Path: "/bin/busybox", Type: File, Mode: 0o4755, UID: 1, GID: 2, SHA256: sum("a"), Size: 1 << 33, Origin: "b"},
		{Path: "/bin/sh", Type: Symlink, Mode: 0o777, Target: "bus y\"box"},
		dir("/dev", 0o755, ""),
		node("/dev/console", Char, 5, 1),
		node("/dev/vda", Block, 254, 0),
		{Path: "/fifo", Type: Fifo, Mode: 0o600},
		file("/ä #\n\t\\\xff\x7f", "b", ""),
	}
}

func TestFormat(t *testing.T) {
	want := `rootfs 1
d /bin 0755 0 0
f /bin/busybox 4755 1 2 ` + sum("a") + ` 8589934592
l /bin/sh 0777 0 0 "bus y\"box"
d /dev 0755 0 0
c /dev/console 0600 0 0 5 1
b /dev/vda 0600 0 0 254 0
p /fifo 0600 0 0
f "/ä #\n\t\\\xff\x7f" 0644 0 0 ` + sum("b") + ` 1
`
	l := sampleList()
	slices.Reverse(l)
	first := l[0].Path
	if got := string(l.Format()); got != want {
		t.Errorf("got:\n%s", got)
	}
	if l[0].Path != first {
		t.Error("Format changed the order of the list it was given")
	}
	back, err := Parse([]byte(want))
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range sampleList() {
		e.Origin = ""
		if back[i] != e {
			t.Errorf("got %+v, want %+v", back[i], e)
		}
	}
}

// Moving a line in a script must not make another image.
func TestOriginsAreNotInTheText(t *testing.T) {
	a, b := sampleList(), sampleList()
	b[0].Origin = "elsewhere.star:1:1"
	if string(a.Format()) != string(b.Format()) {
		t.Error("the text depends on an origin")
	}
}

func TestParseRefuses(t *testing.T) {
	s := sum("a")
	for _, c := range []struct{ text, want string }{
		{"", "line 1: "},
		{"rootfs 2\n", "line 1: "},
		{"rootfs 1\nd /a 0755 0 0", "line 2: the line has no end"},
		{"rootfs 1\n\n", "line 2: "},
		{"rootfs 1\nd /b 0755 0 0\nd /a 0755 0 0\n", "line 3: /a is out of order"},
		{"rootfs 1\nd /a 0755 0 0\nd /a 0755 0 0\n", "line 3: /a is out of order"},
		{"rootfs 1\nd /a/b 0755 0 0\n", "line 2: /a/b has no parent"},
		{"rootfs 1\np /a 0755 0 0\nd /a/b 0755 0 0\n", "line 3: /a/b has no parent"},
		{"rootfs 1\nd /a 755 0 0\n", "is written"},
		{"rootfs 1\nd /a 00755 0 0\n", "is written"},
		{"rootfs 1\nd  /a 0755 0 0\n", "is written"},
		{"rootfs 1\nd \"/a\" 0755 0 0\n", "is written"},
		{"rootfs 1\nd \"/a\\x62\" 0755 0 0\n", "is written"},
		{"rootfs 1\nd /a 0755 0 0 \n", "is written"},
		{"rootfs 1\nd /a 0755 00 0\n", "is written"},
		{"rootfs 1\nl /a 0755 0 0 b\n", "is written"},
		{"rootfs 1\nd /a 0755 0 0\r\n", "quotes"},
		{"rootfs 1\nd /a 0755 0 4294967296\n", "gid"},
		{"rootfs 1\nd /a 0855 0 0\n", "mode"},
		{"rootfs 1\nd /a 10755 0 0\n", "beyond"},
		{"rootfs 1\nd /a 0755 0 0 x\n", "does not have 6 fields"},
		{"rootfs 1\nf /a 0755 0 0 " + s + "\n", "does not have 6 fields"},
		{"rootfs 1\nf /a 0755 0 0 " + s + " -1\n", "negative"},
		{"rootfs 1\nf /a 0755 0 0 " + s[1:] + " 1\n", "sha256"},
		{"rootfs 1\ns /a 0755 0 0\n", "type 's'"},
		{"rootfs 1\nd a 0755 0 0\n", "absolute"},
		{"rootfs 1\nd /a/../b 0755 0 0\n", "roundabout"},
		{"rootfs 1\nd \"/a\\x00\" 0755 0 0\n", "zero byte"},
		{"rootfs 1\nd \"/a 0755 0 0\n", "not closed"},
		{"rootfs 1\nd \"/a\\q\" 0755 0 0\n", "no escape"},
		{"rootfs 1\nd \"/a\\x4\" 0755 0 0\n", "hexadecimal"},
		{"rootfs 1\nd \"/a\"b 0755 0 0\n", "blank is missing"},
	} {
		if _, err := Parse([]byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "line ") {
			t.Errorf("%q: %v, want %q", c.text, err, c.want)
		}
	}
}

func TestLookupAndResolve(t *testing.T) {
	l := List{
		dir("/usr", 0o755, ""), dir("/usr/bin", 0o755, ""), program("/usr/bin/busybox", "a", ""), link("/usr/bin/sh", "busybox", ""),
		link("/bin", "usr/bin", ""), link("/abs", "/bin/sh", ""), link("/loop", "pool", ""), link("/pool", "/loop", ""),
		link("/up", "../../../bin/sh", ""), link("/dangling", "nowhere", ""), link("/self", "self/x", ""), file("/etc", "b", ""),
		link("/slash", "bin/", ""), link("/root", "/", ""), dir("/a.d", 0o755, ""), dir("/a", 0o755, ""), dir("/a/b", 0o755, ""),
	}
	l.Sort()
	for path, want := range map[string]string{
		"/usr/bin/busybox": "/usr/bin/busybox", "/bin/sh": "/usr/bin/busybox", "/bin": "/usr/bin", "/abs": "/usr/bin/busybox",
		"/up": "/usr/bin/busybox", "/slash/sh": "/usr/bin/busybox", "/root": "/", "/root/bin/../bin/sh": "/usr/bin/busybox", "/": "/", "bin/sh": "/usr/bin/busybox",
		"/bin/../..//usr": "/usr", "/a/b": "/a/b", "/a/../a.d/.": "/a.d",
		"/loop": "", "/dangling": "", "/self": "", "/etc/motd": "", "/etc/..": "", "/etc/": "", "/nowhere/..": "",
	} {
		if e, ok := l.Resolve(path); e.Path != want || ok != (want != "") {
			t.Errorf("Resolve(%q) = %q, %v, want %q", path, e.Path, ok, want)
		}
	}
	for _, e := range l {
		if got, ok := l.Lookup(e.Path); !ok || got != e {
			t.Errorf("Lookup(%q) = %v, %v", e.Path, got, ok)
		}
	}
	if e, ok := l.Lookup("/bin/sh"); ok {
		t.Errorf("Lookup followed a link to %v", e)
	}
	if e, ok := l.Lookup("/"); !ok || e.Type != Dir {
		t.Errorf("the root: %v, %v", e, ok)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(sampleList().Format())
	f.Add([]byte("rootfs 1\n"))
	f.Add([]byte("rootfs 1\nd / 0700 0 0\nl /\"a 0777 0 0 b\n"))
	f.Add([]byte("rootfs 1\nl \"/#\" 0777 0 0 #\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		l, err := Parse(data)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("the error has more than one line: %q", err)
			}
			return
		}
		if got := l.Format(); string(got) != string(data) {
			t.Errorf("%q was taken, but is written %q", data, got)
		}
	})
}
