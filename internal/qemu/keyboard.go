package qemu

import (
	"io"
	"sync"
)

// keyboard types into the guest from a goroutine of its own. A guest that does
// not read blocks QEMU, then the pipe, then whoever writes; were that the
// goroutine that also reads the console, both sides would wait for ever.
type keyboard struct {
	mu      sync.Mutex
	wake    *sync.Cond
	pending []byte
	writing bool
	closed  bool
}

func newKeyboard(w io.Writer) *keyboard {
	k := new(keyboard)
	k.wake = sync.NewCond(&k.mu)
	go k.pump(w)
	return k
}

// send queues p. It never blocks.
func (k *keyboard) send(p []byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.pending = append(k.pending, p...)
	k.wake.Signal()
}

// idle reports whether all that was sent has left for the guest.
func (k *keyboard) idle() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.pending) == 0 && !k.writing
}

func (k *keyboard) close() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.closed = true
	k.wake.Signal()
}

func (k *keyboard) pump(w io.Writer) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for {
		for len(k.pending) == 0 && !k.closed {
			k.wake.Wait()
		}
		if k.closed {
			return
		}
		p := k.pending
		k.pending, k.writing = nil, true
		k.mu.Unlock()
		_, err := w.Write(p)
		k.mu.Lock()
		k.writing = false
		if err != nil {
			// The guest is gone. The console says so, with the reason.
			k.closed = true
		}
	}
}
