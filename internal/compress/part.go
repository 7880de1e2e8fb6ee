package compress

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/binary"
	"fmt"
	"io"
)

// KernelFormat is the name by which the kernel's initramfs code knows the data with this beginning, "" if it doesn't
// (compressed_formats in lib/decompress.c). Two bytes are enough. Not all of these can be read here.
func KernelFormat(head []byte) string {
	if len(head) < 2 {
		return ""
	}
	return map[string]string{
		"\x1f\x8b": "gzip", "\x1f\x9e": "gzip", "BZ": "bzip2", "\x5d\x00": "lzma", "\xfd7": "xz", "\x89L": "lzo", "\x02\x21": "lz4", "\x28\xb5": "zstd",
	}[string(head[:2])]
}

// NewPart is NewReader for data that other data may follow. taken tells, once all has been read, how many bytes of in were
// its own. What follows xz or bzip2 is taken for more of the same.
func NewPart(ctx context.Context, in *io.SectionReader, format string) (part io.ReadCloser, taken func() int64, err error) {
	length := in.Size()
	switch format {
	case "gzip":
		c := &counter{in: bufio.NewReaderSize(&source{ctx: ctx, r: in}, readBuffer)}
		z, err := gzip.NewReader(c)
		if err != nil {
			return nil, nil, (&reader{ctx: ctx, format: format}).wrap(err)
		}
		z.Multistream(false)
		return &reader{ctx: ctx, dec: z, format: format}, func() int64 { return c.n }, nil
	case "zstd":
		length, err = zstdFrame(in)
	case "lz4":
		length, err = lz4Frame(in)
	}
	if err != nil {
		return nil, nil, (&reader{ctx: ctx, format: format}).wrap(err)
	}
	part, err = NewReader(ctx, io.NewSectionReader(in, 0, length), format, "")
	return part, func() int64 { return length }, err
}

// counter counts what is read of it. The decoder of gzip reads no byte too many where it can read single ones.
type counter struct {
	in *bufio.Reader
	n  int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.in.Read(p)
	c.n += int64(n)
	return n, err
}

func (c *counter) ReadByte() (byte, error) {
	b, err := c.in.ReadByte()
	if err == nil {
		c.n++
	}
	return b, err
}

// zstdFrame is the length of a frame (RFC 8878, 3.1.1).
func zstdFrame(in io.ReaderAt) (int64, error) {
	var b [5]byte
	if _, err := in.ReadAt(b[:], 0); err != nil {
		return 0, err
	}
	flags := b[4]
	at := int64(5)
	single := flags&0x20 != 0
	if !single {
		at++ // the window
	}
	at += [4]int64{0, 1, 2, 4}[flags&3] // the dictionary
	switch size := flags >> 6; {
	case size > 0:
		at += 1 << size
	case single:
		at++
	}
	for {
		if _, err := in.ReadAt(b[:3], at); err != nil {
			return 0, err
		}
		head := uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16
		last, kind, size := head&1 != 0, head>>1&3, int64(head>>3)
		switch kind {
		case 1: // one byte, many times
			size = 1
		case 3:
			return 0, fmt.Errorf("a block of no known kind")
		}
		at += 3 + size
		if last {
			break
		}
	}
	if flags&4 != 0 {
		at += 4 // the checksum
	}
	return at, nil
}

// lz4Frame is the length of a legacy frame, which ends with the data, or where the next block has no length.
func lz4Frame(in *io.SectionReader) (int64, error) {
	var b [4]byte
	for at := int64(0); ; {
		switch _, err := in.ReadAt(b[:], at); {
		case err == io.EOF:
			return at, nil
		case err != nil:
			return 0, err
		}
		at += 4
		switch size := binary.LittleEndian.Uint32(b[:]); {
		case size == 0x184c2102: // another frame
		case size == 0:
			return at - 4, nil
		case at+int64(size) > in.Size():
			return 0, io.ErrUnexpectedEOF
		default:
			at += int64(size)
		}
	}
}
