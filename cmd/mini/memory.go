package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/metrics"
	"time"
)

// memoryLimit is what a script may make mini hold while it is evaluated, in bytes. Scripts need some megabytes; what needs
// gigabytes is a slip or worse, and would take the machine with it. The step limit doesn't bound it.
type memoryLimit struct {
	stop uint64 // the evaluation is stopped between two of its steps
	end  uint64 // it was one step that went on and on, which nothing stops but the end of mini
}

func scriptMemory() memoryLimit { return memoryLimit{stop: 1 << 30, end: 2 << 30} }

// grace is how long an evaluation may go on that was interrupted: its current step can't be.
const grace = time.Second

// watch gives a context that ends when too much memory is held; done ends the watch. If the evaluation goes on all the same,
// because one operation of it does, tooLate is called: with true if it was interrupted, and with false if it holds more
// and more.
func (l memoryLimit) watch(ctx context.Context, tooLate func(interrupted bool)) (watched context.Context, done func()) {
	watched, cancel := context.WithCancelCause(ctx)
	over := make(chan struct{})
	go func() {
		tick := time.NewTicker(10 * time.Millisecond) // most evaluations are over before the first look
		defer tick.Stop()
		interrupt := ctx.Done()
		var last <-chan time.Time
		for {
			select {
			case <-over:
				return
			case <-interrupt:
				interrupt, last = nil, time.After(grace)
				continue
			case <-last:
				tooLate(true)
				return
			case <-tick.C:
			}
			switch held := heapBytes(); {
			case held > l.end:
				tooLate(false)
				return
			case held > l.stop:
				cancel(fmt.Errorf("it takes more than %d MB of memory", l.stop>>20))
			}
		}
	}()
	return watched, func() {
		close(over)
		cancel(errors.New("the evaluation is over"))
	}
}

// heapBytes is what objects take that are in use, or were until the last collection.
func heapBytes() uint64 {
	s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}

// boundedMemory watches an evaluation.
func (a *app) boundedMemory(ctx context.Context) (bounded context.Context, done func()) {
	l := scriptMemory()
	return l.watch(ctx, func(interrupted bool) {
		if interrupted {
			fmt.Fprintln(a.stderr, "mini: interrupted in the middle of one operation of the script")
			os.Exit(exitInterrupted)
		}
		fmt.Fprintf(a.stderr, "mini: one operation of the script takes more than %d MB of memory, which can't be stopped: mini ends\n", l.end>>20)
		os.Exit(exitUsage)
	})
}
