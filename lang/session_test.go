package lang_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"mini/lang"
)

// lines hands out a text line by line, as a terminal does.
func lines(text string) func() (string, error) {
	rest := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	return func() (string, error) {
		if len(rest) == 0 {
			return "", io.EOF
		}
		line := rest[0]
		rest = rest[1:]
		return line, nil
	}
}

// TestSessionGoesOn: neither the steps of one statement nor its end by the context are held against the next.
func TestSessionGoesOn(t *testing.T) {
	s, err := lang.NewSession(context.Background(), "", lang.Options{MaxSteps: 20_000})
	if err != nil {
		t.Fatal(err)
	}
	in := lines("len([i for i in range(1000)])\nlen([1 for i in range(1000) for j in range(1000)])\n" +
		strings.Repeat("len([i for i in range(1000)])\n", 30) + "[i for i in range(10)]\n1 + 1\n")
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	var got []string
	for n := 1; ; n++ {
		ctx := context.Background()
		if n == 33 {
			ctx = cancelled
		}
		v, err := s.Next(ctx, in)
		if errors.Is(err, io.EOF) {
			break
		}
		switch {
		case err != nil:
			first, _, _ := strings.Cut(err.Error(), "\n")
			got = append(got, first)
		case v.String() != "1000":
			got = append(got, v.String())
		}
	}
	want := "<input 2>:1:29: the script was still running after 20000 steps|<input 33>:1: stopped while the script was running: context canceled|2"
	if strings.Join(got, "|") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, "|"), want)
	}
}

// TestSessionTypes: a def with types may come line by line.
func TestSessionTypes(t *testing.T) {
	s, err := lang.NewSession(context.Background(), "", lang.Options{})
	if err != nil {
		t.Fatal(err)
	}
	in := lines("def f(a: int,\n  b: list[\n  str] = []) -> str:\n  return a * b\n\nf(1)\nf('x')\ndef g(x: srt): pass\n\n1\n")
	var got []string
	for {
		v, err := s.Next(context.Background(), in)
		if errors.Is(err, io.EOF) {
			break
		}
		first := ""
		if err != nil {
			first, _, _ = strings.Cut(err.Error(), "\n")
		} else if v != nil {
			first = v.String()
		}
		got = append(got, first)
	}
	want := "|<input 1>:4:3: f: its result: want str, got list|<input 3>:1:3: f: a: want int, got string|<input 4>:1:10: there is no type srt|1"
	if strings.Join(got, "|") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, "|"), want)
	}
	for _, name := range s.Names() {
		if strings.HasPrefix(name, "<") {
			t.Errorf("what no script can write is offered: %s", name)
		}
	}
}

func TestSessionInputFails(t *testing.T) {
	s, err := lang.NewSession(context.Background(), "", lang.Options{})
	if err != nil {
		t.Fatal(err)
	}
	broken := errors.New("the line is cut")
	n := 0
	_, err = s.Next(context.Background(), func() (string, error) {
		if n++; n == 1 {
			return "x = (", nil
		}
		return "", broken
	})
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}
