package kconfig

import (
	"strings"
	"testing"
)

func TestValueText(t *testing.T) {
	for _, c := range []struct {
		v          Value
		text, bare string
	}{
		{Value{}, "n", "n"},
		{Bool(true), "y", "y"},
		{Bool(false), "n", "n"},
		{Tristate("m"), "m", "m"},
		{Int(-7), "-7", "-7"},
		{Hex(0x1000000), "0x1000000", "0x1000000"},
		{Str(""), `""`, ""},
		{Str("y"), `"y"`, "y"},
		{Str(`a "b" c:\d`), `"a \"b\" c:\\d"`, `a "b" c:\d`},
		{Str("tab\tü"), "\"tab\tü\"", "tab\tü"},
		{Scalar("m"), "m", "m"},
		{Scalar("0x40"), "0x40", "0x40"},
		{Scalar("0xyz"), `"0xyz"`, "0xyz"},
		{Scalar("64"), `"64"`, "64"},
	} {
		if got := c.v.String(); got != c.text {
			t.Errorf("String of %#v: %s, want %s", c.v, got, c.text)
		}
		if got := c.v.Text(); got != c.bare {
			t.Errorf("Text of %#v: %s, want %s", c.v, got, c.bare)
		}
		if back, err := ParseValue(c.text); err != nil || back != c.v {
			t.Errorf("ParseValue(%s) = %#v, %v, want %#v", c.text, back, err, c.v)
		}
	}
}

func TestTristateOfOtherTextPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	Tristate("yes")
}

func TestParseValueRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":            "no value",
		"yes":         `write "yes"`,
		"Y":           "needs quotes",
		"y # because": "line of its own",
		"abc":         `write "abc"`,
		`"abc`:        "closing quote",
		`"abc\"`:      "closing quote",
		`"abc\`:       "closing quote",
		`abc"`:        "opening quote",
		`"a"b"`:       "after the closing quote",
		"-":           "needs quotes",
		"0x":          "needs quotes",
	} {
		if v, err := ParseValue(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseValue(%q) = %#v, %v, want an error with %q", text, v, err, want)
		}
	}
}

func TestSameComparesNumbersAsNumbers(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"0x10", "0X0010", true},
		{"0xAB", "0xab", true},
		{"007", "7", true},
		{"64", "0x40", false},
		{"64", "0x64", false},
		{`"7"`, "7", false},
		{"y", "m", false},
		{"99999999999999999999", "99999999999999999999", true},
		{"99999999999999999999", "99999999999999999998", false},
	} {
		a, b := readValue(c.a), readValue(c.b)
		if a.Same(b) != c.same || b.Same(a) != c.same {
			t.Errorf("%s same as %s: want %v", c.a, c.b, c.same)
		}
	}
}

// A line break in a value must not become a second setting.
func TestLineBreakCantEscapeItsLine(t *testing.T) {
	v := Str("quiet\"\nCONFIG_EVIL=y\r\x00")
	if err := v.Valid(); err == nil {
		t.Error("Valid took a line break")
	}
	text := string(Request{{Symbol: "CMDLINE", Value: v}}.Fragment())
	if strings.Count(text, "\n") != 1 || strings.ContainsAny(text, "\r\x00") {
		t.Errorf("the fragment is %q", text)
	}
	if err := Str("fine \\ \"").Valid(); err != nil {
		t.Error(err)
	}
}

func TestNormalizeSymbol(t *testing.T) {
	for in, want := range map[string]string{
		"DESKTOP": "DESKTOP", "CONFIG_DESKTOP": "DESKTOP", "64BIT": "64BIT", "SCx200": "SCx200", "8139CP": "8139CP", "_": "_",
	} {
		if got, err := NormalizeSymbol(in); err != nil || got != want {
			t.Errorf("NormalizeSymbol(%q) = %q, %v", in, got, err)
		}
	}
	for in, want := range map[string]string{
		"":            "needs a name",
		"CONFIG_":     "needs a name",
		"desktop":     `write "DESKTOP"`,
		"config_smp":  `write "SMP"`,
		"A B":         "letters, digits",
		"A=y":         "letters, digits",
		"A\nCONFIG_B": "letters, digits",
		"Ä":           "letters, digits",
	} {
		if got, err := NormalizeSymbol(in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("NormalizeSymbol(%q) = %q, %v, want an error with %q", in, got, err, want)
		}
	}
}
