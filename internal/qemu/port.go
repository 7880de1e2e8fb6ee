package qemu

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// port is a serial port of a guest with a shell behind it.
type port interface {
	send(p []byte)
	// next waits for what the port says. With patience > 0 it returns nil after that much silence.
	next(ctx context.Context, patience time.Duration) ([]byte, error)
}

// firstPort is the console as a port.
type firstPort struct{ *console }

func (p firstPort) next(ctx context.Context, patience time.Duration) ([]byte, error) {
	ev, err := p.console.next(ctx, patience, nil)
	return ev.data, err
}

// secondPort is a further serial port of a guest. What the console says meanwhile goes where it always goes, and when the
// guest dies, the console says so.
type secondPort struct {
	c      *console
	file   *os.File
	keys   *keyboard
	chunks chan []byte // nil once QEMU has closed its end
}

// socketPair is a connection of which QEMU gets the far end.
func socketPair(name string) (near, far *os.File, err error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("a socket for the %s: %w", name, err)
	}
	// Non-blocking, so that closing it wakes who reads.
	if err := unix.SetNonblock(fds[0], true); err != nil {
		return nil, nil, err
	}
	return os.NewFile(uintptr(fds[0]), name), os.NewFile(uintptr(fds[1]), name), nil
}

func newSecondPort(c *console, file *os.File) *secondPort {
	p := &secondPort{c: c, file: file, keys: newKeyboard(file), chunks: make(chan []byte)}
	go listen(file, p.chunks, c.quit)
	return p
}

// close is called when the console is off.
func (p *secondPort) close() {
	p.keys.close()
	p.file.Close()
}

func (p *secondPort) send(text []byte) { p.keys.send(text) }

func (p *secondPort) next(ctx context.Context, patience time.Duration) ([]byte, error) {
	since := time.Now()
	for {
		wait := time.Duration(0)
		if patience > 0 { // what the console says is no answer
			if wait = patience - time.Since(since); wait <= 0 {
				return nil, nil
			}
		}
		ev, err := p.c.next(ctx, wait, p.chunks)
		switch {
		case err != nil:
			return nil, err
		case ev.kind == silent:
			return nil, nil
		case ev.kind == input:
			p.c.hush()
			return ev.data, nil
		case ev.kind == noInput:
			p.chunks = nil // the console tells why
		}
	}
}

// secondArgs are QEMU's arguments for one more serial port, which is the connection with its descriptor 3, and the guest's
// name of it: the machine may have others already.
func (m Machine) secondArgs() (args []string, device string) {
	n := 1
	for _, arg := range m.Args {
		if arg == "-serial" || arg == "--serial" {
			n++
		}
	}
	return []string{"-chardev", "socket,id=second,fd=3", "-serial", "chardev:second"}, fmt.Sprintf("/dev/ttyS%d", n)
}

// shellLines are typed at a prompt of the console to start a shell behind another serial port. Nothing but a shell is
// needed: where there is no stty, the port's echo does no harm. Short lines, because BusyBox may read no more than 128 bytes.
func shellLines(device string) []string {
	minor := 64 + int(device[len(device)-1]-'0') // Documentation/admin-guide/devices.txt of Linux
	return []string{
		fmt.Sprintf("_t=%s;test -c $_t||mknod $_t c 4 %d", device, minor),
		// In parentheses, so that the console's shell has no job to tell about. A loop, because a new shell would take a
		// terminal for a person's, and wait for ever to be in its foreground.
		`( (exec <$_t >$_t 2>&1;stty raw -echo;while IFS= read -r _l;do eval "$_l";done)&)`,
	}
}

// noPort is the verdict for a guest whose second port gives no answer.
func noPort(device, line string) *GuestError {
	return &GuestError{
		Verdict: NoChannel, Line: strings.TrimSpace(line),
		What: "no shell answers at the guest's second serial port " + device,
		Hint: "the kernel needs CONFIG_SERIAL_8250_NR_UARTS and _RUNTIME_UARTS of 2 or more, the image /dev (a devtmpfs) and sh; vm.send and vm.expect do without",
	}
}
