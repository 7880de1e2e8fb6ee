package format_test

import (
	"errors"
	"strings"
	"testing"

	"mini/lang"
	"mini/lang/format"
)

func TestSource(t *testing.T) {
	for _, test := range []struct{ what, src, want string }{
		{"empty", "", ""},
		{"blanks", "x=param('x',1) # one\n", "x = param(\"x\", 1)  # one\n"},
		{"alignment", "bb    = 1\nroot  = 2\n", "bb = 1\nroot = 2\n"},
		{"no line end", "x = 1", "x = 1\n"},
		{"a call that was broken", "k = kernel(\n  '6.1', initramfs=r)\n", "k = kernel(\n    \"6.1\",\n    initramfs = r,\n)\n"},
		{"a call on one line, however long", "k = kernel(" + strings.Repeat("a, ", 60) + "b)\n", "k = kernel(" + strings.Repeat("a, ", 60) + "b)\n"},
		{"a dict as the last argument", "k = kernel(\"6.1\", config = {\n  \"A\": True,\n  \"B\": False})\n",
			"k = kernel(\"6.1\", config = {\n    \"A\": True,\n    \"B\": False,\n})\n"},
		{"loads keep their order", "load(\"b.star\", \"y\", \"x\")\nload(\"a.star\", \"z\")\n", "load(\"b.star\", \"y\", \"x\")\nload(\"a.star\", \"z\")\n"},
		{"comments", "# before\n\n#about x\nx = [ # first\n  1, # one\n  # last\n]\n#end\n",
			"# before\n\n#about x\nx = [\n    # first\n    1,  # one\n    # last\n]\n#end\n"},
		{"CRLF", "\ufeffx = 1\r\ny = [\r\n1]\r\n", "x = 1\ny = [\n    1,\n]\n"},
		{"indented by tabs", "def f(x):\n\tif x:\n\t\treturn \"\"\"a\n\tb\"\"\"\n\treturn [\n\t\tx]\n",
			"def f(x):\n    if x:\n        return \"\"\"a\n\tb\"\"\"\n    return [\n        x,\n    ]\n"},
		{"single quotes", `x = ['it\'s', 'a"b', '\u00fc', 'für', r'\d', '''a
b''']
`, `x = ["it's", 'a"b', "\u00fc", "für", r"\d", """a
b"""]
`},
		{"types", "def f(a:int,b : list[ str ]='x' , *c:str)->str|None :\n  return a\n",
			"def f(a: int, b: list[str] = \"x\", *c: str) -> str | None:\n    return a\n"},
		{"comments in types", "def f(a: list[  # one\n  str # two\n ]): # three\n  pass\n",
			"def f(a: list[\n    # one\n    str  # two\n]):  # three\n    pass\n"},
		{"octal and negative", "x = 0o755\ny = -1\nz = 1e5\n", "x = 0o755\ny = -1\nz = 1e5\n"},
	} {
		t.Run(test.what, func(t *testing.T) {
			got, err := format.Source("x.star", []byte(test.src))
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != test.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, test.want)
			}
			again, err := format.Source("x.star", got)
			if err != nil || string(again) != string(got) {
				t.Errorf("a second time: %v\n%s", err, again)
			}
		})
	}
}

// TestRefusals has what isn't a script, and what the printer would break or can't read.
func TestRefusals(t *testing.T) {
	for _, test := range []struct{ what, src, want string }{
		{"syntax", "x = (1,\ny = 2\n", "x.star:2:4: got '=', want ')'\n    y = 2\n       ^"},
		{"not UTF-8", "x = \"\xff\"\n", "x.star:1:6: the byte 0xff is not UTF-8 text\nsave the script as UTF-8"},
		{"deep", "x = 1" + strings.Repeat("-1", 100_000), "nests too deep"},
		{"the printer puts a pair of parentheses in the wrong place", "x = not not 1 >= 1\n",
			"x.star: this can't be laid out without changing what it says, so it stays as it is"},
		{"not of the printer's grammar", "x = b\"a\"\n", "can't be laid out: syntax error"},
	} {
		t.Run(test.what, func(t *testing.T) {
			out, err := format.Source("x.star", []byte(test.src))
			if e := (*lang.Error)(nil); !errors.As(err, &e) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got:  %.300v\n%s\nwant: %s", err, out, test.want)
			}
		})
	}
}

// FuzzSource looks for scripts that the printer breaks without a word, or lays out another way each time.
func FuzzSource(f *testing.F) {
	f.Add("def f(a, b = 2, *args, **kw):\n    'doc'\n    return [x for x in a if x] if b else {1: lambda y: y}\n")
	f.Add("for i in range(3):\n  pass\n# c\nx = a[1:2:3].b(c, *d) or not e and -f\nif x: y = 1\nelif z: y = 2\nelse: y = '''\n'''\n")
	f.Fuzz(func(t *testing.T, src string) {
		out, err := format.Source("x.star", []byte(src))
		if err != nil {
			return
		}
		again, err := format.Source("x.star", out)
		if err != nil {
			t.Fatalf("a second time: %v\n%s", err, out)
		}
		if string(again) != string(out) {
			t.Fatalf("not settled:\n%s\nthen:\n%s", out, again)
		}
	})
}
