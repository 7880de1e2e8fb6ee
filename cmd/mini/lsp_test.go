package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/textproto"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// editor speaks with a `mini lsp` of its own, as an editor does: over the pipes of a process.
type editor struct {
	t      *testing.T
	dir    string
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	errors bytes.Buffer
	nextID int
	told   map[string][]diagnosed // the diagnostics, by file
}

type diagnosed struct {
	Range    span
	Severity int
	Code     string
	Message  string
	Tags     []int
}

type span struct{ Start, End struct{ Line, Character int } }

func (s span) String() string {
	return fmt.Sprintf("%d:%d-%d:%d", s.Start.Line, s.Start.Character, s.End.Line, s.End.Character)
}

type reply struct {
	ID     *int
	Method string
	Params json.RawMessage
	Result json.RawMessage
	Error  *struct {
		Code    int
		Message string
	}
}

func startEditor(t *testing.T) *editor {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	e := &editor{t: t, dir: t.TempDir(), told: map[string][]diagnosed{}}
	// Its own lock makes the directory the root of its scripts, whatever lies above the directory for temporary files.
	if err := os.WriteFile(filepath.Join(e.dir, "mini.lock"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	e.cmd = exec.Command(self, "lsp")
	e.cmd.Args[0] = "mini" // the test's binary is mini under this name
	e.cmd.Stderr = &e.errors
	if e.in, err = e.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := e.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	e.out = bufio.NewReader(out)
	if err := e.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = e.cmd.Process.Kill()
		_ = e.cmd.Wait()
	})
	return e
}

func (e *editor) uri(file string) string {
	return (&url.URL{Scheme: "file", Path: filepath.Join(e.dir, file)}).String()
}

func (e *editor) raw(body string) {
	e.t.Helper()
	if _, err := fmt.Fprintf(e.in, "Content-Length: %d\r\n\r\n%s", len(body), body); err != nil {
		e.t.Fatal(err)
	}
}

func (e *editor) notify(method string, params any) {
	e.t.Helper()
	body, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "method": method, "params": params})
	if err != nil {
		e.t.Fatal(err)
	}
	e.raw(string(body))
}

// read takes one message; diagnostics are remembered on the way.
func (e *editor) read() reply {
	e.t.Helper()
	header, err := textproto.NewReader(e.out).ReadMIMEHeader()
	if err != nil {
		e.t.Fatal(err)
	}
	size, err := strconv.Atoi(header.Get("Content-Length"))
	if err != nil {
		e.t.Fatal(err)
	}
	body := make([]byte, size)
	if _, err := io.ReadFull(e.out, body); err != nil {
		e.t.Fatal(err)
	}
	var r reply
	if err := json.Unmarshal(body, &r); err != nil {
		e.t.Fatalf("%v: %s", err, body)
	}
	if r.Method == "textDocument/publishDiagnostics" {
		var p struct {
			URI         string
			Diagnostics []diagnosed
		}
		if err := json.Unmarshal(r.Params, &p); err != nil {
			e.t.Fatal(err)
		}
		e.told[filepath.Base(p.URI)] = p.Diagnostics
	}
	return r
}

// ask sends a request and reads its answer into result.
func (e *editor) ask(method string, params, result any) reply {
	e.t.Helper()
	e.nextID++
	body, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": e.nextID, "method": method, "params": params})
	if err != nil {
		e.t.Fatal(err)
	}
	e.raw(string(body))
	for {
		r := e.read()
		if r.ID == nil || *r.ID != e.nextID {
			continue
		}
		if result != nil {
			if r.Error != nil {
				e.t.Fatalf("%s: %v", method, r.Error)
			}
			if err := json.Unmarshal(r.Result, result); err != nil {
				e.t.Fatalf("%s: %v: %s", method, err, r.Result)
			}
		}
		return r
	}
}

func (e *editor) initialize() {
	e.t.Helper()
	var got struct {
		Capabilities struct {
			PositionEncoding string
			HoverProvider    bool
		}
	}
	e.ask("initialize", map[string]any{"processId": nil, "rootUri": nil, "capabilities": map[string]any{}}, &got)
	if !got.Capabilities.HoverProvider || got.Capabilities.PositionEncoding != "utf-16" {
		e.t.Errorf("capabilities: %+v", got)
	}
	e.notify("initialized", map[string]any{})
}

// save puts a file beside the others without opening it.
func (e *editor) save(file, text string) {
	e.t.Helper()
	if err := os.WriteFile(filepath.Join(e.dir, file), []byte(text), 0o644); err != nil {
		e.t.Fatal(err)
	}
}

func (e *editor) open(file, text string) {
	e.t.Helper()
	e.notify("textDocument/didOpen", map[string]any{"textDocument": map[string]any{
		"uri": e.uri(file), "languageId": "starlark", "version": 1, "text": text}})
}

func (e *editor) change(file, text string) {
	e.t.Helper()
	e.notify("textDocument/didChange", map[string]any{
		"textDocument":   map[string]any{"uri": e.uri(file), "version": 2},
		"contentChanges": []any{map[string]any{"text": text}}})
}

// diagnostics waits until the server has said what is wrong with a file.
func (e *editor) diagnostics(file string) string {
	e.t.Helper()
	delete(e.told, file)
	for e.told[file] == nil {
		e.read()
	}
	var lines []string
	for _, d := range e.told[file] {
		first, _, _ := strings.Cut(d.Message, "\n")
		lines = append(lines, fmt.Sprintf("%s %d %s%s", d.Range, d.Severity, first, d.Code))
	}
	return strings.Join(lines, "\n")
}

// at is the parameters of a request about the place of the mark ‸ in text, which is opened or changed to what it is
// without the mark.
func (e *editor) at(file, text string) map[string]any {
	e.t.Helper()
	before, after, found := strings.Cut(text, "‸")
	if !found {
		e.t.Fatal("no mark in the text")
	}
	e.change(file, before+after)
	line := before[strings.LastIndex(before, "\n")+1:]
	units := 0
	for _, r := range line {
		units++
		if r > 0xffff {
			units++
		}
	}
	return map[string]any{
		"textDocument": map[string]any{"uri": e.uri(file)},
		"position":     map[string]any{"line": strings.Count(before, "\n"), "character": units},
	}
}

const libScript = `"""Hosts."""

# How many there are.
limit = 3

def host(name, domain = "local", **rest):
    """A host of the network.

    Args:
      name: what it is called
    """
    return name + domain
`

func TestEditor(t *testing.T) {
	e := startEditor(t)
	if r := e.ask("textDocument/hover", map[string]any{}, nil); r.Error == nil || r.Error.Code != -32002 {
		t.Errorf("before initialize: %+v", r.Error)
	}
	e.initialize()
	e.save("lib.star", libScript)
	e.save("init", "#!/bin/sh\n")
	e.save("broken.star", "x = (\n")
	if err := syscall.Mkfifo(filepath.Join(e.dir, "pipe.star"), 0o600); err != nil {
		t.Fatal(err)
	}
	e.open("main.star", "")

	t.Run("diagnostics", func(t *testing.T) {
		for _, test := range []struct{ what, text, want string }{
			{"nothing", "linux = kernel(\"6.1\")\n", ""},
			{"syntax", "x = (1,\ny = 2\n", "1:3-1:4 1 got '=', want ')'"},
			{"a name, behind a letter of two code units", "x = [\"😿ü\", qqq]\n", "0:12-0:15 1 undefined: qqq"},
			{"several at once", "x = aaa\n\ny = bbb\n", "0:4-0:7 1 undefined: aaa\n2:4-2:7 1 undefined: bbb"},
			{"lint", "load(\"lib.star\", \"host\")\nk = kernel(\"6.1\")\n", "0:18-0:22 2 host is loaded and not usedunused-load"},
			{"evaluation", "r = rootfs(files = {\"/init\": file(\"inti\")})\n", "0:34-0:35 1 file: there is no file " + filepath.Join(e.dir, "inti")},
			{"evaluation across files", "load(\"lib.star\", \"host\")\nk = kernel(host(1))\n", "1:11-1:15 1 " + filepath.Join(e.dir, "lib.star") + ":12:17: int + string is not defined"},
			{"a loaded file that is none", "load(\"broken.star\", \"x\")\nk = kernel(x)\n", "0:21-0:22 1 " + filepath.Join(e.dir, "broken.star") + ":2:1: got end of file, want primary expression"},
			{"a call told once", "k = kernel(\"6.1\", intramfs = 1)\n", "0:18-0:26 1 kernel has no parameter \"intramfs\"bad-call"},
			{"too long for a look", "x = [i for i in range(1000000) for j in range(1000000)]\n", ""},
		} {
			t.Run(test.what, func(t *testing.T) {
				e.t = t
				e.change("main.star", test.text)
				if got := e.diagnostics("main.star"); got != test.want {
					t.Errorf("got:\n%s\nwant:\n%s", got, test.want)
				}
			})
		}
	})
	e.t = t

	t.Run("completion", func(t *testing.T) {
		for _, test := range []struct{ what, text, want, not string }{
			{"names", "linux = kernel(\"6.1\")\nx = ‸", "kernel linux len param struct def", ""},
			{"keywords of a call", "linux = kernel(\"6.1\", config = {}, ‸", "initramfs_=_ arch_=_ param", "config_=_ version_=_"},
			{"no keywords behind a keyword", "linux = kernel(\"6.1\", base = ‸", "param", "arch_=_"},
			{"names below", "x = [‸\n\ny = [\n]\nlinux = 1\n", "linux", ""},
			{"inside a function that isn't whole", "def f(tree):\n    total = 2\n    other = g(tree, ‸\n    return 1\nx = 1\n", "tree total f x", ""},
			{"inside a function", "def f(tree, n = 1):\n    total = 2\n    return ‸", "tree n total f", ""},
			{"attributes", "linux = kernel(\"6.1\")\nx = linux.v‸", "version image config", "kernel"},
			{"of a module", "x = json.‸", "encode decode", "kernel"},
			{"files", "load(\"‸\")", "lib.star @mini//linux.star", "init main.star kernel"},
			{"names of a file", "load(\"lib.star\", \"‸", "host limit", "kernel"},
			{"names of a recipe", "load(\"@mini//linux.star\", \"ext4\", \"‸", "virtio", "ext4"},
			{"keywords of a loaded function", "load(\"lib.star\", \"host\")\nx = host(\n    ‸", "name_=_ domain_=_ host", ""},
			{"params of a variant", "debug = param(\"debug\", True)\njobs = param(\"jobs\", 1)\nvariant(\"v\", jobs = 1, ‸", "debug_=_ doc_=_", "jobs_=_"},
			{"types of a parameter", "def f(a, b: ‸", "kernel rootfs str list", "busybox"},
			{"types in brackets", "def f(b: list[ke‸", "kernel", "qemu"},
			{"types of a result", "def f(a = 1) -> roo‸", "rootfs None", "qemu"},
			{"no types in a default", "def f(a: int = ‸", "kernel qemu", "Any"},
			{"not in comments", "# ‸", "", "kernel"},
			{"not in strings", "x = \"‸\"", "", "kernel"},
			{"below a bracket left open", "a = kernel(\nb = ‸", "kernel", "version_=_"},
		} {
			t.Run(test.what, func(t *testing.T) {
				e.t = t
				params := e.at("main.star", test.text)
				if strings.HasPrefix(test.what, "attributes") { // known once the script was whole for a moment
					e.change("main.star", "linux = kernel(\"6.1\")\n")
					e.diagnostics("main.star")
					params = e.at("main.star", test.text)
				}
				var got struct {
					Items []struct{ Label, Detail, SortText string }
				}
				e.ask("textDocument/completion", params, &got)
				has := map[string]bool{}
				for _, item := range got.Items {
					has[strings.ReplaceAll(item.Label, " ", "_")] = true
				}
				for _, want := range strings.Fields(test.want) {
					if !has[want] {
						t.Errorf("%s is not offered", want)
					}
				}
				for _, not := range strings.Fields(test.not) {
					if has[not] {
						t.Errorf("%s is offered", not)
					}
				}
			})
		}
	})
	e.t = t

	t.Run("hover", func(t *testing.T) {
		for _, test := range []struct{ what, text, want string }{
			{"builtin", "linux = ker‸nel(\"6.1\")", "Linux from source"},
			{"keyword", "linux = kernel(\"6.1\", init‸ramfs = None)", "`initramfs` of `kernel`: rootfs or initramfs or None, default None"},
			{"loaded function", "load(\"lib.star\", \"host\")\nx = hos‸t(1)", "A host of the network."},
			{"in the load", "load(\"lib.star\", \"hos‸t\")", "A host of the network."},
			{"loaded value", "load(\"lib.star\", n = \"limit\")\nx = n‸", "How many there are."},
			{"recipe", "load(\"@mini//linux.star\", \"net\")\nx = n‸et", "TCP/IP, packet sockets"},
			{"param", "arch = param(\"arch\", \"i386\", doc = \"target CPU\")\nx = a‸rch", "target CPU"},
			{"a name of the function", "def f(kernel):\n    return ker‸nel", "parameter of f"},
			{"a typed name of the function", "def f(kernel: str | None = None) -> rootfs:\n    return ker‸nel", "parameter of f: str | None"},
			{"own function with types", "def f(k: kernel, *more: int) -> rootfs:\n    return k\nx = f‸", "f(k: kernel, *more: int) -> rootfs"},
			{"nothing", "x = 1 ‸ + 2", ""},
			{"an attribute is not the builtin", "x = 1\ny = x.ker‸nel", ""},
		} {
			t.Run(test.what, func(t *testing.T) {
				e.t = t
				var got *struct{ Contents struct{ Value string } }
				e.ask("textDocument/hover", e.at("main.star", test.text), &got)
				text := ""
				if got != nil {
					text = got.Contents.Value
				}
				if !strings.Contains(text, test.want) || test.want == "" && text != "" {
					t.Errorf("got %q, want %q", text, test.want)
				}
			})
		}
	})
	e.t = t

	t.Run("signature", func(t *testing.T) {
		for _, test := range []struct{ what, text, want string }{
			{"first", "k = kernel(‸", "version"},
			{"keyword", "k = kernel(\"6.1\", config = {\"A\": 1}, base = ‸", "base = \"mini\""},
			{"behind a nested call", "k = kernel(f(1, 2), config = [‸", ""},
			{"after a nested call", "k = param(f(1, 2), ‸", "default"},
			{"too many", "k = kernel(1, 2, 3, ‸", "-"},
			{"own function", "def f(a, *b, c = \"ü😿\", d):\n    pass\nx = f(1, 2, 3, ‸", "*b"},
			{"own function with types", "def f(a: int, b: dict[str, int] = {}) -> rootfs:\n    pass\nx = f(1, ‸", "b: dict[str, int] = {}"},
			{"own function, keyword", "def f(a, *b, c = \"ü😿\", d = 1):\n    pass\nx = f(1, d = ‸", "d = 1"},
		} {
			t.Run(test.what, func(t *testing.T) {
				e.t = t
				var got *struct {
					Signatures []struct {
						Label           string
						Parameters      []struct{ Label [2]int }
						ActiveParameter *int
					}
				}
				e.ask("textDocument/signatureHelp", e.at("main.star", test.text), &got)
				active := ""
				if got != nil {
					sig := got.Signatures[0]
					active = "-"
					if sig.ActiveParameter != nil {
						at := sig.Parameters[*sig.ActiveParameter].Label
						active = fromUTF16(sig.Label, at[0], at[1])
					}
				}
				if active != test.want {
					t.Errorf("got %q, want %q", active, test.want)
				}
			})
		}
	})
	e.t = t

	t.Run("definition", func(t *testing.T) {
		for _, test := range []struct{ what, text, want string }{
			{"own value", "linux = 1\ny = lin‸ux\n", "main.star 0:0-0:5"},
			{"own function, behind two code units", "def f():\n    pass\ny = [\"😿\", f‸]\n", "main.star 0:4-0:5"},
			{"across a load", "load(\"lib.star\", h = \"host\")\ny = h‸(1)\n", "lib.star 5:4-5:8"},
			{"in the load", "load(\"lib.star\", \"lim‸it\")\n", "lib.star 3:0-3:5"},
			{"the file", "load(\"li‸b.star\", \"limit\")\n", "lib.star 0:0-0:0"},
			{"a parameter", "def f(aa, bb = 1):\n    return b‸b\n", "main.star 0:10-0:12"},
			{"a builtin", "k = ker‸nel(\"6.1\")\n", ""},
			{"inside of mini", "load(\"@mini//linux.star\", \"net\")\nx = n‸et\n", ""},
			{"a pipe, whose writer never comes", "load(\"pipe.star\", \"net\")\nx = n‸et\n", ""},
			{"no such file", "load(\"nope.star\", \"net\")\nx = n‸et\n", ""},
		} {
			t.Run(test.what, func(t *testing.T) {
				e.t = t
				var got *struct {
					URI   string
					Range span
				}
				e.ask("textDocument/definition", e.at("main.star", test.text), &got)
				where := ""
				if got != nil {
					where = fmt.Sprint(filepath.Base(got.URI), " ", got.Range)
				}
				if where != test.want {
					t.Errorf("got %q, want %q", where, test.want)
				}
			})
		}
	})
	e.t = t

	t.Run("symbols", func(t *testing.T) {
		var got []struct {
			Name                  string
			Kind                  int
			Range, SelectionRange span
		}
		e.ask("textDocument/documentSymbol", e.at("main.star", "a = param(\"a\", 1)\ndef f(x):\n    y = 1\n    return [\n        y]\nk = kernel(\n    \"6.1\")\nvariant(\"v\", a = 2)\nmatrix(\"all\",\n    [\"v\"])\n‸"), &got)
		want := "[{a 14 0:0-0:17 0:0-0:1} {f 12 1:4-4:10 1:4-1:5} {k 13 5:0-6:10 5:0-5:1} {variant v 14 7:0-7:19 7:0-7:7} {matrix all 14 8:0-9:10 8:0-8:6}]"
		if fmt.Sprint(got) != want {
			t.Errorf("got  %v\nwant %s", got, want)
		}
	})

	t.Run("formatting", func(t *testing.T) {
		const text = "x = 1\ny=\"😿\"\nz = [\n 1]\n"
		var edits []struct {
			Range   span
			NewText string
		}
		e.ask("textDocument/formatting", e.at("main.star", text+"‸"), &edits)
		if got := fmt.Sprint(edits); got != "[{1:0-4:0 y = \"😿\"\nz = [\n    1,\n]\n}]" {
			t.Errorf("got %s", got)
		}
		e.ask("textDocument/formatting", e.at("main.star", "x = 1\n‸"), &edits)
		if len(edits) != 0 {
			t.Errorf("nothing was to be done, and got %v", edits)
		}
		if r := e.ask("textDocument/formatting", e.at("main.star", "x = (\n‸"), nil); r.Error == nil || !strings.Contains(r.Error.Message, "got end of file") {
			t.Errorf("a script that can't be read: %+v", r.Error)
		}
	})

	t.Run("the other file as it is in the editor", func(t *testing.T) {
		e.open("lib.star", "\n\n\n\n\n\n\ndef host(unsaved):\n    \"doc\"\n    return unsaved\n")
		var got struct{ URI, Range any }
		e.ask("textDocument/definition", e.at("main.star", "load(\"lib.star\", \"host\")\ny = ho‸st(1)\n"), &got)
		if !strings.Contains(fmt.Sprint(got.Range), "line:7") {
			t.Errorf("got %v", got)
		}
		e.notify("textDocument/didClose", map[string]any{"textDocument": map[string]any{"uri": e.uri("lib.star")}})
	})

	t.Run("a file below the root", func(t *testing.T) {
		// It runs with the root that it has, and finds what it loads.
		if err := os.Mkdir(filepath.Join(e.dir, "sub"), 0o755); err != nil {
			t.Fatal(err)
		}
		e.open("sub/s.star", "")
		var got *struct{ URI string }
		e.ask("textDocument/definition", e.at("sub/s.star", "load(\"//lib.star\", \"host\")\ny = ho‸st(1)\n"), &got)
		if got == nil || got.URI != e.uri("lib.star") {
			t.Errorf("definition: %+v", got)
		}
		if found := e.diagnostics("s.star"); found != "1:4-1:8 1 "+filepath.Join(e.dir, "lib.star")+":12:17: int + string is not defined" {
			t.Errorf("diagnostics: %s", found)
		}
	})

	t.Run("protocol", func(t *testing.T) {
		if r := e.ask("textDocument/rename", map[string]any{}, nil); r.Error == nil || r.Error.Code != -32601 {
			t.Errorf("unknown method: %+v", r.Error)
		}
		if r := e.ask("textDocument/hover", map[string]any{"textDocument": map[string]any{"uri": "file:///nope"}}, nil); r.Error == nil || r.Error.Code != -32602 {
			t.Errorf("a file that is not open: %+v", r.Error)
		}
		if r := e.ask("textDocument/hover", "x", nil); r.Error == nil || r.Error.Code != -32602 {
			t.Errorf("bad parameters: %+v", r.Error)
		}
		e.raw("{this is no JSON")
		if r := e.read(); r.Error == nil || r.Error.Code != -32700 {
			t.Errorf("no JSON: %+v", r)
		}
		e.notify("$/setTrace", map[string]any{"value": "off"})
		past := map[string]any{"textDocument": map[string]any{"uri": e.uri("main.star")}, "position": map[string]any{"line": 999, "character": 999}}
		for _, method := range []string{"hover", "completion", "definition", "signatureHelp"} {
			if r := e.ask("textDocument/"+method, past, nil); r.Error != nil {
				t.Errorf("%s behind the end: %v", method, r.Error)
			}
		}
		if r := e.ask("shutdown", nil, nil); r.Error != nil || string(r.Result) != "null" {
			t.Errorf("shutdown: %+v", r)
		}
		if r := e.ask("textDocument/hover", past, nil); r.Error == nil || r.Error.Code != -32600 {
			t.Errorf("after shutdown: %+v", r.Error)
		}
		e.notify("exit", nil)
		if err := e.cmd.Wait(); err != nil {
			t.Errorf("exit: %v", err)
		}
	})
}

// fromUTF16 is the part of s between two offsets in UTF-16 code units.
func fromUTF16(s string, from, to int) string {
	out, units := "", 0
	for _, r := range s {
		if units >= from && units < to {
			out += string(r)
		}
		units++
		if r > 0xffff {
			units++
		}
	}
	return out
}

// TestEditorGoesAway ends the server in the ways in which editors and networks do.
func TestEditorGoesAway(t *testing.T) {
	for _, test := range []struct{ what, send, want string }{
		{"between messages", "", "without a shutdown request"},
		{"in a message", "Content-Length: 100\r\n\r\n{", "without a shutdown request"},
		{"not the protocol", "Host: x\r\n\r\n", "not the language server protocol"},
		{"not even a header", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "not the language server protocol"},
		{"far too large", "Content-Length: 4000000000\r\n\r\n{", "4000000000 bytes is too large"},
		{"exit, not shutdown", "Content-Length: 33\r\n\r\n{\"jsonrpc\":\"2.0\",\"method\":\"exit\"}", "without a shutdown request"},
	} {
		t.Run(test.what, func(t *testing.T) {
			e := startEditor(t)
			e.initialize()
			if _, err := io.WriteString(e.in, test.send); err != nil {
				t.Fatal(err)
			}
			e.in.Close()
			var exit *exec.ExitError
			if err := e.cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != 1 {
				t.Errorf("got %v, want exit status 1", err)
			}
			if got := e.errors.String(); !strings.HasPrefix(got, "mini: lsp: ") || !strings.Contains(got, test.want) {
				t.Errorf("it says %q", e.errors.String())
			}
		})
	}
}
