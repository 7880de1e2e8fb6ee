package archive

import (
	"context"
	"io"
)

// Decoding may run ahead of reading by this much: enough that neither side
// waits for the other's every call.
const (
	chunkSize  = 256 << 10
	chunkCount = 8
)

// A pipe carries bytes from a decoder to the tar reader. Unlike io.Pipe it has
// room inside, so that both work at the same time. Both ends give up with ctx.
type pipe struct {
	ctx  context.Context
	free chan []byte
	full chan []byte
	err  error // why full was closed; io.EOF for a good end

	chunk, rest []byte // the reader's
}

func newPipe(ctx context.Context) *pipe {
	p := &pipe{ctx: ctx, free: make(chan []byte, chunkCount), full: make(chan []byte, chunkCount)}
	for range chunkCount {
		p.free <- make([]byte, chunkSize)
	}
	return p
}

// ReadFrom is the writing end's fast way: io.Copy finds it, and the source then
// fills the pipe's own chunks.
func (p *pipe) ReadFrom(r io.Reader) (total int64, err error) {
	for {
		chunk, err := p.take()
		if err != nil {
			return total, err
		}
		n, err := r.Read(chunk)
		total += int64(n)
		if n > 0 {
			p.full <- chunk[:n] // never blocks: there are as many places as chunks
		} else {
			p.free <- chunk
		}
		if err == io.EOF {
			return total, nil
		}
		if err != nil {
			return total, err
		}
	}
}

func (p *pipe) Write(b []byte) (n int, err error) {
	for n < len(b) {
		chunk, err := p.take()
		if err != nil {
			return n, err
		}
		m := copy(chunk, b[n:])
		p.full <- chunk[:m]
		n += m
	}
	return n, nil
}

func (p *pipe) take() ([]byte, error) {
	select {
	case chunk := <-p.free:
		return chunk[:chunkSize], nil
	case <-p.ctx.Done():
		return nil, p.ctx.Err()
	}
}

// closeWrite ends the data: the reader gets what is in the pipe and then err,
// or io.EOF if that is nil.
func (p *pipe) closeWrite(err error) {
	if p.err = err; err == nil {
		p.err = io.EOF
	}
	close(p.full)
}

func (p *pipe) Read(b []byte) (int, error) {
	if len(p.rest) == 0 {
		if p.chunk != nil {
			p.free <- p.chunk
			p.chunk = nil
		}
		select {
		case chunk, ok := <-p.full:
			if !ok {
				return 0, p.err
			}
			p.chunk, p.rest = chunk, chunk
		case <-p.ctx.Done():
			return 0, p.ctx.Err()
		}
	}
	n := copy(b, p.rest)
	p.rest = p.rest[n:]
	return n, nil
}
