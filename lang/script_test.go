package lang_test

import (
	"context"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"

	"mini/lang"
)

var update = flag.Bool("update", false, "rewrite the want sections of testdata/*.txtar")

// TestScripts runs each case of testdata/*.txtar. A file holds several cases; a case is a page of settings,
//
//	run DIR/main.star [name=value …]
//	steps N
//	symlink NAME TARGET
//	pipe NAME
//	variant NAME …
//	setting FILE:LINE NAME VALUE
//	root DIR
//	module PATH VERSION DIR [for PATH …]
//	changed PATH NAME
//	anywhere
//
// then the script's files, and ends with the section "want". Files under @mini/ are the embedded module. The first
// section of a case is called "case NAME".
func TestScripts(t *testing.T) {
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatalf("no test scripts: %v", err)
	}
	for _, name := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) { runArchive(t, name) })
	}
}

func runArchive(t *testing.T, name string) {
	name, err := filepath.Abs(name)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	comment, sections := parseArchive(string(text))
	var setup *section
	var files []section
	seen := make(map[string]bool)
	for i := range sections {
		f := &sections[i]
		title, isCase := strings.CutPrefix(f.name, "case ")
		switch {
		case isCase:
			if seen[title] {
				t.Fatalf("two cases are called %q", title)
			}
			seen[title] = true
			setup, files = f, nil
		case f.name == "want":
			t.Run(strings.TrimPrefix(setup.name, "case "), func(t *testing.T) {
				got := runCase(t, setup.data, files)
				if *update {
					f.data = got
				} else if got != f.data {
					t.Errorf("got:\n%s\nwant:\n%s", got, f.data)
				}
			})
		default:
			files = append(files, *f)
		}
	}
	if *update {
		if err := os.WriteFile(name, []byte(formatArchive(comment, sections)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// runCase runs one case in a directory of its own and tells what came of it.
func runCase(t *testing.T, setup string, files []section) string {
	dir := t.TempDir()
	t.Chdir(dir)
	embedded := fstest.MapFS{}
	for _, f := range files {
		if rest, ok := strings.CutPrefix(f.name, "@mini/"); ok {
			embedded[rest] = &fstest.MapFile{Data: []byte(f.data)}
			continue
		}
		write(t, f.name, f.data)
	}
	var out strings.Builder
	opts := lang.Options{
		Builtins: vocabulary(),
		Types:    map[string]lang.Type{"kernel": lang.ValueType("kernel", func(v starlark.Value) bool { return v.Type() == "artifact" })},
		Modules:  map[string]fs.FS{"mini": embedded},
		Params:   map[string]string{},
		Print:    func(pos lang.Position, text string) { fmt.Fprintf(&out, "print %s: %s\n", pos, text) },
	}
	path := "main.star"
	remote := modules{}
	opts.Remote = remote.find
	for _, line := range strings.Split(strings.TrimSpace(setup), "\n") {
		words := strings.Fields(line)
		switch {
		case len(words) == 0:
		case words[0] == "run":
			path = words[1]
			for _, pair := range words[2:] {
				name, value, _ := strings.Cut(pair, "=")
				opts.Params[name] = value
			}
		case words[0] == "variant":
			opts.Variants = append(opts.Variants, words[1:]...)
		case words[0] == "setting": // FILE:LINE NAME VALUE
			opts.Settings = append(opts.Settings, setting(t, words[1], words[2], words[3]))
		case words[0] == "anywhere":
			opts.Builtins = append(opts.Builtins, anywhereBuiltin())
		case words[0] == "root":
			opts.Root = filepath.Join(dir, words[1])
		case words[0] == "module":
			remote[words[1]] = &testModule{words[2], filepath.Join(dir, words[3]), words[min(5, len(words)):], nil}
		case words[0] == "changed":
			remote[words[1]].changed = append(remote[words[1]].changed, words[2])
		case words[0] == "steps":
			opts.MaxSteps, _ = strconv.ParseUint(words[1], 10, 64)
		case words[0] == "symlink":
			if err := os.Symlink(words[2], words[1]); err != nil {
				t.Fatal(err)
			}
		case words[0] == "pipe":
			if err := syscall.Mkfifo(words[1], 0o600); err != nil {
				t.Skip("no named pipes here: ", err)
			}
		default:
			t.Fatalf("no such setting: %s", line)
		}
	}
	prog, err := lang.Run(context.Background(), path, nil, opts)
	tell(&out, prog, err)
	// The directory is another one in each run.
	return strings.ReplaceAll(out.String(), dir, "$DIR")
}

func tell(out *strings.Builder, prog *lang.Program, err error) {
	if err != nil {
		fmt.Fprintf(out, "error\n%v\n", err)
		return
	}
	for _, v := range prog.Variants {
		fmt.Fprintf(out, "variant %s: %s =%s\n", v.Pos, v.Name, settings(v.Values))
	}
	for _, m := range prog.Matrices {
		for _, row := range m.Rows {
			fmt.Fprintf(out, "matrix %s: %s: %s: %v%s\n", m.Pos, m.Name, row.Pos, row.Variants, settings(row.Values))
		}
	}
	for _, p := range prog.Params {
		given := ""
		if p.From != "" {
			given = " (" + p.From + ")"
		}
		fmt.Fprintf(out, "param %s: %s = %v%s\n", p.Pos, p.Name, p.Value, given)
	}
	for _, target := range prog.Targets {
		fmt.Fprintf(out, "target %s: %s = %v\n", target.Pos, target.Name, target.Value)
	}
	fmt.Fprintf(out, "loaded %s\n", strings.Join(prog.Loaded, " "))
}

func write(t *testing.T, name, data string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(data), 0o644); err != nil {
		t.Fatal(err)
	}
}

// vocabulary is a small language of the shape that mini's own has.
func vocabulary() []*lang.Builtin {
	return []*lang.Builtin{kernelBuiltin(), qemuBuiltin(), fileBuiltin(), readBuiltin(), failBuiltin(), whereBuiltin(), aloneBuiltin()}
}

// artifact is a value that turns into a marker in a string.
type artifact struct {
	starlark.Value
	desc string
}

func (a artifact) String() string { return lang.Mark(a.desc) }
func (a artifact) Type() string   { return "artifact" }
func (a artifact) Freeze()        {}
func (a artifact) Attr(name string) (starlark.Value, error) {
	if name == "image" {
		return artifact{desc: a.desc + ".image"}, nil
	}
	return nil, nil
}
func (a artifact) AttrNames() []string { return []string{"image"} }

func kernelBuiltin() *lang.Builtin {
	return &lang.Builtin{
		Name: "kernel", Group: "Building", Doc: "Builds a kernel.", Returns: "the kernel",
		Params: []lang.Param{
			{Name: "version", Type: lang.StringType},
			{Name: "config", Type: lang.Union(lang.DictType, lang.ListOf(lang.StringType)), Default: starlark.None},
			{Name: "compression", Type: lang.OneOf("gzip", "xz", "zstd"), Default: starlark.String("gzip"), Named: true},
			{Name: "jobs", Type: lang.IntType, Default: starlark.MakeInt(1), Named: true},
			{Name: "initramfs", Type: lang.AnyType, Default: starlark.None, Named: true},
		},
		Do: func(c *lang.Call) (starlark.Value, error) {
			if c.Str("version") == "0" {
				return nil, c.ArgErrorf("version", "there is no %s", c.Str("version"))
			}
			return artifact{desc: "kernel " + c.Str("version")}, nil
		},
	}
}

func qemuBuiltin() *lang.Builtin {
	return &lang.Builtin{
		Name: "qemu", Group: "Running", Doc: "Describes a machine.",
		Params: []lang.Param{
			{Name: "kernel", Type: lang.AnyType},
			{Name: "memory", Type: lang.IntType},
		},
		Do: func(c *lang.Call) (starlark.Value, error) { return starlark.String("machine"), nil },
	}
}

func fileBuiltin() *lang.Builtin {
	return &lang.Builtin{
		Name: "file", Group: "Files", Doc: "Names a file.",
		Params: []lang.Param{{Name: "name", Type: lang.StringType}},
		Do: func(c *lang.Call) (starlark.Value, error) {
			path, err := c.Resolve(c.Str("name"))
			return starlark.String(path), err
		},
	}
}

func readBuiltin() *lang.Builtin {
	return &lang.Builtin{
		Name: "read", Group: "Files", Doc: "Reads a file.",
		Params: []lang.Param{{Name: "name", Type: lang.StringType}},
		Do: func(c *lang.Call) (starlark.Value, error) {
			data, err := c.ReadFile(c.Str("name"))
			return starlark.String(data), err
		},
	}
}

// failBuiltin fails in the way that its argument names.
func failBuiltin() *lang.Builtin {
	return &lang.Builtin{
		Name: "broken", Group: "Tests",
		Params: []lang.Param{
			{Name: "how", Type: lang.StringType},
			{Name: "value", Type: lang.AnyType, Default: starlark.None},
		},
		Do: func(c *lang.Call) (starlark.Value, error) {
			switch c.Str("how") {
			case "plain":
				return nil, fmt.Errorf("something went wrong")
			case "hint":
				return nil, lang.WithHint(fmt.Errorf("something went wrong"), "do something else")
			case "call":
				return nil, c.Errorf("broken badly: %d", 7)
			case "several":
				return nil, lang.Errors{
					{Pos: lang.Position{File: "a", Line: 1, Col: 1}, Msg: "one"},
					{Pos: lang.Position{File: "b", Line: 2, Col: 2}, Msg: "two"},
				}
			case "elsewhere":
				return nil, &lang.Error{Pos: lang.Position{File: "other.star", Line: 3, Col: 4}, Msg: "it was here"}
			}
			return nil, nil
		},
	}
}

// whereBuiltin tells the places of a call and of its arguments.
func whereBuiltin() *lang.Builtin {
	return &lang.Builtin{
		Name: "where", Group: "Tests",
		Params: []lang.Param{
			{Name: "a", Type: lang.AnyType, Default: starlark.None},
			{Name: "b", Type: lang.AnyType, Default: starlark.None},
			{Name: "c", Type: lang.AnyType, Default: starlark.None, Named: true},
		},
		Do: func(c *lang.Call) (starlark.Value, error) {
			return starlark.String(fmt.Sprintf("%s a %s b %s c %s", c.Pos, c.ArgPos("a"), c.ArgPos("b"), c.ArgPos("c"))), nil
		},
	}
}

// aloneBuiltin takes nothing without a name.
func aloneBuiltin() *lang.Builtin {
	return &lang.Builtin{
		Name: "alone", Group: "Tests",
		Params: []lang.Param{{Name: "n", Type: lang.IntType, Default: starlark.None, Named: true}},
		Do:     func(c *lang.Call) (starlark.Value, error) { return c.Value("n"), nil },
	}
}

// setting is a line of a file of the user's, as whoever reads such files passes it on.
func setting(t *testing.T, at, name, value string) lang.Setting {
	file, line, _ := strings.Cut(at, ":")
	n, err := strconv.Atoi(line)
	if err != nil {
		t.Fatal(err)
	}
	v, err := starlark.EvalOptions(&syntax.FileOptions{}, new(starlark.Thread), "", value, nil)
	if err != nil {
		t.Fatal(err)
	}
	pos := lang.Position{File: file, Line: n}
	return lang.Setting{Name: name, Value: v, Pos: pos, At: pos}
}

func settings(list []lang.Setting) string {
	text := ""
	for _, s := range list {
		text += fmt.Sprintf(" %s=%s (%s)", s.Name, lang.Text(s.Value), s.At)
	}
	return text
}
