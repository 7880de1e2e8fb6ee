package kconf

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

const reasonsKconfig = `success = $(shell,{ $(1); } >/dev/null 2>&1 && echo "y" || echo "n")

config MODULES
	bool "Modules"
	modules

config OLD_NAME
	bool
	transitional

config NEW_NAME
	bool "New"
	default OLD_NAME

config NET
	bool "Networking"

config INET
	bool "TCP/IP"
	depends on NET

if INET
config PNP
	bool "PNP"
	depends on !NO_PNP
endif

config NO_PNP
	bool "No PNP"

config DRIVER
	tristate "Driver"
	depends on BUS && (NET || OTHER)

config BUS
	tristate

config BUS_PCI
	tristate "PCI"
	select BUS

config BUS_FAR
	tristate "Far"
	depends on MODULES
	select BUS

config OTHER
	bool

config CLIENT
	bool "Client"
	depends on DRIVER=y

config FORCED
	bool "Forced"

config FORCES
	bool "Forces"
	select FORCED

config NEVER
	bool

config FOLLOWS
	def_bool FORCES

config SIZE
	int "Size"
	range 1 8
	default 4

config MASK
	hex "Mask"
	default 0x1

config NAME
	string "Name"
	depends on NET

config ELSEWHERE
	bool "Needs what isn't here"
	depends on ARCH_OF_OTHERS

config COMPILER
	bool "Needs a compiler"
	depends on $(success,compiler)

choice
	prompt "One of"

config ONE
	bool "One"
config TWO
	bool "Two"
config THREE
	bool "Three"
	depends on NET
endchoice

config COMPILER_TOO
	bool "Needs a compiler, too"
	depends on $(success,compiler)
config COMPILER_VERSION
	int
	default $(shell,version)
`

func TestExplain(t *testing.T) {
	tree := open(t, reasonsKconfig)
	for _, c := range []struct{ given, want, why, add string }{
		{"", "INET=y", "it needs NET=y", "NET=y"},
		{"", "PNP=y", "it needs NET=y and INET=y", "NET=y and INET=y"},
		{"NO_PNP=y NET=y INET=y", "PNP=y", "it needs NO_PNP=n", "NO_PNP=n"},
		{"NO_PNP=y", "PNP=y", "it needs NET=y, INET=y and NO_PNP=n", "NET=y, INET=y and NO_PNP=n"},
		{"", "DRIVER=y", "it needs BUS_PCI=y and NET=y", "BUS_PCI=y and NET=y"},
		{"", "DRIVER=m", "modules are off: m needs MODULES=y", "MODULES=y, BUS_PCI=y and NET=y"},
		{"MODULES=y NET=y BUS_PCI=m", "DRIVER=y", "something it depends on is a module, so it can only be one too", "BUS_PCI=y"},
		{"MODULES=y NET=y BUS_PCI=m DRIVER=m", "CLIENT=y", "it needs BUS_PCI=y and DRIVER=y", "BUS_PCI=y and DRIVER=y"},
		{"", "BUS=y", "it has no prompt: only symbols that select it can turn it on (BUS_PCI or BUS_FAR)", "BUS_PCI=y"},
		{"", "NEVER=y", "it has no prompt and nothing selects it: it is always n", ""},
		{"", "FOLLOWS=y", "it has no prompt: its value follows from other symbols", "FORCES=y"},
		{"FORCES=y", "FORCED=n", "FORCES=y selects it", "FORCES=n"},
		{"FORCES=y", "FOLLOWS=n", "it can't be set here, and its default is y", "FORCES=n"},
		{"", "FORCED=m", "it is y or n, and can't be a module", ""},
		{"", "SIZE=9", "it is out of range: SIZE has to be from 1 to 8", ""},
		{"", "SIZE=y", "it is a number (int)", ""},
		{"", "MASK=text", `it is a hexadecimal number: write it like "0x40"`, ""},
		{"", "NAME=x", "it needs NET=y", "NET=y"},
		{"", "NOWHERE=y", "this source has no such symbol", ""},
		{"", "ELSEWHERE=y", "something it depends on is off", ""},
		{"", "OLD_NAME=y", "it is only there to be read from older configurations: ask for NEW_NAME", ""},
		{"", "TWO=y", `ONE=y is, and of the choice "One of" only one can be`, "ONE=n"},
		{"", "THREE=y", "it needs NET=y and ONE=n", "NET=y and ONE=n"},
		{"", "ONE=n", `one member of the choice "One of" has to be on`, "TWO=y"},
	} {
		s := tree.Evaluate(Input{Settings: words(c.given)})
		want := words(c.want)[0]
		r := s.Offer(want, words(c.given)[:0])
		if r.Why != c.why || listSettings(r.Add) != c.add {
			t.Errorf("%s with %q: %s; add %q\nwant %s; add %q", c.want, c.given, r.Why, listSettings(r.Add), c.why, c.add)
		}
		if r.Add != nil && !s.with(r.Add, []Setting{want}, NewDefault).has(want) {
			t.Errorf("%s with %q: what is offered doesn't help", c.want, c.given)
		}
	}
}

// What was asked for and holds is not given up for a wish.
func TestOfferKeepsWhatHolds(t *testing.T) {
	tree := open(t, reasonsKconfig)
	s := tree.Evaluate(Input{Settings: words("FORCES=y ONE=y")})
	for _, want := range []string{"FORCED=n", "TWO=y"} {
		if r := s.Offer(words(want)[0], words("FORCES=y ONE=y")); r.Add != nil {
			t.Errorf("%s: it offers %v", want, r.Add)
		}
	}
}

func TestChainBeginsWithTheDeepestCause(t *testing.T) {
	tree := open(t, reasonsKconfig[strings.Index(reasonsKconfig, "config NET"):strings.Index(reasonsKconfig, "config DRIVER")])
	got := tree.Evaluate(Input{}).Explain(Setting{"PNP", "y"}).Chain
	want := []string{"Kconfig:2: NET is n, and can be set", "Kconfig:5: INET needs NET (NET is n)", "Kconfig:10: PNP needs INET (INET is n)"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

// Answers that nobody gave show in what a .config says.
func TestInfer(t *testing.T) {
	tree := open(t, reasonsKconfig)
	config := tree.Evaluate(Input{}).Config()
	config["COMPILER_VERSION"] = "12"
	answers := tree.Infer(config)
	if len(answers) != 1 || answers["$(shell,version)"] != "12" {
		t.Errorf("a compiler that can do it: %v", answers)
	}
	delete(config, "COMPILER")
	delete(config, "COMPILER_TOO")
	answers = tree.Infer(config)
	s := tree.Evaluate(Input{Settings: settingsOf(config), Answers: answers})
	if len(answers) != 2 || len(s.mismatches(config)) != 0 {
		t.Errorf("one that can't: %v, %v", answers, s.mismatches(config))
	}
	if chain := s.Explain(Setting{"COMPILER", "y"}).Chain; len(chain) != 1 || !strings.Contains(chain[0], "what the compiler or another tool said is n") {
		t.Errorf("the reason: %q", chain)
	}
}

// open parses with nobody to answer for a shell.
func open(t *testing.T, text string) *Tree {
	t.Helper()
	tree, err := Parse(Options{Root: "Kconfig", Dirs: []fs.FS{fstest.MapFS{"Kconfig": &fstest.MapFile{Data: []byte(text)}}}})
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func words(text string) []Setting {
	var settings []Setting
	for _, w := range strings.Fields(text) {
		name, value, _ := strings.Cut(w, "=")
		settings = append(settings, Setting{name, value})
	}
	return settings
}

func TestDescribe(t *testing.T) {
	tree := open(t, reasonsKconfig)
	for _, c := range []struct{ given, symbol, want string }{
		{"", "PNP", `PNP=n
  it can't be set here

Kconfig:23: config, bool, "PNP"
  depends on INET (n)
  depends on !NO_PNP (y)

it can't be set here:
  Kconfig:16: NET is n, and can be set
  Kconfig:19: INET needs NET (NET is n)
  Kconfig:24: PNP needs INET (INET is n)`},
		{"NET=y INET=y PNP=y", "PNP", `PNP=y
  it was asked to be: by default it would be n

Kconfig:23: config, bool, "PNP"
  depends on INET (y)
  depends on !NO_PNP (y)`},
		{"FORCES=y", "FORCED", `FORCED=y
  FORCES selects it (Kconfig:59)

Kconfig:54: config, bool, "Forced"

selected by:
  FORCES=y (Kconfig:59)`},
		{"", "SIZE", `SIZE=4
  it is that by default

Kconfig:67: config, int, "Size"
  range 1 8
  default 4`},
		{"TWO=y", "ONE", `ONE=n
  by the choice "One of"

Kconfig:91: config, bool, "One"
  one of the choice "One of" (Kconfig:88)`},
		{"", "FOLLOWS", `FOLLOWS=n
  by its default (Kconfig:65), and it can't be set here

Kconfig:64: config, bool, no prompt
  default FORCES`},
	} {
		lines, ok := tree.Evaluate(Input{Settings: words(c.given)}).Describe(c.symbol)
		if got := strings.Join(lines, "\n"); !ok || got != c.want {
			t.Errorf("%s with %q:\n%s\nwant\n%s", c.symbol, c.given, got, c.want)
		}
	}
	if _, ok := tree.Evaluate(Input{}).Describe("NOWHERE"); ok {
		t.Error("it describes what isn't there")
	}
}

// The settings give the configuration back, and none of them can go.
func TestMinimal(t *testing.T) {
	tree := open(t, reasonsKconfig)
	for given, want := range map[string]string{
		"":                                     "",
		"NET=y INET=y PNP=y":                   "INET=y and NET=y and PNP=y",
		"FORCES=y SIZE=8 TWO=y":                "FORCES=y and SIZE=8 and TWO=y",
		"MODULES=y BUS_PCI=m NET=y DRIVER=m":   "BUS_PCI=m and DRIVER=m and MODULES=y and NET=y",
		"NET=n FORCED=n ONE=y SIZE=4 NO_PNP=n": "",
	} {
		for _, mode := range []Mode{NewDefault, NewNo} {
			state := tree.Evaluate(Input{Settings: words(given), New: mode})
			settings, ok := state.Minimal(mode)
			var names []string
			for _, s := range settings {
				names = append(names, s.Name+"="+s.Value)
			}
			if got := strings.Join(names, " and "); !ok || got != want {
				t.Errorf("%q: %s, %v, want %s", given, got, ok, want)
			}
			again := tree.Evaluate(Input{Settings: settings, New: mode})
			if diff := differences(again.Config(), state.Config()); diff != nil {
				t.Errorf("%q: %v", given, diff)
			}
		}
	}
}

// What somebody changes by hand comes back as the few settings that say it.
func TestChanges(t *testing.T) {
	tree := open(t, reasonsKconfig)
	for _, c := range []struct{ given, chosen, want string }{
		{"NET=y", "NET=y", ""},
		{"NET=y", "NET=y INET=y", "INET=y"},
		{"NET=y INET=y PNP=y", "INET=y", "NET=n"}, // INET goes with it
		{"NET=y", "FORCES=y", "FORCES=y and NET=n"},
		{"SIZE=4 ONE=y", "SIZE=8 TWO=y", "SIZE=8 and TWO=y"},
		{"MODULES=y NET=y", "MODULES=y BUS_PCI=m NET=y DRIVER=m", "BUS_PCI=m and DRIVER=m"},
	} {
		for _, mode := range []Mode{NewDefault, NewNo} {
			before := tree.Evaluate(Input{Settings: words(c.given), New: mode})
			after := tree.Evaluate(Input{Settings: words(c.chosen), New: mode})
			settings, ok := before.Changes(after.Config(), mode)
			var names []string
			for _, s := range settings {
				names = append(names, s.Name+"="+s.Value)
			}
			if got := strings.Join(names, " and "); !ok || got != c.want {
				t.Errorf("from %q to %q: %s, %v, want %s", c.given, c.chosen, got, ok, c.want)
			}
			again := tree.Evaluate(Input{Settings: append(words(c.given), settings...), New: mode})
			if diff := differences(again.Config(), after.Config()); diff != nil {
				t.Errorf("from %q to %q: %v", c.given, c.chosen, diff)
			}
		}
	}
}

// A text that depends on which options a compiler knows: of several tests that failed, none alone shows.
func TestInferSeveral(t *testing.T) {
	tree := open(t, `option = $(shell,{ cc $(1); } >/dev/null 2>&1 && echo "y" || echo "n")

config OPTION
	string
	default "-one" if $(option,-one)
	default "-two" if $(option,-two)
	default "-three" if $(option,-three)
`)
	for value, failed := range map[string]int{"-one": 0, "-two": 1, "-three": 2, "": 3} {
		config := map[string]string{"OPTION": value}
		if value == "" {
			config = nil // it isn't written then
		}
		answers := tree.Infer(config)
		s := tree.Evaluate(Input{Settings: settingsOf(config), Answers: answers})
		if s.Value(tree.Lookup("OPTION")) != value || len(answers) != failed {
			t.Errorf("%q: %q by %v", value, s.Value(tree.Lookup("OPTION")), answers)
		}
	}
}
