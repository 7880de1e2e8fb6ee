package term

import (
	"strings"
	"testing"
	"time"
)

func TestClean(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"plain", "linux 6.1.192: compile", "linux 6.1.192: compile"},
		{"colour", "\x1b[1;31merror\x1b[0m: no", "error: no"},
		{"title of the window", "a\x1b]0;owned\x07b\x1b]0;x\x1b\\c", "abc"},
		{"a sequence that never ends", "a\x1b]0;rest", "a"},
		{"a lone escape", "a\x1bcb", "acb"},
		{"8-bit CSI", "a\u009b31mb", "a31mb"},
		{"carriage return and bell", "real\rfake\a", "realfake"},
		{"lines become one", "a\nb\tc\u2028d", "a b c d"},
		{"direction of writing", "safe\u202egpj.exe", "safegpj.exe"},
		{"zero width", "a\u200bb\ufeffc", "abc"},
		{"bytes that are no text", "a\xff\xfeb", "ab"},
		{"one accent stays", "e\u0301", "e\u0301"},
		{"a pile of them does not", "e" + strings.Repeat("\u0301", 50) + "f", "e\u0301\u0301f"},
		{"deleted", "a\x7fb", "ab"},
	} {
		if got := clean(c.in); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
	if got := len(clean(strings.Repeat("x", 1<<20))); got > maxRunes {
		t.Errorf("a megabyte stays %d bytes", got)
	}
}

func TestFirstLine(t *testing.T) {
	for in, want := range map[string]string{
		"make -C src \\\n  O=build bzImage": "make -C src",
		"\n\n  # why\n  cp   a b\nrm a":     "cp a b",
		"":                                  "",
		"#only a comment":                   "",
	} {
		if got := firstLine(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestBrief(t *testing.T) {
	for in, want := range map[string]string{
		`make -C src O="$PWD/build" ARCH=i386 bzImage`:          "make bzImage",
		`make -C src O=b CONFIG_PREFIX=x install > install.log`: "make install",
		`make -C src O=b -j2`:                                   "make",
		`make KCFLAGS="-O2 -g" bzImage`:                         `make KCFLAGS="-O2 -g" bzImage`,
		"mini step cpio root.list content root.cpio":            "cpio root.list content root.cpio",
		"cp a b": "cp a b",
		"":       "",
	} {
		if got := brief(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestCut(t *testing.T) {
	for _, c := range []struct {
		in   string
		n    int
		want string
	}{
		{"linux", 5, "linux"},
		{"linux", 4, "lin…"},
		{"linux", 1, "…"},
		{"linux", 0, ""},
		{"a bcdef", 3, "a…"},
		{"内核编译", 8, "内核编译"},
		{"内核编译", 7, "内核编…"},
		{"内核编译", 6, "内核…"}, // half a character can't be shown
		{"e\u0301e\u0301e\u0301", 3, "e\u0301e\u0301e\u0301"},
	} {
		got := cut(c.in, c.n, "…")
		if got != c.want {
			t.Errorf("%q to %d: got %q, want %q", c.in, c.n, got, c.want)
		}
		if columns(got) > c.n {
			t.Errorf("%q to %d is %d wide", c.in, c.n, columns(got))
		}
	}
}

func TestNumbers(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{took(0), "0.0s"},
		{took(59940 * time.Millisecond), "59.9s"},
		{took(59960 * time.Millisecond), "1m00s"},
		{took(221 * time.Second), "3m41s"},
		{took(62 * time.Minute), "1h02m"},
		{running(59999 * time.Millisecond), "59s"},
		{running(-time.Second), "0s"},
		{size(12<<20, 40<<20), "12.0/40.0 MiB"},
		{size(3<<20, 0), "3.0 MiB"},
		{size(100, 2048), "0.1/2.0 KiB"},
		{size(0, 134<<20), "0.0/134 MiB"},
		{rate(2.1 * (1 << 20)), "2.1 MiB/s"},
		{rate(20 << 10), "20.0 KiB/s"},
		{count(78579), "78,579"}, {count(999), "999"}, {count(1000000), "1,000,000"}, {count(-1), "0"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestMeter(t *testing.T) {
	var m meter
	at := func(seconds float64) time.Time { return time.Unix(1000, int64(seconds*1e9)) }
	m.begin(at(0), 50<<20) // resumed: what was there already wasn't fast
	if got := m.read(at(1), 52<<20); got != 2<<20 {
		t.Errorf("2 MiB in a second: got %v", got)
	}
	m.begin(at(1.1), 52<<20)
	if got := m.read(at(1.2), 60<<20); got != 2<<20 {
		t.Errorf("a sample too soon counted: %v", got)
	}
	before := m.read(at(2), 60<<20)
	if after := m.read(at(4), 60<<20); after >= before {
		t.Errorf("nothing comes and the rate stays: %v, then %v", before, after)
	}
	m.begin(at(5), 0)
	if got := m.read(at(6), 1<<20); got != 1<<20 {
		t.Errorf("anew from another mirror: got %v", got)
	}
}
