package qemu

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"
)

func allBytes() string {
	var b strings.Builder
	for c := 1; c < 256; c++ {
		b.WriteByte(byte(c))
	}
	return b.String()
}

// TestArgumentLines lets real shells read the lines and say what they got.
func TestArgumentLines(t *testing.T) {
	tests := []struct {
		name   string
		printf bool
		argv   []string
	}{
		{"plain", true, []string{"uname", "-a"}},
		{"empty ones", true, []string{"", "a", ""}},
		{"quotes", true, []string{`it's "so" \ $HOME $(id) ` + "`id`", "'''", `a\`, "!x", "*", "~", "-n", "#"}},
		{"white space", true, []string{" a  b ", "\ttab", "line 1\nline 2\n\n", "\r\n"}},
		{"all bytes", true, []string{allBytes()}},
		{"UTF-8", true, []string{"Grüße, 世界 🐶"}},
		{"long", true, []string{strings.Repeat("it's long\n", 700), strings.Repeat("x", 5000)}},
		{"without printf", false, []string{"a\nb\n", "Grüße 世界", strings.Repeat("é", 3000), "''\n''"}},
	}
	for _, name := range []string{"dash", "bash", "busybox"} {
		shell, err := exec.LookPath(name)
		if err != nil {
			t.Logf("%s is not installed: not asked", name)
			continue
		}
		args := []string{}
		if name == "busybox" {
			args = []string{"sh"}
		}
		for _, test := range tests {
			lines, err := argumentLines(test.argv, test.printf)
			if err != nil {
				t.Errorf("%s: %v", test.name, err)
				continue
			}
			cmd := exec.Command(shell, args...)
			cmd.Env = []string{"LC_ALL=C"}
			cmd.Stdin = strings.NewReader(strings.Join(lines, "\n") + "\n" + `for a; do printf '%s\0' "$a"; done` + "\n")
			got, err := cmd.CombinedOutput()
			want := strings.Join(test.argv, "\x00") + "\x00"
			if err != nil || string(got) != want {
				t.Errorf("%s, %s: %v\n got %.200q\nwant %.200q", name, test.name, err, got, want)
			}
		}
	}
}

func TestTypedTextIsSafeForALineEditor(t *testing.T) {
	lines, err := argumentLines([]string{strings.Repeat("'", 500), strings.Repeat("\t\x03", 300) + allBytes(), strings.Repeat("é", 500)}, true)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		// BusyBox may take no more than 128 bytes; 50 are for the mark.
		if !printable(line) || len(line) > 128-1-len(";echo mi\\ni-0123456789abcdef-12345:$?:\n") {
			t.Errorf("%d bytes: %q", len(line), line)
		}
	}
}

func TestArgumentsNoGuestCanBeGiven(t *testing.T) {
	if _, err := argumentLines([]string{"a", "b\x00"}, true); err == nil || !strings.Contains(err.Error(), "argument 2 contains a NUL byte") {
		t.Errorf("NUL: %v", err)
	}
	if _, err := argumentLines([]string{"a\tb"}, false); err == nil || !strings.Contains(err.Error(), "argument 1: control character 0x09 can't be typed") {
		t.Errorf("tab without printf: %v", err)
	}
}

func TestUntil(t *testing.T) {
	stream := "mimini-1mini-12 text mini-12:rest mini-12:"
	for cut := range len(stream) + 1 {
		for second := cut; second <= len(stream); second++ {
			var out bytes.Buffer
			u := &until{mark: []byte("mini-12:"), emit: func(p []byte) error { out.Write(p); return nil }}
			var rest []byte
			found := false
			for _, part := range []string{stream[:cut], stream[cut:second], stream[second:]} {
				if found {
					rest = append(rest, part...)
					continue
				}
				var err error
				if rest, found, err = u.write([]byte(part)); err != nil {
					t.Fatal(err)
				}
			}
			if !found || out.String() != "mimini-1mini-12 text " || string(rest) != "rest mini-12:" {
				t.Fatalf("cut at %d and %d: %v, %q, %q", cut, second, found, out.String(), rest)
			}
		}
	}
}

func TestUntilHoldsBackOnlyWhatMayBeAMark(t *testing.T) {
	var out bytes.Buffer
	u := &until{mark: []byte("mini-1:"), emit: func(p []byte) error { out.Write(p); return nil }}
	if _, _, err := u.write([]byte("a progress bar without newline mini-")); err != nil {
		t.Fatal(err)
	}
	if out.String() != "a progress bar without newline " {
		t.Errorf("shown so far: %q", out.String())
	}
}

func TestUnCR(t *testing.T) {
	for _, original := range []string{"a\nb\n", "no newline", "dos\r\n", "\r\r\n\r", "bar\rbar\r", ""} {
		terminal := strings.ReplaceAll(original, "\n", "\r\n")
		for cut := range len(terminal) + 1 {
			var out bytes.Buffer
			u := &unCR{emit: func(p []byte) error { out.Write(p); return nil }}
			for _, part := range []string{terminal[:cut], terminal[cut:]} {
				if err := u.write([]byte(part)); err != nil {
					t.Fatal(err)
				}
			}
			if err := u.flush(); err != nil || out.String() != original {
				t.Errorf("%q cut at %d came back as %q (%v)", terminal, cut, out.String(), err)
			}
		}
	}
}
