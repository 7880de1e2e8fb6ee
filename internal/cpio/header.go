package cpio

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
)

const magic = "070701"

// A header is what this package wants to know of the next header before the
// library parses it.
type header struct {
	field [fieldCount]uint32
	name  string
}

// peekHeader looks at the next header and name without consuming them. It is the
// guard in front of the library, which panics on a negative size, reads what is
// not hexadecimal as 0 and keeps NULs in names.
func (r *Reader) peekHeader() (*header, error) {
	pad := padding(r.body) // of the body before, still to come
	raw, err := r.peek(pad + headerSize)
	if err != nil {
		return nil, err
	}
	if !zero(raw[:pad]) {
		return nil, fmt.Errorf("the padding after %q is not zero; the header before it gives a wrong size", r.name)
	}
	if got := string(raw[pad : pad+magicSize]); got != magic {
		return nil, fmt.Errorf("no newc header where one must be (magic %q, not %q)", got, magic)
	}
	h := &header{}
	for i := range h.field {
		at := pad + magicSize + i*fieldSize
		digits := string(raw[at : at+fieldSize])
		// Not ParseInt: it takes a sign, and the library then panics.
		v, err := strconv.ParseUint(digits, 16, 32)
		if err != nil {
			return nil, fmt.Errorf("field %d of a header is %q, not 8 hexadecimal digits", i+1, digits)
		}
		h.field[i] = uint32(v)
	}
	if h.field[fieldChecksum] != 0 {
		return nil, errors.New("a header has a checksum, which newc archives don't have")
	}
	return h, r.peekName(h, pad)
}

func (r *Reader) peekName(h *header, pad int) error {
	size := int(h.field[fieldNameSize])
	if size < 2 || size > pathMax {
		return fmt.Errorf("a name of %d bytes; the kernel takes 2 to %d with the final NUL", size, pathMax)
	}
	end := pad + headerSize + size
	raw, err := r.peek(end + padding(int64(headerSize+size)))
	if err != nil {
		return err
	}
	name := raw[pad+headerSize : end]
	if bytes.IndexByte(name, 0) != size-1 {
		return fmt.Errorf("the name %q does not end with the one NUL its length says", name)
	}
	if !zero(raw[end:]) {
		return fmt.Errorf("%q: the padding after the name is not zero", name[:size-1])
	}
	h.name = string(name[:size-1])
	return nil
}

// peek is bufio's, with the two ends of input told apart.
func (r *Reader) peek(n int) ([]byte, error) {
	raw, err := r.in.Peek(n)
	if err == io.EOF {
		return nil, fmt.Errorf("the archive is cut short: it ends without a trailer: %w", io.ErrUnexpectedEOF)
	}
	return raw, err
}

// padding is the number of NULs that bring size to a multiple of 4.
func padding(size int64) int { return int(-size & 3) }

func zero(b []byte) bool { return len(bytes.Trim(b, "\x00")) == 0 }
