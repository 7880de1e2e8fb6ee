package qemu

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// typed reads a terminal in a way that can be stopped. A plain blocking read
// would outlive the session and eat the first key meant for whoever reads the
// terminal next.
type typed struct {
	bytes <-chan []byte // closed when the terminal is gone or close was called
	quit  chan struct{}
	done  chan struct{}
	wake  *os.File
}

func openTyped(fd int) (*typed, error) {
	asleep, wake, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	bytes := make(chan []byte)
	t := &typed{bytes: bytes, quit: make(chan struct{}), done: make(chan struct{}), wake: wake}
	go func() {
		defer close(t.done)
		defer close(bytes)
		defer asleep.Close()
		for {
			p, err := readWhenReady(fd, int(asleep.Fd()))
			if err != nil {
				return
			}
			select {
			case bytes <- p:
			case <-t.quit:
				return
			}
		}
	}()
	return t, nil
}

// close returns when the terminal is no longer read.
func (t *typed) close() {
	close(t.quit)
	t.wake.Close()
	<-t.done
}

var errClosed = errors.New("closed")

// readWhenReady reads fd, or returns an error once the other end of wake is closed.
func readWhenReady(fd, wake int) ([]byte, error) {
	buf := make([]byte, 4096)
	for {
		fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}, {Fd: int32(wake), Events: unix.POLLIN}}
		if _, err := unix.Poll(fds, -1); err == unix.EINTR {
			continue
		} else if err != nil {
			return nil, err
		}
		if fds[1].Revents != 0 {
			return nil, errClosed
		}
		n, err := unix.Read(fd, buf)
		switch {
		case err == unix.EINTR || err == unix.EAGAIN:
			continue
		case err != nil:
			return nil, err
		case n == 0:
			return nil, errClosed
		}
		return buf[:n], nil
	}
}
