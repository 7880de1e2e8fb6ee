package cpio

import (
	"fmt"
	"io"
)

// A newc header is a magic number of 6 characters and 13 fields of 8
// hexadecimal digits each.
const (
	headerSize = 110
	magicSize  = 6
	fieldSize  = 8
)

// Fields of a header that this package reads or writes itself, in file order.
const (
	fieldInode    = 0
	fieldMode     = 1
	fieldUID      = 2
	fieldGID      = 3
	fieldLinks    = 4
	fieldMTime    = 5
	fieldSizeOf   = 6
	fieldDevMajor = 7
	fieldDevMinor = 8
	fieldMajor    = 9
	fieldMinor    = 10
	fieldNameSize = 11
	fieldChecksum = 12
	fieldCount    = 13
)

// headerFixer lies below the library and puts device numbers into the headers
// that pass, since the library's Header has no place for them. It relies on the
// library writing each header in one Write of its own, which a test pins.
type headerFixer struct {
	w            io.Writer
	armed        bool
	major, minor uint32
	written      int64
}

// fix makes the next header carry this device number.
func (f *headerFixer) fix(major, minor uint32) {
	f.armed, f.major, f.minor = true, major, minor
}

func (f *headerFixer) Write(p []byte) (int, error) {
	// Before the header the library may still owe the padding of the last body.
	if f.armed && len(p) == headerSize {
		f.armed = false
		p = append([]byte(nil), p...) // a Writer must not change its caller's bytes
		at := magicSize + fieldMajor*fieldSize
		copy(p[at:], fmt.Sprintf("%08X%08X", f.major, f.minor))
	}
	n, err := f.w.Write(p)
	f.written += int64(n)
	return n, err
}
