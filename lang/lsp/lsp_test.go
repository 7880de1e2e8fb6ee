package lsp

import (
	"bytes"
	"fmt"
	"math/rand"
	"strings"
	"testing"
	"unicode/utf16"

	"mini/lang"
)

func TestLook(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"ker", `word="ker"`},
		{"f(", `f/0`},
		{"f (a, b = g(1, 2), c = [1, ", `f/2 c given=[b c] /1`},
		{"x = a.b(c == d, e != f, ", `a.b/2`},
		{"f(\"a, (\", '''b\n)''', ", `f/2 strs=["a, (" "b\n)"]`},
		{"f(r\"\\\", ", `f/0 in="\\\", "`},
		{"f(\"a", `f/0 in="a"`},
		{"f(\"a\nb(", `b/0`},
		{"f(  # (, \n  ", `f/0`},
		{"f(  # (, ", `f/0 comment`},
		{"x.y.z", `word="z" dot="x.y"`},
		{"x.y.", `dot="x.y"`},
		{"x.y ", ``},
		{"\"a\".", ``},
		{"f)]}(", `/0`},
		{"return (", `/0`},
		{"f(x,\nb(", `b/0`},
		{"f(\n)\nb(", `b/0`},
	} {
		c := look(test.text)
		var parts []string
		for _, call := range c.calls {
			part := fmt.Sprintf("%s/%d", call.callee, call.commas)
			if call.keyword != "" {
				part += " " + call.keyword
			}
			if call.given != nil {
				part += fmt.Sprintf(" given=%v", call.given)
			}
			if call.strs != nil {
				part += fmt.Sprintf(" strs=%q", call.strs)
			}
			parts = append(parts, part)
		}
		if c.str != nil {
			parts = append(parts, fmt.Sprintf("in=%q", c.str.text))
		}
		if c.comment {
			parts = append(parts, "comment")
		}
		if c.word != "" {
			parts = append(parts, fmt.Sprintf("word=%q", c.word))
		}
		if c.dot != "" {
			parts = append(parts, fmt.Sprintf("dot=%q", c.dot))
		}
		if got := strings.Join(parts, " "); got != test.want {
			t.Errorf("%q: got %s, want %s", test.text, got, test.want)
		}
	}
}

// TestUTF16 converts every column of a line there and back, against the standard library's encoder.
func TestUTF16(t *testing.T) {
	const line = "aü😿\tz𝔘b"
	for n := range []rune(line) {
		head := string([]rune(line)[:n])
		units := len(utf16.Encode([]rune(head)))
		if got := unitsBefore(line, n); got != units {
			t.Errorf("%d characters are %d units, want %d", n, got, units)
		}
		if got := runesBefore(line, units); got != n {
			t.Errorf("%d units are %d characters, want %d", units, got, n)
		}
	}
	if got := runesBefore(line, 3); got != 2 {
		t.Errorf("the middle of a character is after %d, want the 2 before it", got)
	}
	if got := runesBefore(line, 1000); got != len([]rune(line)) {
		t.Errorf("a column behind the end is %d", got)
	}
}

// TestChangeTo makes lines into others by the edit, as an editor would.
func TestChangeTo(t *testing.T) {
	const seed, n = 1, 2000
	random := rand.New(rand.NewSource(seed))
	lines := func() []string {
		list := make([]string, 1+random.Intn(5))
		for i := range list {
			list[i] = string("ab"[random.Intn(2)])
		}
		if random.Intn(2) == 0 {
			list[len(list)-1] = ""
		}
		return list
	}
	for range n {
		from, to := lines(), lines()
		d := &document{lines: from}
		edit, changed := d.changeTo(to)
		got := strings.Join(from, "\n")
		if changed {
			start, end := offset(from, edit.Range.Start), offset(from, edit.Range.End)
			got = got[:start] + edit.NewText + got[end:]
		}
		if got != strings.Join(to, "\n") {
			t.Fatalf("seed %d: %q to %q by %+v is %q", seed, from, to, edit, got)
		}
	}
}

func offset(lines []string, p position) int {
	return len(strings.Join(append(append([]string{}, lines[:p.Line]...), ""), "\n")) + p.Character
}

// TestSlip lets the server's own code panic: that costs an answer and not the conversation.
func TestSlip(t *testing.T) {
	looks := 0
	language := func(string) lang.Options {
		if looks++; looks == 2 {
			panic("a slip")
		}
		return lang.Options{}
	}
	var in, out bytes.Buffer
	for _, body := range []string{
		`{"id":1,"method":"initialize"}`,
		`{"method":"textDocument/didOpen","params":{"textDocument":{"uri":"untitled:x","text":"x = 1\nx"}}}`,
		`{"id":2,"method":"textDocument/hover","params":{"textDocument":{"uri":"untitled:x"},"position":{"line":1,"character":1}}}`,
		`{"id":3,"method":"textDocument/hover","params":{"textDocument":{"uri":"untitled:x"},"position":{"line":1,"character":1}}}`,
		`{"id":4,"method":"shutdown"}`,
		`{"method":"exit"}`,
	} {
		fmt.Fprintf(&in, "Content-Length: %d\r\n\r\n%s", len(body), body)
	}
	if err := Serve(t.Context(), &in, &out, Options{Language: language}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`{"jsonrpc":"2.0","id":2,"error":{"code":-32603,"message":"textDocument/hover: a slip"}}`, `"id":3,"result":{"contents"`} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %s in\n%s", want, &out)
		}
	}
}

// FuzzServe gives the questions that an editor asks any text and any place: no answer may be a panic.
func FuzzServe(f *testing.F) {
	f.Add("load(\"a.star\", \"b\")\ndef f(a, *b, c = 1, **d):\n    return a.b(c = [1,", 2, 19)
	f.Add("x = kernel(\"6.1\", \n\"\"\"", 0, 400)
	f.Add("f(\"😿\", g(h = '\\", -1, -1)
	f.Fuzz(func(t *testing.T, text string, line, character int) {
		s := &server{opts: Options{Language: func(string) lang.Options { return lang.Options{} }}, docs: map[string]*document{}}
		d := s.newDocument("untitled:x")
		d.set(s, text, 1)
		p := position{line, character}
		for _, ask := range []func(*document, position) (any, *rpcError){s.completion, s.hover, s.signatureHelp, s.definition, s.documentSymbols, s.formatting} {
			_, _ = ask(d, p)
		}
		_ = s.problems(t.Context(), d)
	})
}
