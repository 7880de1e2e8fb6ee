package main

import (
	"context"
	"strings"
	"testing"

	"mini/lang"
)

// TestScriptMemory: a script that holds more and more is stopped, at its place, long before its steps are used up.
func TestScriptMemory(t *testing.T) {
	l := memoryLimit{stop: heapBytes() + 64<<20, end: 1 << 40}
	ctx, done := l.watch(context.Background(), func(bool) { t.Error("too late") })
	defer done()
	_, err := lang.Run(ctx, "m.star", []byte("kept = []\ndef grow():\n    for i in range(1000000):\n        kept.append([0] * 1000)\ngrow()\n"), lang.Options{})
	if err == nil || !strings.HasPrefix(err.Error(), "m.star:") || !strings.Contains(err.Error(), "it takes more than ") {
		t.Errorf("got %v", err)
	}
}

// TestTooLate: what one operation takes, or that it goes on when the user has had enough, is seen all the same.
func TestTooLate(t *testing.T) {
	for _, interrupted := range []bool{false, true} {
		called := make(chan bool)
		l := memoryLimit{stop: 1 << 50, end: 1 << 50}
		ctx, cancel := context.WithCancel(context.Background())
		if interrupted {
			cancel()
		} else {
			l.end = 1
		}
		_, done := l.watch(ctx, func(why bool) { called <- why })
		if got := <-called; got != interrupted {
			t.Errorf("interrupted: got %v, want %v", got, interrupted)
		}
		done()
		cancel()
	}
}
