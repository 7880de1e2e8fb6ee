package compress

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
	xzdec "github.com/mikelolasagasti/xz"
	"github.com/pierrec/lz4/v4"
)

const (
	xzMaxDictionary = 64 << 20  // bytes; what xz -9 uses. A header of 64 bytes can ask for 1.5 GiB
	zstdMaxWindow   = 128 << 20 // bytes; what zstd itself takes without being asked, and the kernel
	readBuffer      = 128 << 10 // the xz decoder is ten times slower when fed small pieces
)

// NewReader returns a reader of the data in r, decompressed from "gzip", "bzip2",
// "xz", "zstd", "lz4" (the legacy frame), or "" (copied). For xz it runs the
// host's program if xzProgram is its path, which is 2.5 times as fast as the
// decoder in Go that serves otherwise.
//
// Cut data, garbage behind it and a wrong checksum are an error from Read, never
// a short io.EOF. Close returns that error again, and an error too when the data
// was not read to its end, since only there its checksum is looked at. It waits
// for the child. One case can't be seen: an lz4 legacy frame has neither a
// checksum nor an end mark, so it may be cut between two blocks of 8 MiB.
//
// When ctx ends, reads fail with its error and the child is killed; a Read of r
// that is under way is not interrupted.
func NewReader(ctx context.Context, r io.Reader, format string, xzProgram string) (io.ReadCloser, error) {
	in := bufio.NewReaderSize(&source{ctx: ctx, r: r}, readBuffer)
	if format == "" {
		return &reader{ctx: ctx, dec: in, format: "plain"}, nil
	}
	if err := checkMagic(in, format); err != nil {
		return nil, err
	}
	d := &reader{ctx: ctx, format: format}
	var err error
	switch format {
	case "gzip":
		d.dec, err = gzip.NewReader(in)
	case "bzip2":
		d.dec = bzip2.NewReader(in)
	case "xz":
		if xzProgram != "" {
			var c *child
			if c, err = startXZ(ctx, in, xzProgram); err == nil {
				d.dec, d.stop = c, c.stop
			}
		} else {
			d.dec, err = xzdec.NewReader(in, xzMaxDictionary)
		}
	case "zstd":
		var z *zstd.Decoder
		z, err = zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(zstdMaxWindow), zstd.WithDecoderLowmem(true))
		if err == nil {
			d.dec, d.stop = z, z.Close
		}
	case "lz4":
		d.dec = lz4.NewReader(in)
	}
	if err != nil {
		return nil, d.wrap(err)
	}
	return d, nil
}

// checkMagic keeps the libraries from guessing: some take an empty file for
// empty data, and lz4's would take the newer frame, which the kernel does not.
func checkMagic(in *bufio.Reader, format string) error {
	if Suffix(format) == "" {
		return unknown(format, "gzip", "bzip2", "xz", "zstd", "lz4")
	}
	head, err := in.Peek(magicSize)
	if err != nil && err != io.EOF {
		return err
	}
	switch found := Detect(head); {
	case found == format:
		return nil
	case len(head) == 0:
		return fmt.Errorf("no %s data: the input is empty: %w", format, io.ErrUnexpectedEOF)
	case found != "":
		return fmt.Errorf("this is not %s data but %s", format, found)
	default:
		return fmt.Errorf("this is not %s data; it begins with % x", format, head)
	}
}

// source is where compressed data comes from; it ends with the context.
type source struct {
	ctx context.Context
	r   io.Reader
}

func (s *source) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.r.Read(p)
}

// A reader makes one kind of the decoders' habits: errors that stick and say the
// format, and a Close that knows whether the end was seen.
type reader struct {
	ctx    context.Context
	dec    io.Reader
	stop   func() // frees what dec holds, waiting for it
	format string
	err    error
	closed bool
}

func (d *reader) Read(p []byte) (int, error) {
	if d.err != nil {
		return 0, d.err
	}
	if err := d.ctx.Err(); err != nil {
		d.err = err
		return 0, err
	}
	n, err := d.dec.Read(p)
	switch {
	case err == io.EOF:
		d.err = io.EOF
	case err != nil:
		d.err = d.wrap(err)
	}
	return n, d.err
}

// Close may read one byte ahead: who has read all bytes has not always seen the end.
func (d *reader) Close() error {
	if d.closed {
		return nil
	}
	if d.err == nil {
		var b [1]byte
		if n, err := io.ReadFull(d, b[:]); n > 0 && err == nil {
			d.err = fmt.Errorf("%s data was not read to its end, so its checksum was not looked at", d.format)
		}
	}
	d.closed = true
	if d.stop != nil {
		d.stop()
	}
	if d.err == io.EOF {
		d.err = errors.New("read after close")
		return nil
	}
	return d.err
}

func (d *reader) wrap(err error) error {
	if ctxErr := d.ctx.Err(); ctxErr != nil {
		return ctxErr
	}
	if err == io.EOF || errors.Is(err, xzdec.ErrBuf) {
		err = io.ErrUnexpectedEOF
	}
	// Errors may quote the data; a message stays on one line.
	if text := err.Error(); bytes.ContainsAny([]byte(text), "\n\r") {
		err = fmt.Errorf("%q", text)
	}
	return fmt.Errorf("%s data is damaged or cut short: %w", d.format, err)
}
