package kconf

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
)

func tryParse(style Style, files map[string]string) (*Tree, error) {
	dir := fstest.MapFS{}
	for name, text := range files {
		dir[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return Parse(Options{Style: style, Root: "Kconfig", Dirs: []fs.FS{dir}, Shell: recorded})
}

func mustParse(t *testing.T, text string) *Tree {
	t.Helper()
	tree, err := tryParse(Choices, map[string]string{"Kconfig": text})
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// What conf refuses is an error with its place, and reading goes on to the next line.
func TestParseErrors(t *testing.T) {
	for text, want := range map[string]string{
		"config A\n\tbool\n\tdepends A\n":                          `Kconfig:3: "depends" needs "on"`,
		"config\n":                                                 "Kconfig:1: a name is missing",
		"config A B\n\tbool\n":                                     `Kconfig:1: "B" does not belong here`,
		"config y\n\tbool\n":                                       "Kconfig:1: y is no name for a symbol",
		"nonsense\nconfig A\n\tbool\n\tnonsense too\n":             "Kconfig:1: there is no statement \"nonsense\"\nKconfig:4: there is no statement \"nonsense\"",
		"config A\n\tbool\n\tdefault (A && B\n":                    "Kconfig:3: a closing parenthesis is missing",
		"config A\n\tbool\n\tdefault A &&\n":                       "Kconfig:3: a symbol is missing",
		"config A\n\tbool\n\tselect \"B\"\n":                       "Kconfig:3: a name is missing",
		"config A\n\tbool\n\tselect B if\n":                        "Kconfig:3: a symbol is missing",
		"config A\n\tbool prompt\n":                                "Kconfig:2: text in quotes is missing",
		"menu \"M\"\nconfig A\n\tbool\n":                           "Kconfig:1: there is no endmenu for this",
		"if A\nmenu \"M\"\nendif\nendmenu\n":                       "Kconfig:3: endif where nothing of the kind is open",
		"endmenu\n":                                                "Kconfig:1: endmenu where nothing of the kind is open",
		"source \"gone\"\n":                                        `Kconfig:1: it sources "gone", which the source doesn't have`,
		"source \"../Kconfig\"\n":                                  `Kconfig:1: it sources "../Kconfig", which the source doesn't have`,
		"source \"Kconfig\"\n":                                     `Kconfig:1: it sources "Kconfig", which it is in`,
		"source \"none*\"\n":                                       `Kconfig:1: no file fits "none*"`,
		"a = $(a)\nconfig $(a)\n\tbool\n":                          "Kconfig:2: the variable a is made of itself",
		"config A\n\tdefault \"$(a\"\n":                            "lacks its closing parenthesis",
		"$(error-if,y,this compiler is too old)\n":                 "Kconfig:1: this compiler is too old",
		"$(shell)\n":                                               "Kconfig:1: $(shell) takes 1 arguments, not 0",
		"x = $(shell,unknown)\ny := $(x)\n":                        "Kconfig:2: $(shell,unknown): nobody recorded what this says",
		doubling(40) + "x := $(v0)\n":                              "have no end",
		"f = $(f$(f,$()),$())\nx := $(f)\n":                        "have no end",
		"f = $(f,$(1)x)\ny := $(f,x)\n":                            "have no end",
		"config A\n\tbool\n\tdefault " + strings.Repeat("(", 1000): "Kconfig:3: the expression is nested too deeply",
	} {
		_, err := tryParse(Choices, map[string]string{"Kconfig": text})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: %v\nwant %s", text, err, want)
		}
	}
	if _, err := tryParse(Choices, nil); err == nil || err.Error() != "Kconfig:1: the source has no such file" {
		t.Errorf("no file: %v", err)
	}
	if _, err := tryParse(Choices, map[string]string{"Kconfig": strings.Repeat("x\n", 1000)}); strings.Count(err.Error(), "\n")+1 != maxErrors {
		t.Errorf("errors have no end: %v", err)
	}
}

// doubling is a chain of variables of which each is twice the next one; the last is empty.
func doubling(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "v%d = $(v%d)$(v%d)\n", i, i+1, i+1)
	}
	return b.String()
}

// Everything knows where it stands.
func TestPositions(t *testing.T) {
	tree, err := tryParse(Choices, map[string]string{
		"Kconfig":     "# top\nsource \"sub/Kconfig\"\n\nif B\nconfig A\n\tbool\n\tprompt \"A\"\n\tdepends on \\\n\t\tB\n\thelp\n\t  Text.\n\tselect C if B\nendif\n",
		"sub/Kconfig": "config B\n\n\tbool \"B\"\nconfig C\n\tbool\n",
	})
	if err != nil {
		t.Fatal(err)
	}
	a, c := tree.Lookup("A"), tree.Lookup("C")
	e := a.Entries[0]
	for got, want := range map[string]string{
		e.Pos.String():                           "Kconfig:5",
		a.Props[0].Pos.String():                  "Kconfig:7",
		e.Depends[0].Pos.String():                "Kconfig:8",
		e.Parent.Depends[0].Pos.String():         "Kconfig:4",
		c.SelectedBy()[0].Pos.String():           "Kconfig:12",
		tree.Lookup("B").Entries[0].Pos.String(): "sub/Kconfig:1",
		tree.Lookup("B").Props[0].Pos.String():   "sub/Kconfig:3",
		a.Help():                                 "Text.",
		a.Title():                                "A",
		strings.Join(tree.Files, " "):            "Kconfig sub/Kconfig",
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if tree.Lookup("NOWHERE") != nil || tree.Lookup("y") != nil || len(tree.Symbols) != 3 {
		t.Errorf("symbols: %v", tree.Symbols)
	}
}

// The statements that other trees than Linux use.
func TestSourceStatements(t *testing.T) {
	tree, err := tryParse(Choices, map[string]string{
		"Kconfig":     "osource \"gone\"\nosource \"gone*\"\nsource \"a/*/Kconfig\"\nrsource \"b/Kconfig\"\n",
		"a/1/Kconfig": "config A1\n\tbool\n",
		"a/2/Kconfig": "config A2\n\tbool\n",
		"b/Kconfig":   "rsource \"c/Kconfig\"\norsource \"gone\"\n",
		"b/c/Kconfig": "config C\n\tbool\n",
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(tree.Files, " "); got != "Kconfig a/1/Kconfig a/2/Kconfig b/Kconfig b/c/Kconfig" {
		t.Errorf("files: %s", got)
	}
}

func TestExprString(t *testing.T) {
	for _, text := range []string{
		"A", "!A", "A && B || !C", "(A || B) && !(C && D)", `A="text" && B!=n`, "A<1 || B>=0x10", "!(A=B)",
	} {
		tree := mustParse(t, "config X\n\tbool\n\tdefault y if "+text+"\n")
		if got := tree.Lookup("X").Props[0].If.String(); got != text {
			t.Errorf("%s is written as %s", text, got)
		}
	}
}

func TestDependsIf(t *testing.T) {
	tree := mustParse(t, "config A\n\tbool \"A\"\nconfig B\n\tbool \"B\"\nconfig C\n\tbool \"C\"\n\tdepends on A if B\n\tdefault y\n")
	c := tree.Lookup("C")
	for given, want := range map[string]Tri{"": Yes, "B": No, "A": Yes, "AB": Yes} {
		var settings []Setting
		for _, s := range given {
			settings = append(settings, Setting{string(s), "y"})
		}
		if got := tree.Evaluate(Input{Settings: settings}).Visible(c); got != want {
			t.Errorf("with %q: %v", given, got)
		}
	}
	if got := c.Entries[0].Depends[0].Expr.String(); got != "A || B=n" {
		t.Errorf("expression: %s", got)
	}
}

func FuzzParse(f *testing.F) {
	for _, g := range []string{
		"config A\n\tbool \"A\" if B\n\tdefault y\n\thelp\n\t  x\n", "choice\n\tprompt \"x\"\nconfig B\n\tbool \"b\"\nendchoice\n",
		"f = $(f,$(1)$(1))\nx := $(f,xx)\n", "if A && (B || !C)\nendif\n", "a := $(shell,b)\nconfig $(a)\n\tdef_bool $(b)\n\trange 1 2\n",
		"source \"*\"\n", "config A\n\tint\n\trange A A\n\tdefault A\n\tselect A\n\tdepends on A\n", "\"\\\n$(", "a=$(b)$(b)\nb=$(c)$(c)\nc=$(d)$(d)\n$(a)",
	} {
		f.Add(g)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, style := range []Style{Choices, ChoiceSymbols, Old} {
			dir := fstest.MapFS{"Kconfig": &fstest.MapFile{Data: []byte(text)}}
			tree, err := Parse(Options{Style: style, Root: "Kconfig", Dirs: []fs.FS{dir}})
			if err != nil {
				continue
			}
			var settings []Setting
			for _, s := range tree.Symbols {
				settings = append(settings, Setting{s.Name, "y"})
			}
			tree.Evaluate(Input{Settings: settings}).Config()
			tree.Evaluate(Input{New: NewNo}).Config()
		}
	})
}
