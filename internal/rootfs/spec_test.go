package rootfs

import (
	"slices"
	"strings"
	"testing"
)

func TestParseSpec(t *testing.T) {
	text := `# a comment with "one quote
tree inputs/0 /

file /init inputs/1 0755 0 0
file "/etc/a b" inputs/2 - 1 2
slink /sbin/init ../init
dir /tmp 1777 0 0
nod /dev/console c 5 1 0600 0 0
nod /dev/vda b 254 0 0660 0 6
fifo /run/pipe 0600 0 0
`
	want := []Directive{
		{Kind: TreeKind, Host: "inputs/0", Path: "/"},
		{Kind: FileKind, Path: "/init", Host: "inputs/1", Mode: 0o755},
		{Kind: FileKind, Path: "/etc/a b", Host: "inputs/2", Mode: KeepMode, UID: 1, GID: 2},
		{Kind: SymlinkKind, Path: "/sbin/init", Target: "../init"},
		{Kind: DirKind, Path: "/tmp", Mode: 0o1777},
		{Kind: NodeKind, Path: "/dev/console", Device: "c", Major: 5, Minor: 1, Mode: 0o600},
		{Kind: NodeKind, Path: "/dev/vda", Device: "b", Major: 254, Mode: 0o660, GID: 6},
		{Kind: FifoKind, Path: "/run/pipe", Mode: 0o600},
	}
	got, err := ParseSpec([]byte(text))
	if err != nil || !slices.Equal(got, want) {
		t.Fatalf("got %+v, %v", got, err)
	}
	plain := strings.Replace(strings.Replace(text, "# a comment with \"one quote\n", "", 1), "\n\n", "\n", 1)
	if out := string(FormatSpec(got)); out != plain {
		t.Errorf("written as:\n%s", out)
	}
}

func TestParseSpecRefuses(t *testing.T) {
	for line, want := range map[string]string{
		"trea a /":                   "unknown directive trea",
		"tree a":                     "tree takes HOSTDIR AT",
		"tree /abs /":                "relative",
		"tree ../x /":                `without ".."`,
		"tree a/../../x /":           `without ".."`,
		"tree a//b /":                "clean",
		`tree "" /`:                  "empty",
		"tree a b":                   "absolute",
		"file /a b 0755 0":           "file takes PATH HOSTFILE MODE UID GID",
		"file /a b 0788 0 0":         "mode",
		"file /a b 10000 0 0":        "beyond 07777",
		"file /a b 20000000000 0 0":  "beyond 07777",
		"file /a b 0755 -1 0":        "uid",
		"file / b 0755 0 0":          "only be a directory",
		"slink /a":                   "slink takes PATH TARGET",
		`slink /a ""`:                "no target",
		"dir /a - 0 0":               "mode",
		"dir a/ 0755 0 0":            "write /a",
		"nod /a x 1 2 0600 0 0":      "neither c nor b",
		"nod /a cc 1 2 0600 0 0":     "neither c nor b",
		"nod /a c 1 two 0600 0 0":    "minor",
		`dir "/a 0755 0 0`:           "not closed",
		"dir \"/a\\x00\" 0755 0 0":   "zero byte",
		"tree \"a\\x00\" /":          "zero byte",
		"dir /a 0755 0 0\r":          "quotes",
		"fifo /a 0600 0 99999999999": "gid",
	} {
		_, err := ParseSpec([]byte("dir /fine 0755 0 0\n" + line + "\n"))
		if err == nil || !strings.HasPrefix(err.Error(), "line 2: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", line, err, want)
		}
	}
}

func FuzzParseSpec(f *testing.F) {
	for _, s := range []string{
		"", "#\n", "tree a /\n", "file \"/\\xff \" \"b c\" - 1 2", "slink /a \"\\n\"", "nod /a b 1 2 0600 3 4", "fifo /# 0 0 0", "tree \"#\" /a",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		spec, err := ParseSpec(data)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("the error has more than one line: %q", err)
			}
			return
		}
		text := FormatSpec(spec)
		again, err := ParseSpec(text)
		if err != nil || !slices.Equal(again, spec) {
			t.Errorf("%q came back as %+v, %v", text, again, err)
		}
	})
}
