package edit_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"mini/lang"
	"mini/lang/edit"
)

var keys = edit.Keys{
	Same: func(a, b string) bool { return strings.TrimPrefix(a, "CONFIG_") == strings.TrimPrefix(b, "CONFIG_") },
	Like: func(key string, others []string) string {
		if len(others) > 0 && strings.HasPrefix(others[0], "CONFIG_") {
			return "CONFIG_" + key
		}
		return key
	},
}

// in changes the call of kernel that a script has.
func in(src string, entries ...edit.Entry) (*edit.Changed, error) {
	at := lang.Position{File: "x.star"}
	for i, line := range strings.Split(src, "\n") {
		if before, _, found := strings.Cut(line, "kernel("); found {
			at.Line, at.Col = i+1, len([]rune(before))+1
			break
		}
	}
	return edit.Dict("x.star", []byte(src), at, "config", entries, keys)
}

var (
	a    = edit.Entry{Key: "A", Value: "False"}
	b    = edit.Entry{Key: "B", Value: `"m"`}
	c    = edit.Entry{Key: "C", Value: "3"}
	long = edit.Entry{Key: "LONG", Value: `"` + strings.Repeat("x", 70) + `"`}
)

func TestDict(t *testing.T) {
	for _, test := range []struct {
		what      string
		src, want string
		entries   []edit.Entry
	}{
		{"a value where it stands", `k = kernel("6.1", config = {"A": True, "Z": 1}, initramfs = r)`,
			`k = kernel("6.1", config = {"A": False, "Z": 1}, initramfs = r)`, []edit.Entry{a}},
		{"one more on the line", `k = kernel("6.1", config = {"A": True})  # why`, `k = kernel("6.1", config = {"A": False, "B": "m"})  # why`, []edit.Entry{a, b}},
		{"before a last comma", `k = kernel("6.1", config = {"Z": True,})`, `k = kernel("6.1", config = {"Z": True, "B": "m",})`, []edit.Entry{b}},
		{"empty", `k = kernel("6.1", config = {})`, `k = kernel("6.1", config = {"A": False})`, []edit.Entry{a}},
		{"empty, for many", `k = kernel("6.1", config = {})`, "k = kernel(\"6.1\", config = {\n    \"A\": False,\n    \"B\": \"m\",\n    \"C\": 3,\n})", []edit.Entry{a, b, c}},
		{"a line that gets too long", `k = kernel("6.1", config = {"A": True, "Z": 1})`,
			"k = kernel(\"6.1\", config = {\n    \"A\": False,\n    \"Z\": 1,\n    \"LONG\": " + long.Value + ",\n})", []edit.Entry{a, long}},
		{"other quotes and prefixes", `k = kernel("6.1", config = {'CONFIG_A': True})`, `k = kernel("6.1", config = {'CONFIG_A': False, "CONFIG_B": "m"})`, []edit.Entry{a, b}},
		{"the later of two", `k = kernel("6.1", config = {"A": 1, "A": 2})`, `k = kernel("6.1", config = {"A": 1, "A": False})`, []edit.Entry{a}},
		{"lines with comments", `
k = kernel("6.1", config = {
    # first
    "A": True,  # about A
    "Z": ("x" +
          "y"),  # about Z
    # "Y": True,
})
`, `
k = kernel("6.1", config = {
    # first
    "A": False,  # about A
    "Z": ("x" +
          "y"),  # about Z
    "B": "m",
    "C": 3,
    # "Y": True,
})
`, []edit.Entry{a, b, c}},
		{"no last comma", "k = kernel(\"6.1\", config = {\n  \"Z\": True # x, y\n})", "k = kernel(\"6.1\", config = {\n  \"Z\": True, # x, y\n  \"B\": \"m\",\n})", []edit.Entry{b}},
		{"no last comma and no comment", "k = kernel(config = {\n  \"Z\": True\n})", "k = kernel(config = {\n  \"Z\": True,\n  \"B\": \"m\",\n})", []edit.Entry{b}},
		{"a brace on the last line", "k = kernel(\"6.1\",\n  config = {\"Z\": True,\n            \"Y\": True})", "k = kernel(\"6.1\",\n  config = {\"Z\": True,\n            \"Y\": True,\n            \"B\": \"m\"})", []edit.Entry{b}},
		{"nothing but comments", "k = kernel(config = {\n    # none\n})", "k = kernel(config = {\n    # none\n    \"B\": \"m\",\n})", []edit.Entry{b}},
		{"tabs", "if x:\n\tk = kernel(config = {\n\t\t\"Z\": True,\n\t})", "if x:\n\tk = kernel(config = {\n\t\t\"Z\": True,\n\t\t\"B\": \"m\",\n\t})", []edit.Entry{b}},
		{"line ends of Windows, and a letter of two bytes", "k = f('ü', kernel(config = {\r\n    \"Z\": True,\r\n}))\r\n", "k = f('ü', kernel(config = {\r\n    \"Z\": True,\r\n    \"B\": \"m\",\r\n}))\r\n", []edit.Entry{b}},
		{"no argument", `k = kernel("6.1", initramfs = r)`, `k = kernel("6.1", config = {"A": False}, initramfs = r)`, []edit.Entry{a}},
		{"no argument and one line", `k = kernel("6.1")`, `k = kernel("6.1", config = {"A": False})`, []edit.Entry{a}},
		{"no argument and many entries", `k = kernel("6.1")`, "k = kernel(\"6.1\", config = {\n    \"A\": False,\n    \"B\": \"m\",\n    \"C\": 3,\n})", []edit.Entry{a, b, c}},
		{"no argument at all", `k = kernel()`, `k = kernel(config = {"A": False})`, []edit.Entry{a}},
		{"named arguments alone", `k = kernel(version = "6.1")`, `k = kernel(config = {"A": False}, version = "6.1")`, []edit.Entry{a}},
		{"no argument among lines", `
linux = kernel(
    "6.1",  # the LTS
    initramfs = root,
)
`, `
linux = kernel(
    "6.1",  # the LTS
    config = {"A": False},
    initramfs = root,
)
`, []edit.Entry{a}},
		{"no argument behind a line without a comma", "k = kernel(\n    \"6.1\"\n)", "k = kernel(\n    \"6.1\",\n    config = {\"A\": False},\n)", []edit.Entry{a}},
		{"a variable", "common = {\"A\": True}\nk = kernel(\"6.1\", config = common)", "common = {\"A\": False}\nk = kernel(\"6.1\", config = common)", []edit.Entry{a}},
		{"the last of a list", `k = kernel("6.1", config = ["net.config", {"Z": 1}])`, `k = kernel("6.1", config = ["net.config", {"Z": 1, "A": False}])`, []edit.Entry{a}},
		{"the right of a union", "k = kernel(\"6.1\", config = common | {\"Z\": 1})", "k = kernel(\"6.1\", config = common | {\"Z\": 1, \"A\": False})", []edit.Entry{a}},
		{"a call in other calls", `vm = qemu(linux = wrap(kernel("6.1", config = {"Z": {"A": 1}}), config = {"A": True}))`,
			`vm = qemu(linux = wrap(kernel("6.1", config = {"Z": {"A": 1}, "A": False}), config = {"A": True}))`, []edit.Entry{a}},
		{"by the name of a module", "k = lib.kernel(\"6.1\")", "k = lib.kernel(\"6.1\", config = {\"A\": False})", []edit.Entry{a}},
	} {
		t.Run(test.what, func(t *testing.T) {
			got, err := in(test.src, test.entries...)
			if err != nil {
				t.Fatal(err)
			}
			if string(got.Text) != test.want {
				t.Errorf("got:\n%s\nwant:\n%s", got.Text, test.want)
			}
		})
	}
}

func TestUses(t *testing.T) {
	got, err := in("common = {}\none = kernel(\"6.1\", config = common)\ntwo = kernel(\"6.6\", config = common | extra)\n", a)
	if err != nil {
		t.Fatal(err)
	}
	if s := fmt.Sprint(got.At, got.Uses); s != "x.star:1:10 [x.star:3:30]" {
		t.Errorf("it names %s", s)
	}
}

// TestLayout has scripts in the usual layout, which stay in it, and others, which stay as they are.
func TestLayout(t *testing.T) {
	usual := "k = kernel(\n    \"6.1\",\n    initramfs = r,\n)\n"
	got, err := in(usual, a, b, c)
	want := "k = kernel(\n    \"6.1\",\n    config = {\n        \"A\": False,\n        \"B\": \"m\",\n        \"C\": 3,\n    },\n    initramfs = r,\n)\n"
	if err != nil || string(got.Text) != want {
		t.Errorf("%v\n%s", err, got.Text)
	}
	got, err = in("bb    = 1\nlinux = kernel(config={})\n", a)
	if want := "bb    = 1\nlinux = kernel(config={\"A\": False})\n"; err != nil || string(got.Text) != want {
		t.Errorf("%v\n%s", err, got.Text)
	}
}

func TestNotLiteral(t *testing.T) {
	for _, test := range []struct{ src, want string }{
		{"k = kernel(\"6.1\", config = \"a.config\")", "1:28: config is not a dict that is written out there"},
		{"k = kernel(\"6.1\", config = dict(A = True))", "1:28: config is not a dict that is written out there"},
		{"k = kernel(\"6.1\", config = {} if x else {})", "config is not a dict that is written out there"},
		{"k = kernel(\"6.1\", config = {p + \"A\": True})", "config is not a dict that is written out there"},
		{"k = kernel(\"6.1\", config = {s: True for s in all})", "config is not a dict that is written out there"},
		{"k = kernel(\"6.1\", config = [{}, \"a.config\"])", "config is not a dict that is written out there"},
		{"k = kernel(\"6.1\", **more)", "1:19: config may be among the arguments that come out of this"},
		{"def f(c):\n    return kernel(\"6.1\", config = {})\nk = f(1)", "2:12: the call stands in a function, so what it is given may serve more than one target"},
		{"ks = [kernel(v, config = {}) for v in all]", "stands in a loop"},
		{"k = kernel(\"6.1\", config = common)", "config is common, which is not a dict that is written out once"},
		{"if x:\n    common = {}\nk = kernel(\"6.1\", config = common)", "config is common, which is not a dict that is written out once"},
		{"common = {}\ncommon[\"A\"] = 1\nk = kernel(\"6.1\", config = common)", "2:1: common is changed here after it was written out"},
		{"common = {}\ncommon |= {}\nk = kernel(\"6.1\", config = common)", "not a dict that is written out once"},
		{"common = {}\ncommon.update(x)\nk = kernel(\"6.1\", config = common)", "2:1: common is changed here"},
		{"k = f()", "no call is written there"},
	} {
		_, err := in(test.src, a)
		if no := (*edit.NotLiteral)(nil); !errors.As(err, &no) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s\n  got:  %v\n  want: %s", test.src, err, test.want)
		}
	}
	if _, err := in("k = kernel(\n", a); err == nil || !strings.Contains(err.Error(), "x.star:2:1") {
		t.Errorf("not a script: %v", err)
	}
}
