package qemu

import (
	"slices"
	"strings"
	"testing"
)

func TestPrompt(t *testing.T) {
	tests := []struct {
		console string
		want    bool
	}{
		{"/ # ", true},
		{"# ", true},
		{"user@host:~$ ", true},
		{"> ", true},
		{"boot\r\n~ # \x1b[6n", true},
		{"\x1b[1;32m/ # \x1b[0m", true},
		{"\x1b]0;title # \x07/ # ", true},
		{"old text\r/ # ", true},
		{"/ # \x1b[6", false},       // the sequence is not over
		{"/ # \r", false},           // about to be overwritten
		{"/ # \r\n", false},         // a line, not a prompt
		{"/ # ls", false},           // an echo
		{"/ #", false},              // no blank
		{"login: ", false},          //
		{"", false},                 //
		{"100%\x1b[# ", false},      // all of it is one sequence so far
		{"/ # ls\b\b\b\b\b", false}, // backspaces end in mid-line
		{"/ # x\b\x1b[J", false},    // …and so here: only a redraw tells
		{"/ # x\r/ # \x1b[J", true},
	}
	for _, test := range tests {
		var s screen
		s.write([]byte(test.console))
		if got := s.atPrompt(); got != test.want {
			t.Errorf("%q: at prompt %v, want %v", test.console, got, test.want)
		}
		// The same, byte by byte: reads end anywhere.
		var slow screen
		for i := range len(test.console) {
			slow.write([]byte{test.console[i]})
		}
		if got := slow.atPrompt(); got != test.want {
			t.Errorf("%q byte by byte: at prompt %v, want %v", test.console, got, test.want)
		}
	}
}

func TestScreenLines(t *testing.T) {
	tests := []struct {
		console string
		lines   []string
		partial string
	}{
		{"a\r\nb\nc", []string{"a", "b"}, "c"},
		{"10%\r20%\r\n", []string{"20%"}, ""},
		{"\x1b[31mred\x1b[0m\n", []string{"red"}, ""},
		{"\x1b]0;never closed\nnext\n", []string{"", "next"}, ""},
		{"ab\b\bxy\n", []string{"xy"}, ""},
		{"\x1b(Bplain\x1b=\n", []string{"plain"}, ""},
		{"\x1b[3\nline\n", []string{"", "line"}, ""},
	}
	for _, test := range tests {
		var lines []string
		s := screen{newline: func(line string) { lines = append(lines, line) }}
		s.write([]byte(test.console))
		if !slices.Equal(lines, test.lines) || s.partial() != test.partial {
			t.Errorf("%q: %q and %q, want %q and %q", test.console, lines, s.partial(), test.lines, test.partial)
		}
	}
}

func TestScreenIsBounded(t *testing.T) {
	var s screen
	s.write([]byte(strings.Repeat("x", 1<<20) + "# "))
	if len(s.partial()) > maxScreenLine {
		t.Errorf("a line of %d bytes is kept", len(s.partial()))
	}
	if !s.atPrompt() {
		t.Error("the end of a long line is lost")
	}
}
