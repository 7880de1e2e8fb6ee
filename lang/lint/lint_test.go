package lint_test

import (
	"strings"
	"testing"

	"mini/lang"
	"mini/lang/lint"

	"go.starlark.net/starlark"
)

// vocabulary is one builtin that makes something.
var vocabulary = lang.Options{Builtins: []*lang.Builtin{{
	Name:  "kernel",
	Group: "Programs",
	Params: []lang.Param{
		{Name: "version", Type: lang.StringType},
		{Name: "config", Type: lang.AnyType, Default: starlark.None},
		{Name: "initramfs", Type: lang.AnyType, Default: starlark.None, Named: true},
	},
}}}

func TestRules(t *testing.T) {
	for _, test := range []struct{ what, src, want string }{
		{"nothing", "\"\"\"doc\"\"\"\nload(\"a.star\", \"x\")\nlinux = kernel(x)\ndef f():\n    pass\n", ""},

		{"unused load", "load(\"a.star\", \"x\", y = \"z\")\nk = kernel(\"6.1\")\n",
			"1:17 x is loaded and not used [unused-load]\n1:26 y is loaded and not used [unused-load]"},
		{"a load used in a function, a default, a comprehension", "load(\"a.star\", \"x\", \"y\", \"z\")\nk = kernel(\"6.1\")\ndef f(a = y):\n    return [x for _ in z]\n", ""},
		{"a local name and a keyword are no uses", "load(\"a.star\", \"x\")\nk = kernel(\"6.1\")\ndef f(g):\n    x = 1\n    return g(x = x).x\n", "1:17 x is loaded and not used [unused-load]"},

		{"shadowed at the top", "k = kernel(\"6.1\")\nstruct = 1\ndef len():\n    pass\n",
			"2:1 struct is a builtin, which can't be called by its name where this has it [shadowed-builtin]\n" +
				"3:5 len is a builtin, which can't be called by its name where this has it [shadowed-builtin]"},
		{"shadowed in a function, told once", "k = kernel(\"6.1\")\ndef f():\n    (a, kernel) = 1, 2\n    kernel = 3\n    for json in []:\n        pass\n",
			"3:9 kernel is a builtin, which can't be called by its name where this has it [shadowed-builtin]\n" +
				"5:9 json is a builtin, which can't be called by its name where this has it [shadowed-builtin]"},
		{"shadowed by a load", "load(\"a.star\", \"kernel\")\nk = kernel(\"6.1\", intramfs = 1)\n",
			"1:17 kernel is a builtin, which can't be called by its name where this has it [shadowed-builtin]"},
		{"parameters and comprehensions may", "k = kernel(\"6.1\")\ndef f(kernel):\n    return [list for list in kernel]\n", ""},

		{"nested params", "k = kernel(\"6.1\")\ndef f():\n    return param(\"a\", 1)\nif k:\n    b = param(\"b\", 1)\nfor i in [1]:\n    kernel(param(\"c\", \"d\"))\nd = 1 if k else param(\"e\", 1)\ne = [param(\"f\", 1) for i in [1]]\n",
			"3:12 a param in a function is there only if that is called [nested-param]\n" +
				"5:9 a param under a condition is there only in some of the cases [nested-param]\n" +
				"7:12 a param in a loop is there only if that runs [nested-param]\n" +
				"8:17 a param under a condition is there only in some of the cases [nested-param]\n" +
				"9:6 a param in a loop is there only if that runs [nested-param]"},
		{"params at the top", "k = kernel(version = param(\"v\", \"6.1\"))\nif param(\"a\", True):\n    x = 1 if param(\"b\", True) else 2\n",
			"3:14 a param under a condition is there only in some of the cases [nested-param]"},
		{"another param", "def param(a, b):\n    \"doc\"\ndef f():\n    \"doc\"\n    return param(\"a\", 1)\n",
			"1:5 param is a builtin, which can't be called by its name where this has it [shadowed-builtin]"},

		{"missing docs", "v = param(\"v\", \"6.1\")\ndef f():\n    pass\ndef _g():\n    pass\ndef h():\n    'doc'\n",
			"2:5 f has no doc, and others can load it [missing-doc]"},

		{"late load", "\"\"\"doc\"\"\"\nload(\"a.star\", \"x\")\nk = kernel(x)\nload(\"b.star\", \"y\")\nl = kernel(y)\n",
			"4:1 this load stands below line 3 [late-load]"},

		{"bad calls", "x = kernel(\"6.1\")\ndef f(l, d):\n    kernel(intramfs = 1)\n    kernel(1, 2, 3)\n    kernel(*l)\n    kernel(config = 1, **d)\n    kernel()\n",
			"3:5 kernel is called without version [bad-call]\n" +
				"3:12 kernel has no parameter \"intramfs\" [bad-call]\n" +
				"4:18 kernel takes at most 2 values without a name [bad-call]\n" +
				"7:5 kernel is called without version [bad-call]"},

		{"any keyword where a builtin takes any", "x = kernel(\"6.1\")\nvariant(\"tiny\", debug = False)\n", ""},

		{"ignored", "x = kernel(\"6.1\")\nstruct = 1 # mini: ignore shadowed-builtin\n\n# mini: ignore late-load, unused-load\nload(\"a.star\", \"x2\")\n", ""},
		{"another rule ignored", "x = kernel(\"6.1\")\nstruct = 1 # mini: ignore late-load\n",
			"2:1 struct is a builtin, which can't be called by its name where this has it [shadowed-builtin]"},
		{"bad ignore", "x = kernel(\"6.1\") # mini: ignore late-laod\n", "1:19 there is no rule \"late-laod\" to silence [bad-ignore]"},
	} {
		t.Run(test.what, func(t *testing.T) {
			found, err := lint.Check("x.star", []byte(test.src), vocabulary)
			if err != nil {
				t.Fatal(err)
			}
			var lines []string
			for _, f := range found {
				first, _, _ := strings.Cut(strings.TrimPrefix(f.String(), "x.star:"), "\n")
				lines = append(lines, strings.Replace(first, ": ", " ", 1))
			}
			if got := strings.Join(lines, "\n"); got != test.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, test.want)
			}
		})
	}
}

// TestFinding shows one whole.
func TestFinding(t *testing.T) {
	found, err := lint.Check("x.star", []byte("k = kernel(\"6.1\", intramfs = 1)\n"), vocabulary)
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	const want = `x.star:1:19: kernel has no parameter "intramfs" [bad-call]
    k = kernel("6.1", intramfs = 1)
                      ^
did you mean initramfs?`
	if got := found[0].String(); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestNoScript(t *testing.T) {
	for src, want := range map[string]string{
		"x = (\n":      "x.star:2:1: got end of file",
		"x = kernal\n": `did you mean "kernel"?`,
	} {
		if _, err := lint.Check("x.star", []byte(src), vocabulary); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
