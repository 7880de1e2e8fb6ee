package cpio

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
)

// The magic numbers that the kernel takes; with the second, headers have checksums.
const magicChecksum = "070702"

// A Loose reads archives that something else wrote, as the kernel does (init/initramfs.c): archives one after the other with zeros
// between them, hard links, names in any spelling. It stops where something begins that is no archive, which may be a
// compressed one. What the kernel passes over in silence it leaves out.
type Loose struct {
	in     *bufio.Reader
	offset int64            // of what is read next: headers lie at multiples of 4 of it
	links  map[inode]string // the first name of each file that has several
	last   *body            // of the entry before; nil if it had none
}

// NewLoose returns a Loose on r, the place offset of a buffer.
func NewLoose(r *bufio.Reader, offset int64) *Loose {
	return &Loose{in: r, offset: offset, links: map[inode]string{}}
}

// Offset is how far the buffer has been read.
func (l *Loose) Offset() int64 { return l.offset }

// Next returns the next entry, and its content, to be read before the next call. An entry that is another name of a file has that
// file's first name as its Linkname, and a content if it is the one of them that has it. io.EOF means that no archive follows.
func (l *Loose) Next() (*Entry, io.Reader, error) {
	for {
		if b := l.last; b != nil {
			l.last = nil
			if err := l.skip(b.left + int64(b.pad)); err != nil {
				return nil, nil, err
			}
		}
		if err := l.zeros(); err != nil {
			return nil, nil, err
		}
		if next, err := l.in.Peek(1); err != nil || next[0] != '0' || l.offset&3 != 0 {
			return nil, nil, io.EOF
		}
		e, content, err := l.entry()
		if e != nil || err != nil {
			return e, content, err
		}
	}
}

// zeros skips zero bytes.
func (l *Loose) zeros() error {
	for {
		b, err := l.in.ReadByte()
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		case b != 0:
			return l.in.UnreadByte()
		}
		l.offset++
	}
}

// entry reads one entry; nil for one of which the kernel makes nothing.
func (l *Loose) entry() (*Entry, io.Reader, error) {
	field, err := l.header()
	if err != nil {
		return nil, nil, err
	}
	size := int64(field[fieldSizeOf])
	rest := int64(padding(int64(headerSize)+int64(field[fieldNameSize]))) + int64(field[fieldNameSize])
	if field[fieldNameSize] == 0 || field[fieldNameSize] > pathMax {
		return nil, nil, l.skip(rest + size + int64(padding(size)))
	}
	raw := make([]byte, rest)
	if err := l.read(raw); err != nil {
		return nil, nil, err
	}
	raw, _, _ = bytes.Cut(raw[:field[fieldNameSize]], []byte{0})
	if string(raw) == trailerName {
		clear(l.links)
		return nil, nil, l.skip(size + int64(padding(size)))
	}
	e := &Entry{
		Name: strings.TrimPrefix(path.Clean("/"+string(raw)), "/"), Mode: field[fieldMode], UID: field[fieldUID], GID: field[fieldGID],
		MTime: field[fieldMTime],
	}
	switch e.kind() {
	case TypeRegular:
		e.Size = size
		e.Linkname = l.first(e, field)
		l.last = &body{l, size, padding(size)}
		return e, l.last, nil
	case TypeSymlink:
		if size > pathMax {
			return nil, nil, l.skip(size + int64(padding(size)))
		}
		target := make([]byte, size+int64(padding(size)))
		if err := l.read(target); err != nil {
			return nil, nil, err
		}
		target, _, _ = bytes.Cut(target[:size], []byte{0})
		e.Linkname = string(target)
		return e, nil, nil
	case TypeBlock, TypeChar:
		e.Major, e.Minor = field[fieldMajor], field[fieldMinor]
	case TypeDir, TypeFIFO, TypeSocket:
	default:
		e = nil
	}
	if size > 0 {
		e = nil // of a kind that has no content
	}
	return e, nil, l.skip(size + int64(padding(size)))
}

// header reads the fields of a header.
func (l *Loose) header() (field [fieldCount]uint32, err error) {
	var raw [headerSize]byte
	if err := l.read(raw[:]); err != nil {
		return field, err
	}
	switch got := string(raw[:magicSize]); got {
	case magic, magicChecksum:
	case "070707":
		return field, errors.New("incorrect cpio method used: use -H newc option")
	default:
		return field, errors.New("no cpio magic")
	}
	for i := range field {
		digits := string(raw[magicSize+i*fieldSize:][:fieldSize])
		v, err := strconv.ParseUint(digits, 16, 32)
		if err != nil {
			return field, fmt.Errorf("field %d of a header is %q, not 8 hexadecimal digits", i+1, digits)
		}
		field[i] = uint32(v)
	}
	return field, nil
}

// first is the first name of a file that has several; "" for that itself, and for other files.
func (l *Loose) first(e *Entry, field [fieldCount]uint32) string {
	if field[fieldLinks] < 2 {
		return ""
	}
	id := inode{field[fieldDevMajor], field[fieldDevMinor], field[fieldInode], e.kind()}
	first, ok := l.links[id]
	if !ok {
		l.links[id] = e.Name
	}
	return first
}

func (l *Loose) read(p []byte) error {
	n, err := io.ReadFull(l.in, p)
	l.offset += int64(n)
	return cutShort(err)
}

func (l *Loose) skip(n int64) error {
	done, err := io.CopyN(io.Discard, l.in, n)
	l.offset += done
	return cutShort(err)
}

func cutShort(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return fmt.Errorf("the archive is cut short: %w", io.ErrUnexpectedEOF)
	}
	return err
}

// body is the content of a file; zeros follow it.
type body struct {
	l    *Loose
	left int64
	pad  int
}

func (b *body) Read(p []byte) (int, error) {
	if b.left == 0 {
		return 0, io.EOF
	}
	n, err := b.l.in.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	b.l.offset += int64(n)
	return n, cutShort(err)
}
