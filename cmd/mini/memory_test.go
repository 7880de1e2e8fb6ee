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
	ctx, done := l.watch(context.Background(), func() { t.Error("too late") })
	defer done()
	_, err := lang.Run(ctx, "m.star", []byte("kept = []\ndef grow():\n    for i in range(1000000):\n        kept.append([0] * 1000)\ngrow()\n"), lang.Options{})
	if err == nil || !strings.HasPrefix(err.Error(), "m.star:") || !strings.Contains(err.Error(), "it takes more than ") {
		t.Errorf("got %v", err)
	}
}

// TestTooLate: what one operation takes is seen all the same.
func TestTooLate(t *testing.T) {
	called := make(chan struct{})
	l := memoryLimit{stop: 1, end: 2}
	ctx, done := l.watch(context.Background(), func() { close(called) })
	defer done()
	<-called
	if ctx.Err() != nil {
		t.Error("there was no need to stop it between steps")
	}
}
