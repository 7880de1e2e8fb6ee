package archive

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"
	xzdec "github.com/mikelolasagasti/xz"
)

const (
	xzMaxDictionary = 64 << 20  // bytes; what xz -9 uses
	xzMemory        = "80MiB"   // for the child: that dictionary and the decoder
	zstdMaxWindow   = 128 << 20 // bytes; what zstd takes without being asked
)

// A decoder writes the decompressed data of in to out. It returns nil only when
// in was whole to its last byte; out then has everything.
type decoder func(ctx context.Context, in io.Reader, out io.Writer) error

// sniff finds the compression by magic number; a nil decoder means none.
func sniff(head []byte, xz string) (name string, d decoder) {
	switch {
	case bytes.HasPrefix(head, []byte("\x1f\x8b")):
		return "gzip", inGo(func(in io.Reader) (io.Reader, error) { return gzip.NewReader(in) })
	case bytes.HasPrefix(head, []byte("BZh")):
		return "bzip2", inGo(func(in io.Reader) (io.Reader, error) { return bzip2.NewReader(in), nil })
	case bytes.HasPrefix(head, []byte("\x28\xb5\x2f\xfd")):
		return "zstd", inGo(func(in io.Reader) (io.Reader, error) {
			return zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(zstdMaxWindow), zstd.WithDecoderLowmem(true))
		})
	case bytes.HasPrefix(head, []byte("\xfd7zXZ\x00")) && xz != "":
		return "xz", byProgram(xz)
	case bytes.HasPrefix(head, []byte("\xfd7zXZ\x00")):
		return "xz", inGo(func(in io.Reader) (io.Reader, error) { return xzdec.NewReader(in, xzMaxDictionary) })
	}
	return "", nil
}

// magicSize is what sniff has to see.
const magicSize = 6

func inGo(open func(io.Reader) (io.Reader, error)) decoder {
	return func(_ context.Context, in io.Reader, out io.Writer) error {
		r, err := open(bufio.NewReaderSize(in, readBuffer))
		if err == nil {
			_, err = io.Copy(out, struct{ io.Reader }{r})
		}
		if z, ok := r.(*zstd.Decoder); ok && z != nil {
			z.Close()
		}
		if err == io.EOF || errors.Is(err, xzdec.ErrBuf) {
			err = io.ErrUnexpectedEOF
		}
		return err
	}
}

// byProgram decodes with the host's xz as a child, which ends with ctx.
func byProgram(xz string) decoder {
	return func(ctx context.Context, in io.Reader, out io.Writer) error {
		cmd := exec.CommandContext(ctx, xz, "--decompress", "--stdout", "--format=xz", "--memlimit-decompress="+xzMemory, "--threads=0")
		// Nothing of the caller's environment: XZ_OPT and XZ_DEFAULTS are options too.
		cmd.Env = []string{"LC_ALL=C"}
		source, stderr := &remember{r: in}, &bytes.Buffer{}
		cmd.Stdin, cmd.Stderr = source, stderr
		// in always ends with ctx here; this only keeps a bug from being a hang.
		cmd.WaitDelay = 10 * time.Second
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			return err
		}
		if err := cmd.Start(); err != nil {
			return err
		}
		_, copyErr := io.Copy(out, struct{ io.Reader }{stdout})
		if copyErr != nil {
			stdout.Close() // xz stops writing, and so ends
		}
		err = cmd.Wait()
		said, _, _ := strings.Cut(strings.TrimSpace(stderr.String()), "\n")
		switch {
		case copyErr != nil:
			return copyErr
		case err == nil:
			return nil
		case source.err != nil:
			return source.err // xz itself only complains about the missing rest
		case said != "":
			return errors.New(said)
		}
		return fmt.Errorf("%s: %w", xz, err)
	}
}

// remember keeps the error that reading ended with.
type remember struct {
	r   io.Reader
	err error
}

func (m *remember) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	if err != nil && err != io.EOF {
		m.err = err
	}
	return n, err
}
