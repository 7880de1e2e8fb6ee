package kconfig

import (
	"slices"
	"strings"
	"testing"
)

const sample = `#
# Automatically generated file; DO NOT EDIT.
# Linux/x86 6.1.192 Kernel Configuration
#
CONFIG_CC_VERSION_TEXT="gcc (Debian 12.2.0-14+deb12u1) 12.2.0"
CONFIG_64BIT=y
CONFIG_HZ=250
# CONFIG_SMP is not set

#
# General setup
#
CONFIG_PHYSICAL_START=0x1000000
CONFIG_USB=m
CONFIG_LAST_ID=
# end of General setup
`

func parse(t *testing.T, text string) *Config {
	t.Helper()
	c, err := ParseConfig(".config", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestParseConfig(t *testing.T) {
	c := parse(t, sample)
	want := []string{"64BIT", "CC_VERSION_TEXT", "HZ", "LAST_ID", "PHYSICAL_START", "SMP", "USB"}
	if got := c.Symbols(); !slices.Equal(got, want) {
		t.Errorf("symbols: %v", got)
	}
	for symbol, want := range map[string]string{
		"64BIT": "y", "SMP": "n", "CONFIG_HZ": "250", "USB": "m", "LAST_ID": "", "PHYSICAL_START": "0x1000000",
		"CC_VERSION_TEXT": `"gcc (Debian 12.2.0-14+deb12u1) 12.2.0"`,
	} {
		if v, ok := c.Get(symbol); !ok || v.String() != want {
			t.Errorf("%s = %s, %v, want %s", symbol, v, ok, want)
		}
	}
	if v, ok := c.Get("NET"); ok || v != (Value{}) {
		t.Errorf("a symbol that isn't there: %v, %v", v, ok)
	}
	c.Symbols()[0] = "CHANGED"
	if c.Symbols()[0] != "64BIT" {
		t.Error("Symbols hands out its own list")
	}
}

func TestParseConfigDuplicates(t *testing.T) {
	c := parse(t, "CONFIG_A=y\n# CONFIG_B is not set\nCONFIG_A=y\n")
	if got := c.Symbols(); len(got) != 2 {
		t.Errorf("symbols: %v", got)
	}
	_, err := ParseConfig("x", []byte("CONFIG_A=y\n\n# CONFIG_A is not set\n"))
	if err == nil || !strings.HasPrefix(err.Error(), "x:3: ") || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("contradiction: %v", err)
	}
	if _, err := ParseConfig("x", []byte("CONFIG_A=y\nCONFIG_NO")); err == nil || !strings.HasPrefix(err.Error(), "x:2: ") {
		t.Errorf("a line cut short: %v", err)
	}
}

func TestDiff(t *testing.T) {
	a := parse(t, "CONFIG_A=y\nCONFIG_B=m\nCONFIG_C=1\n# CONFIG_D is not set\n")
	b := parse(t, "CONFIG_A=y\n# CONFIG_B is not set\nCONFIG_E=\"x\"\n# CONFIG_D is not set\n")
	var got []string
	for _, c := range Diff(a, b) {
		got = append(got, c.String())
	}
	if want := []string{" B m -> n", "-C 1", `+E "x"`}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if d := Diff(a, a); d != nil {
		t.Errorf("a against itself: %v", d)
	}
}

func TestOverride(t *testing.T) {
	r := Request{
		{Symbol: "NEW", Value: Int(7)}, {Symbol: "AA", Value: Bool(true)},
		{Symbol: "OFF", Value: Bool(true)}, {Symbol: "ON", Value: Bool(false)}, {Symbol: "LEFT", Accept: true}, {Symbol: "ALSO_LEFT", Accept: true},
	}
	for name, c := range map[string]struct{ in, out string }{
		"in place": {
			"# head\n\nCONFIG_ON=y\n# CONFIG_OFF is not set\nCONFIG_ONE=y\n  odd line\nCONFIG_LEFT=y\n",
			"# head\n\n# CONFIG_ON is not set\nCONFIG_OFF=y\nCONFIG_ONE=y\n  odd line\nCONFIG_LEFT=y\nCONFIG_AA=y\nCONFIG_NEW=7\n",
		},
		"duplicates go": {
			"CONFIG_ON=y\nCONFIG_X=1\nCONFIG_ON=y\n# CONFIG_ON is not set\nCONFIG_NEW=1\nCONFIG_AA=n\nCONFIG_OFF=n\n",
			"# CONFIG_ON is not set\nCONFIG_X=1\nCONFIG_NEW=7\nCONFIG_AA=y\nCONFIG_OFF=y\n",
		},
		"line endings": {
			"CONFIG_ON=y\r\nCONFIG_X=1\r\nCONFIG_OFF=n",
			"# CONFIG_ON is not set\r\nCONFIG_X=1\r\nCONFIG_OFF=y\nCONFIG_AA=y\nCONFIG_NEW=7\n",
		},
		"similar names": {
			"CONFIG_ON_X=y\nCONFIG_X_ON=y\n#CONFIG_ON=y\n# CONFIG_ON is not settled\n",
			"CONFIG_ON_X=y\nCONFIG_X_ON=y\n#CONFIG_ON=y\n# CONFIG_ON is not settled\nCONFIG_AA=y\nCONFIG_NEW=7\nCONFIG_OFF=y\n# CONFIG_ON is not set\n",
		},
		"empty": {"", "CONFIG_AA=y\nCONFIG_NEW=7\nCONFIG_OFF=y\n# CONFIG_ON is not set\n"},
	} {
		got := string(Override([]byte(c.in), r))
		if got != c.out {
			t.Errorf("%s:\ngot  %q\nwant %q", name, got, c.out)
		}
		if again := string(Override([]byte(got), r)); again != got {
			t.Errorf("%s: a second time changes it to %q", name, again)
		}
	}
	if got := string(Override([]byte(sample), nil)); got != sample {
		t.Errorf("without a request: %q", got)
	}
}
