package main

import "testing"

func TestPainted(t *testing.T) {
	const text = "a.star:1:1: x: \"make\" failed\n    y.c:1:2: fatal error: y.h: No such file\n  error: of no log"
	if got := painted(text, false); got != text {
		t.Errorf("without colours: %q", got)
	}
	want := "\x1b[1ma.star:1:1: x: \"make\" failed\x1b[22m\n    y.c:1:2: \x1b[31;1mfatal error:\x1b[0;22m y.h: No such file\n  error: of no log"
	if got := painted(text, true); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
