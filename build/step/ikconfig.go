package step

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"io"
	"os"

	"mini/internal/compress"
)

// configMark stands before the configuration that a kernel holds of itself, which is packed with gzip (kernel/configs.c).
var configMark = []byte("IKCFG_ST\x1f\x8b\x08")

const (
	mostKernel = 1 << 30 // bytes of a kernel that are looked at, unpacked
	mostConfig = 4 << 20
)

// heldConfig finds the configuration that a kernel's image holds (CONFIG_IKCONFIG), as scripts/extract-ikconfig of its source
// does. It is nil if there is none, or none that can be read.
func heldConfig(ctx context.Context, path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if config := configIn(f); config != nil { // an image that isn't packed
		return config, ctx.Err()
	}
	packed, format := payload(f)
	if packed == nil {
		return nil, nil
	}
	kernel, _, err := compress.NewPart(ctx, packed, format)
	if err != nil {
		return nil, ctx.Err()
	}
	defer kernel.Close()
	return configIn(kernel), ctx.Err()
}

// payload is the kernel inside a PC's image, which the image's header tells from boot protocol 2.08 on
// (Documentation/x86/boot.rst). Behind what isn't packed with gzip stands its size.
func payload(f io.ReaderAt) (*io.SectionReader, string) {
	var head [0x250]byte
	if _, err := f.ReadAt(head[:], 0); err != nil || string(head[0x202:0x206]) != "HdrS" || binary.LittleEndian.Uint16(head[0x206:]) < 0x208 {
		return nil, ""
	}
	sectors := int64(head[0x1f1])
	if sectors == 0 {
		sectors = 4
	}
	at := (sectors+1)*512 + int64(binary.LittleEndian.Uint32(head[0x248:]))
	length := int64(binary.LittleEndian.Uint32(head[0x24c:]))
	var magic [2]byte
	if _, err := f.ReadAt(magic[:], at); err != nil {
		return nil, ""
	}
	format := compress.KernelFormat(magic[:])
	if format != "gzip" {
		length -= 4
	}
	if format == "" || length <= 0 {
		return nil, ""
	}
	return io.NewSectionReader(f, at, length), format
}

// configIn looks for a configuration in a kernel.
func configIn(kernel io.Reader) []byte {
	in := bufio.NewReaderSize(io.LimitReader(kernel, mostKernel), 1<<20)
	for {
		text, err := in.Peek(in.Size())
		if at := bytes.Index(text, configMark); at >= 0 {
			_, _ = in.Discard(at + len("IKCFG_ST"))
			return gunzip(in)
		}
		if err != nil || len(text) < len(configMark) {
			return nil
		}
		_, _ = in.Discard(len(text) - len(configMark) + 1) // the mark may lie across the end
	}
}

func gunzip(in *bufio.Reader) []byte {
	z, err := gzip.NewReader(in)
	if err != nil {
		return nil
	}
	z.Multistream(false)
	text, err := io.ReadAll(io.LimitReader(z, mostConfig))
	if err != nil {
		return nil
	}
	return text
}
