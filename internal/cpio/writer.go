package cpio

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/cavaliergopher/cpio"
)

// blockSize is what GNU cpio pads archives to.
const blockSize = 512

// A Writer writes an archive. The same entries give the same bytes: inode
// numbers count up from 1 and nothing is taken from the host.
type Writer struct {
	out   *headerFixer
	lib   *cpio.Writer
	order order
	inode int64
	buf   []byte
	err   error // sticks: half an entry can't be taken back
}

// NewWriter returns a Writer on w. Close must be called; it leaves w open.
func NewWriter(w io.Writer) *Writer {
	out := &headerFixer{w: w}
	return &Writer{out: out, lib: cpio.NewWriter(out)}
}

// Write adds an entry and, for a regular file, its content, which must have
// exactly e.Size bytes. A directory has to be written before what is in it.
// After an error the archive is unusable.
func (w *Writer) Write(ctx context.Context, e Entry) error {
	if w.err != nil {
		return w.err
	}
	if err := w.write(ctx, &e); err != nil {
		w.err = fmt.Errorf("cpio: %w", err)
	}
	return w.err
}

func (w *Writer) write(ctx context.Context, e *Entry) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := e.check(); err != nil {
		return err
	}
	if err := w.order.add(e); err != nil {
		return err
	}
	if w.inode == maxField {
		return fmt.Errorf("%q: more than 4294967295 entries; inode numbers have 32 bits", e.Name)
	}
	w.inode++

	w.out.fix(e.Major, e.Minor)
	if err := w.lib.WriteHeader(w.header(e)); err != nil {
		return fmt.Errorf("%q: %w", e.Name, err)
	}
	switch {
	case e.kind() == TypeSymlink:
		// The library ignores Header.Linkname: in newc the target is the body.
		if _, err := io.WriteString(w.lib, e.Linkname); err != nil {
			return fmt.Errorf("%q: %w", e.Name, err)
		}
	case e.Size > 0:
		return w.copyBody(ctx, e)
	}
	return nil
}

func (w *Writer) header(e *Entry) *cpio.Header {
	h := &cpio.Header{
		Name:    e.Name,
		Mode:    cpio.FileMode(e.Mode),
		Uid:     int(e.UID),
		Guid:    int(e.GID),
		ModTime: time.Unix(int64(e.MTime), 0),
		Size:    e.Size,
		Inode:   w.inode,
		// One link, so that the kernel never takes two entries for one file
		// (it compares inode numbers when there is more than one link).
		Links: 1,
		// Checksum stays 0: anything else would switch the library to another
		// magic number, for every archive this process writes afterwards.
	}
	switch e.kind() {
	case TypeDir:
		h.Links = 2
	case TypeSymlink:
		h.Size = int64(len(e.Linkname))
	}
	return h
}

// copyBody holds content and declared size against each other: a header that
// lies about the size makes the kernel read file content as the next header.
func (w *Writer) copyBody(ctx context.Context, e *Entry) (err error) {
	if e.Open == nil {
		return fmt.Errorf("%q: %d bytes are promised but there is nothing to read them from", e.Name, e.Size)
	}
	body, err := e.Open()
	if err != nil {
		return fmt.Errorf("%q: %w", e.Name, err)
	}
	defer func() {
		if cerr := body.Close(); err == nil && cerr != nil {
			err = fmt.Errorf("%q: %w", e.Name, cerr)
		}
	}()
	if w.buf == nil {
		w.buf = make([]byte, 128<<10)
	}
	var done int64
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, rerr := body.Read(w.buf)
		if done += int64(n); done > e.Size {
			return fmt.Errorf("%q: the content is longer than the %d bytes declared; did the file change meanwhile?", e.Name, e.Size)
		}
		if _, err := w.lib.Write(w.buf[:n]); err != nil {
			return fmt.Errorf("%q: %w", e.Name, err)
		}
		if rerr == io.EOF {
			break
		}
		if rerr != nil {
			return fmt.Errorf("%q: %w", e.Name, rerr)
		}
	}
	if done < e.Size {
		return fmt.Errorf("%q: the content has %d bytes, %d are declared; did the file change meanwhile?", e.Name, done, e.Size)
	}
	return nil
}

// Close writes the trailer and pads the archive with NULs to a multiple of
// 512 bytes, as GNU cpio does. It does not close the underlying writer.
func (w *Writer) Close() error {
	if w.err != nil {
		return w.err
	}
	w.out.fix(0, 0)
	err := w.lib.Close()
	if err == nil {
		_, err = io.WriteString(w.out, strings.Repeat("\x00", int(-w.out.written&(blockSize-1))))
	}
	if err != nil {
		w.err = fmt.Errorf("cpio: %w", err)
		return w.err
	}
	w.err = errors.New("cpio: write after close")
	return nil
}
