package cpio

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/cavaliergopher/cpio"
)

// A Reader reads one archive and refuses everything that the kernel would
// skip, misread or take for something else.
type Reader struct {
	in    *bufio.Reader
	lib   *cpio.Reader
	order order
	links map[inode]string // files that said they have more than one link
	left  int64            // bytes of the current body that were not read yet
	name  string           // of the current entry
	body  int64            // bytes of its body in the archive, a link's target included
	err   error            // sticks; io.EOF after a good trailer
}

// NewReader returns a Reader on r, which must hold one archive and nothing
// else than NULs after it.
func NewReader(r io.Reader) *Reader {
	// The buffer has room for the longest header and name, so that both can be
	// looked at before the library sees them.
	in := bufio.NewReaderSize(r, headerSize+pathMax+64<<10)
	return &Reader{in: in, lib: cpio.NewReader(in), links: map[inode]string{}}
}

// Next skips what is left of the current file and returns the next entry. Its
// content, if it is a regular file, comes from Read; Open is nil. At the end of
// a whole archive it returns io.EOF; a missing trailer wraps io.ErrUnexpectedEOF.
func (r *Reader) Next() (*Entry, error) {
	if r.err != nil {
		return nil, r.err
	}
	e, err := r.next()
	if err == io.EOF {
		r.err = err
	} else if err != nil {
		r.err = fmt.Errorf("cpio: %w", err)
	}
	if r.err != nil {
		return nil, r.err
	}
	return e, nil
}

func (r *Reader) next() (*Entry, error) {
	// Not left to the library: for it a body that is cut short is a clean end.
	if err := r.skipBody(); err != nil {
		return nil, err
	}
	h, err := r.peekHeader()
	if err != nil {
		return nil, err
	}
	lh, err := r.lib.Next()
	if h.name == trailerName {
		if err != io.EOF {
			return nil, fmt.Errorf("the trailer is damaged: %w", err)
		}
		return nil, r.finish(h)
	}
	if err != nil {
		return nil, fmt.Errorf("%q: %w", h.name, unexpected(err))
	}
	e := &Entry{
		Name:     h.name,
		Mode:     h.field[fieldMode],
		UID:      uint32(lh.Uid),
		GID:      uint32(lh.Guid),
		MTime:    uint32(lh.ModTime.Unix()),
		Major:    h.field[fieldMajor],
		Minor:    h.field[fieldMinor],
		Size:     lh.Size,
		Linkname: lh.Linkname,
	}
	if err := e.check(); err != nil {
		return nil, err
	}
	if err := r.order.add(e); err != nil {
		return nil, err
	}
	if err := r.checkLinks(e, h); err != nil {
		return nil, err
	}
	r.name, r.left, r.body = e.Name, e.Size, int64(h.field[fieldSizeOf])
	return e, nil
}

// Read reads from the content of the current file. It returns io.EOF after the
// declared number of bytes, and an error that wraps io.ErrUnexpectedEOF when the
// archive ends before them.
func (r *Reader) Read(p []byte) (int, error) {
	if r.err != nil && r.err != io.EOF {
		return 0, r.err
	}
	if r.left == 0 {
		return 0, io.EOF
	}
	n, err := r.lib.Read(p)
	r.left -= int64(n)
	if n > 0 || err == nil {
		return n, nil
	}
	r.err = fmt.Errorf("cpio: %w", r.cut(err))
	return 0, r.err
}

func (r *Reader) cut(err error) error {
	return fmt.Errorf("%q is cut short: %d bytes are missing: %w", r.name, r.left, unexpected(err))
}

func (r *Reader) skipBody() error {
	want := r.left
	n, err := io.CopyN(io.Discard, r.lib, want)
	if r.left = want - n; r.left > 0 {
		return r.cut(err)
	}
	return nil
}

// checkLinks refuses the second name of a file. In a group of hard links only
// the last entry has the content, so the names before it would look empty.
func (r *Reader) checkLinks(e *Entry, h *header) error {
	if h.field[fieldLinks] < 2 || e.kind() == TypeDir || e.kind() == TypeSymlink {
		return nil
	}
	id := inode{h.field[fieldDevMajor], h.field[fieldDevMinor], h.field[fieldInode], e.kind()}
	if first, ok := r.links[id]; ok {
		return fmt.Errorf("%q is a hard link to %q; write each as a file or one as a symbolic link", e.Name, first)
	}
	r.links[id] = e.Name
	return nil
}

// An inode is what the kernel compares to find hard links.
type inode struct{ major, minor, ino, kind uint32 }

// finish looks at what follows the trailer: only padding may.
func (r *Reader) finish(h *header) error {
	if h.field[fieldSizeOf] != 0 {
		return errors.New("the trailer claims to have content")
	}
	for {
		b, err := r.in.ReadByte()
		switch {
		case err == io.EOF:
			return io.EOF
		case err != nil:
			return err
		case b != 0:
			return errors.New("there is more after the archive's trailer; read each archive by itself")
		}
	}
}

// unexpected turns the end of input into the error it is in the middle of something.
func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// List reads a whole archive and returns its entries in order, without content.
func List(r io.Reader) ([]Entry, error) {
	var list []Entry
	for rd := NewReader(r); ; {
		e, err := rd.Next()
		if err == io.EOF {
			return list, nil
		}
		if err != nil {
			return nil, err
		}
		list = append(list, *e)
	}
}
