package kconfig

import (
	"slices"
	"strings"
	"testing"
)

func TestParseFragment(t *testing.T) {
	text := "\ufeff# a fragment\r\n" +
		"CONFIG_NET=y\r\n" +
		"\n" +
		"   CONFIG_VIRTIO_NET=m  \n" +
		"# CONFIG_SMP is not set\n" +
		"CONFIG_BLK_DEV_RAM_SIZE=65536\n" +
		"CONFIG_PHYSICAL_START=0x1000000\n" +
		"CONFIG_CMDLINE=\"console=ttyS0 # not a comment\"\n" +
		"# CONFIG_SMP=y would be nice\n" +
		"## CONFIG_OTHER is not set here\n" +
		"# CONFIG_SMP or NUMA is not set\n" +
		"CONFIG_EMPTY=\"\"\n" +
		"CONFIG_NET=n" // later wins, and the last line needs no line break
	r, err := ParseFragment("net.config", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	want := Request{
		{"BLK_DEV_RAM_SIZE", Int(65536), false, "net.config:6"},
		{"CMDLINE", Str("console=ttyS0 # not a comment"), false, "net.config:8"},
		{"EMPTY", Str(""), false, "net.config:12"},
		{"NET", Bool(false), false, "net.config:13"},
		{"PHYSICAL_START", Hex(0x1000000), false, "net.config:7"},
		{"SMP", Bool(false), false, "net.config:5"},
		{"VIRTIO_NET", Tristate("m"), false, "net.config:4"},
	}
	if !slices.Equal(r, want) {
		t.Errorf("got  %v\nwant %v", r, want)
	}
	const out = `CONFIG_BLK_DEV_RAM_SIZE=65536
CONFIG_CMDLINE="console=ttyS0 # not a comment"
CONFIG_EMPTY=""
# CONFIG_NET is not set
CONFIG_PHYSICAL_START=0x1000000
# CONFIG_SMP is not set
CONFIG_VIRTIO_NET=m
`
	if got := string(r.Fragment()); got != out {
		t.Errorf("fragment:\n%s", got)
	}
}

func TestParseFragmentRefuses(t *testing.T) {
	for line, want := range map[string]string{
		"NET=y":                       "write CONFIG_NET=y",
		"CONFIG_NET":                  "write CONFIG_NET=y",
		"CONFIG_NET = y":              "write CONFIG_NET=y",
		"CONFIG_NET=":                 "no value",
		"CONFIG_NET= y":               "needs quotes",
		"CONFIG_NET=yes":              "needs quotes",
		"CONFIG_net=y":                `write "NET"`,
		"CONFIG_A-B=y":                "letters, digits",
		"CONFIG_CMDLINE=quiet":        `write "quiet"`,
		`CONFIG_CMDLINE="quiet`:       "closing quote",
		"CONFIG_CMDLINE=\"a\x00\"":    "zero byte",
		"#CONFIG_NET is not set":      `write "# CONFIG_NET is not set"`,
		"#  CONFIG_NET  is  not  set": `write "# CONFIG_NET is not set"`,
		"<<<<<<< HEAD":                "neither a setting nor a comment",
		"export CONFIG_NET":           "neither a setting nor a comment",
		"=y":                          "needs a name",
	} {
		_, err := ParseFragment("a.config", []byte("CONFIG_FINE=y\n"+line+"\n"))
		if err == nil || !strings.HasPrefix(err.Error(), "a.config:2: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want a.config:2 and %q", line, err, want)
		}
	}
}

func TestMergeLaterWins(t *testing.T) {
	base := Request{{"B", Bool(true), false, "base"}, {"A", Int(1), false, "base"}, {"C", Bool(true), false, "base"}}
	over := Request{{"A", Int(2), false, "over"}, {Symbol: "C", Accept: true, Origin: "over"}, {"A", Int(3), false, "over again"}}
	got := base.Merge(over)
	want := Request{{"A", Int(3), false, "over again"}, {"B", Bool(true), false, "base"}, {Symbol: "C", Accept: true, Origin: "over"}}
	if !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
	if base[0].Symbol != "B" || over[0].Symbol != "A" || len(base) != 3 {
		t.Error("Merge changed its arguments")
	}
	if text := string(got.Fragment()); text != "CONFIG_A=3\nCONFIG_B=y\n" {
		t.Errorf("an accepted symbol must not be asked for: %q", text)
	}
	if got := got.Merge(Request{{"C", Bool(false), false, "last"}}); got[2].Accept {
		t.Error("a later value must replace Accept")
	}
}

func FuzzParseFragment(f *testing.F) {
	for _, s := range []string{
		"", "\n", "CONFIG_A=y\n", "# CONFIG_A is not set", "CONFIG_A=\"x\\\"y\\\\\"\r\n", "CONFIG_A=0x1\nCONFIG_A=-3\n", "CONFIG_=y", "# c\n\r\n\r",
		"CONFIG_A=\"\xff\"", "CONFIG_CONFIG_0=0", "\ufeffCONFIG_A=m",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := ParseFragment("f", data)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("the error has more than one line: %q", err)
			}
			return
		}
		text := r.Fragment()
		again, err := ParseFragment("f", text)
		if err != nil {
			t.Fatalf("own output %q: %v", text, err)
		}
		if string(again.Fragment()) != string(text) || len(again) != len(r) {
			t.Errorf("%q came back as %q", text, again.Fragment())
		}
		final, err := ParseConfig("f", text)
		if err != nil {
			t.Fatal(err)
		}
		if misses := Check(r, final, nil); misses != nil {
			t.Errorf("own output misses %v", misses)
		}
	})
}
