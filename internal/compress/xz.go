package compress

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// xzMemory bounds the child's memory: a dictionary of xzMaxDictionary and what
// the decoder needs beside it.
const xzMemory = "80MiB"

// A child is the host's xz at work. Its output is the data, and its exit status
// decides, at the end of the output, whether the data was whole.
type child struct {
	cmd    *exec.Cmd
	out    io.ReadCloser
	in     *remember
	errs   *head
	cancel context.CancelFunc
	waited bool
	err    error
}

func startXZ(ctx context.Context, in io.Reader, program string) (*child, error) {
	ctx, cancel := context.WithCancel(ctx)
	c := &child{cancel: cancel, in: &remember{r: in}, errs: &head{}}
	// --format, because xz would take the old .lzma format as well, which has
	// no checksum.
	c.cmd = exec.CommandContext(ctx, program, "--decompress", "--stdout", "--format=xz", "--memlimit-decompress="+xzMemory)
	// Nothing of the caller's environment: XZ_OPT and XZ_DEFAULTS are options too.
	c.cmd.Env = []string{"LC_ALL=C"}
	c.cmd.Stdin, c.cmd.Stderr = c.in, c.errs
	// The goroutine that feeds the child may hang in a read; don't wait for it forever.
	c.cmd.WaitDelay = 5 * time.Second
	var err error
	if c.out, err = c.cmd.StdoutPipe(); err == nil {
		err = c.cmd.Start()
	}
	if err != nil {
		cancel()
		return nil, err
	}
	return c, nil
}

func (c *child) Read(p []byte) (int, error) {
	n, err := c.out.Read(p)
	if err == nil {
		return n, nil
	}
	if werr := c.wait(); werr != nil {
		return n, werr
	}
	return n, err
}

// wait reports why the child failed, the cause before the consequence: when the
// input could not be read, xz only complains about its end.
func (c *child) wait() error {
	if c.waited {
		return c.err
	}
	c.waited = true
	err := c.cmd.Wait()
	c.cancel()
	said, ierr := c.errs.String(), c.in.failure()
	switch {
	case ierr != nil:
		c.err = ierr
	case said != "":
		c.err = errors.New(said)
	case err != nil:
		c.err = fmt.Errorf("%s: %w", c.cmd.Path, err)
	}
	return c.err
}

// stop ends the child, if it still runs, and waits for it.
func (c *child) stop() {
	c.cancel()
	_ = c.wait()
}

// remember keeps the error that reading ended with. It and head are locked: the
// goroutines that use them may outlive a child that was killed.
type remember struct {
	r   io.Reader
	mu  sync.Mutex
	err error
}

func (m *remember) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	if err != nil && err != io.EOF {
		m.mu.Lock()
		m.err = err
		m.mu.Unlock()
	}
	return n, err
}

func (m *remember) failure() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.err
}

// head keeps the first bytes of what a program says on standard error.
type head struct {
	mu sync.Mutex
	b  []byte
}

const headMax = 1 << 10

func (h *head) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.b = append(h.b, p[:min(len(p), headMax-len(h.b))]...)
	return len(p), nil
}

// String is the first line.
func (h *head) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	line, _, _ := strings.Cut(strings.TrimSpace(string(h.b)), "\n")
	return line
}
