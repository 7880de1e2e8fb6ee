package lang

import (
	"bytes"
	"strings"
	"testing"
)

// TestBlanked: nothing but types changes, and everything else stays in its column.
func TestBlanked(t *testing.T) {
	for _, test := range []struct{ src, want string }{
		{"def f(a: int, b: str = 'x') -> int:\n", "def f(a     , b      = 'x')       :\n"},
		{"def f(é: 日本, b):\r\n", "def f(é    , b):\r\n"},
		{"def f(a: list[\n\tint,  # é\n ] = 1) -> (\n str):", "def f(a      \\\n         \\\n   = 1)    \\\n     :"},
		{"def f(*a: int, **b: str): pass", "def f(*a     , **b     ): pass"},
		{"def f(a=lambda x, y: x, b={1: 2}, c=lambda x=[lambda z, t: 1]: x): pass", ""},
		{"x = {'def f(a: int)': 1}\n# def f(a: int)\ny = \"\"\"def f(a: int)\"\"\"\n", ""},
		{"def f(a: int", "def f(a     "},
		{"def f(a:", "def f(a "},
		{"def f(a: int]", ""},
		{"def f(a) ->", ""},
		{"def", ""}, {"def (", ""}, {"def f", ""}, {"def f(", ""}, {"def f(*", ""}, {"def f(a = ", ""}, {"def f(\"a", ""},
	} {
		want := test.want
		if want == "" {
			want = test.src
		}
		got, _ := annotations([]byte(test.src))
		if test.src == "def f(a) ->" {
			want = "def f(a)   "
		}
		if string(got) != want {
			t.Errorf("%q:\ngot  %q\nwant %q", test.src, got, want)
		}
	}
}

func FuzzAnnotations(f *testing.F) {
	f.Add([]byte("def f(a: int, *b: list[str] = lambda x, y: x, é: 日 = \"\\\"\") -> (\r\n str |\n None):\n  pass\n\xff"))
	f.Fuzz(func(t *testing.T, src []byte) {
		src, lines, err := text("x", src)
		if err != nil {
			return
		}
		got, found := annotations(src)
		after := splitLines(string(got))
		if len(after) != len(lines) {
			t.Fatalf("%d lines became %d", len(lines), len(after))
		}
		for i := range lines {
			if len([]rune(after[i])) != len([]rune(lines[i])) {
				t.Errorf("line %d has another length: %q, %q", i+1, lines[i], after[i])
			}
		}
		if len(found) == 0 && !bytes.Equal(src, got) {
			t.Error("no types, and another text")
		}
		for _, a := range found {
			line := lines[a.at.line-1]
			first, _, _ := strings.Cut(strings.ReplaceAll(a.text, "\r", "\n"), "\n")
			if rest := string([]rune(line)[a.at.col-1:]); !strings.HasPrefix(rest, first) {
				t.Errorf("%q does not stand at %v, where %q does", first, a.at, rest)
			}
		}
	})
}
