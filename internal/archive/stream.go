package archive

import (
	"archive/tar"
	"bufio"
	"errors"
	"fmt"
	"io"
)

// readTar decompresses what is in r, if it needs to be, and lets walk read it as
// a tar stream. Then it makes sure of what archive/tar leaves open: that the
// archive had its end marker, and that the decompressor got to see its checksum.
func (u *unpacker) readTar(r io.Reader, walk func(*tar.Reader) error) error {
	in := bufio.NewReaderSize(r, readBuffer)
	head, err := in.Peek(magicSize)
	if err != nil && err != io.EOF {
		return err
	}
	s := &stream{r: in, limit: u.streamLimit()}
	if name, decode := sniff(head, u.o.XZ); decode != nil {
		s.r = u.startStage(name, decode, in)
	}
	if err := walk(tar.NewReader(s)); err != nil {
		return s.cause(err)
	}
	if s.ended {
		return errors.New("the tar archive is cut short: it has no end marker")
	}
	_, err = io.Copy(io.Discard, s)
	return err
}

// startStage decodes in a goroutine that ends with the unpacker's context.
func (u *unpacker) startStage(name string, decode decoder, in io.Reader) io.Reader {
	p := newPipe(u.ctx)
	u.stages.Go(func() {
		err := decode(u.ctx, in, p)
		if err != nil && u.ctx.Err() == nil {
			err = fmt.Errorf("the %s data is damaged or cut short: %w", name, oneLine(err))
		}
		p.closeWrite(err)
	})
	return p
}

// A stream is what the tar reader sees. It remembers whether it came to its end:
// archive/tar stops before, at the two zero blocks of the end marker, or takes the
// stream's end for the archive's, which is how a cut archive looks whole.
type stream struct {
	r     io.Reader
	limit int64
	ended bool
	err   error // other than the end
}

func (s *stream) Read(p []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	n, err := s.r.Read(p)
	if s.limit -= int64(n); s.limit < 0 {
		s.err = errors.New("far more data than the limits for an archive allow")
		return 0, s.err
	}
	switch {
	case n > 0:
		return n, nil // an error that came along comes again
	case err == io.EOF:
		s.ended = true
	case err != nil:
		s.err = err
	}
	return 0, err
}

// cause prefers why the stream failed to what the tar reader made of it.
func (s *stream) cause(err error) error {
	var e *entryError
	switch {
	case s.err != nil:
		return s.err
	case errors.As(err, &e):
		return err
	case errors.Is(err, tar.ErrHeader):
		return errors.New("not a tar archive, or a damaged one; known are tar, plain or packed by gzip, bzip2, xz or zstd, and .deb")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("the tar archive is cut short: %w", err)
	}
	return err
}
