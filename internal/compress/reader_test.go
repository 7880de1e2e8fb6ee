package compress

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"testing/iotest"

	"github.com/pierrec/lz4/v4"
	xzlib "github.com/ulikunitz/xz"
)

func TestReadsWhatToolsWrite(t *testing.T) {
	data := append(words(50_000), noise(50_000)...)
	for _, d := range decoders(t) {
		t.Run(d.name, func(t *testing.T) {
			args := map[string][]string{"lz4": {"-l", "-c"}}[d.format]
			if args == nil {
				args = []string{"-c"}
			}
			in := filter(t, data, d.format, args...)
			twice := append(bytes.Clone(in), in...) // joined files are one file, for each of these formats
			if got, err := unpack(d.format, d.program, in); err != nil || !bytes.Equal(got, data) {
				t.Errorf("%d bytes of %d: %v", len(got), len(data), err)
			}
			if got, err := unpack(d.format, d.program, twice); err != nil || len(got) != 2*len(data) {
				t.Errorf("joined: %d bytes of %d: %v", len(got), 2*len(data), err)
			}
		})
	}
}

// Cut anywhere, data is not whole. (lz4 between two blocks is the known gap: the
// magic number alone is an empty frame.) The steps keep the test quick.
func TestTruncated(t *testing.T) {
	data := append(words(3_000), noise(300)...)
	for _, d := range decoders(t) {
		t.Run(d.name, func(t *testing.T) {
			in := packed(t, d.format, data)
			step := map[string]int{"gzip": 1, "zstd": 3, "bzip2": 11, "xz": 5, "lz4": 97}[d.format]
			if d.program != "" {
				step = 97 // a process each
			}
			for n := 0; n < len(in); n += step {
				if got, err := unpack(d.format, d.program, in[:n]); err == nil {
					t.Fatalf("cut at %d of %d: %d bytes and no error", n, len(in), len(got))
				}
			}
		})
	}
}

func TestGarbageBehind(t *testing.T) {
	data := words(3_000)
	for _, d := range decoders(t) {
		t.Run(d.name, func(t *testing.T) {
			in := packed(t, d.format, data)
			for _, tail := range []string{"x", "garbage of more than a few bytes, it may look like a header", "\x01\x02\x03\x04\x05\x06\x07\x08"} {
				if _, err := unpack(d.format, d.program, append(bytes.Clone(in), tail...)); err == nil {
					t.Errorf("%d bytes of garbage and no error", len(tail))
				}
			}
		})
	}
}

// One flipped bit never gives other data without an error. A header has bits that
// mean nothing for the data (gzip's time and system), so equal data is fine.
func TestFlippedBits(t *testing.T) {
	data := append(words(2_000), noise(200)...)
	for _, d := range decoders(t) {
		if d.format == "lz4" {
			continue // has no checksum
		}
		t.Run(d.name, func(t *testing.T) {
			in := packed(t, d.format, data)
			step := map[string]int{"gzip": 1, "zstd": 3, "bzip2": 11, "xz": 5}[d.format]
			if d.program != "" {
				step = 131
			}
			for n := 0; n < len(in); n += step {
				bad := bytes.Clone(in)
				bad[n] ^= 1 << (n % 8)
				if got, err := unpack(d.format, d.program, bad); err == nil && !bytes.Equal(got, data) {
					t.Fatalf("bit flipped in byte %d of %d: %d wrong bytes and no error", n, len(in), len(got))
				}
			}
		})
	}
}

func TestWrongFormat(t *testing.T) {
	ctx := context.Background()
	for _, c := range []struct{ format, in, want string }{
		{"xz", "\x1f\x8b\x08", "not xz data but gzip"},
		{"gzip", "hello", "not gzip data; it begins with 68 65"},
		{"zstd", "", "the input is empty"},
		{"lzma", "x", "unknown compression"},
		{"lz4", "\x04\x22\x4d\x18", "not lz4 data"}, // the newer frame
	} {
		_, err := NewReader(ctx, bytes.NewReader([]byte(c.in)), c.format, "")
		wantError(t, err, c.want)
	}
	var modern bytes.Buffer
	w := lz4.NewWriter(&modern)
	w.Write(words(100))
	w.Close()
	_, err := NewReader(ctx, &modern, "lz4", "")
	wantError(t, err, "not lz4 data")
}

// A few bytes must not make the decoder ask for a huge dictionary.
func TestXZDictionaryBomb(t *testing.T) {
	for _, d := range decoders(t) {
		if d.format != "xz" {
			continue
		}
		t.Run(d.name, func(t *testing.T) {
			for size, ok := range map[int]bool{64 << 20: true, 256 << 20: false} {
				_, err := unpack("xz", d.program, xzWithDictionary(t, size))
				if (err == nil) != ok {
					t.Errorf("dictionary of %d MiB: %v", size>>20, err)
				}
			}
		})
	}
}

// xzWithDictionary packs with a small dictionary and then claims another one.
func xzWithDictionary(t *testing.T, size int) []byte {
	var out bytes.Buffer
	w, err := xzlib.WriterConfig{CheckSum: xzlib.CRC32, DictCap: 1 << 20}.NewWriter(&out)
	if err != nil {
		t.Fatal(err)
	}
	w.Write(words(100))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	b := out.Bytes()
	code := byte(0)
	for 1<<(code/2+12) < size {
		code += 2
	}
	b[16] = code
	patchBlockCRC(b)
	return b
}

func TestCloseBeforeTheEnd(t *testing.T) {
	data := words(300_000)
	for _, d := range decoders(t) {
		t.Run(d.name, func(t *testing.T) {
			in := packed(t, d.format, data)
			open := func() io.ReadCloser {
				r, err := NewReader(context.Background(), bytes.NewReader(in), d.format, d.program)
				if err != nil {
					t.Fatal(err)
				}
				return r
			}
			r := open()
			r.Read(make([]byte, 10))
			wantError(t, r.Close(), "not read to its end")
			if err := r.Close(); err != nil {
				t.Errorf("second Close: %v", err)
			}
			// All bytes but not yet the end: Close looks.
			r = open()
			if _, err := io.ReadFull(r, make([]byte, len(data))); err != nil {
				t.Fatal(err)
			}
			if err := r.Close(); err != nil {
				t.Errorf("Close after the last byte: %v", err)
			}
		})
	}
}

func TestCancel(t *testing.T) {
	for _, d := range decoders(t) {
		t.Run(d.name, func(t *testing.T) {
			in := packed(t, d.format, words(2<<20))
			ctx, cancel := context.WithCancel(context.Background())
			r, err := NewReader(ctx, bytes.NewReader(in), d.format, d.program)
			if err != nil {
				t.Fatal(err)
			}
			r.Read(make([]byte, 10))
			cancel()
			if _, err := io.ReadAll(r); !errors.Is(err, context.Canceled) {
				t.Errorf("after cancel: %v", err)
			}
			if err := r.Close(); !errors.Is(err, context.Canceled) {
				t.Errorf("Close after cancel: %v", err)
			}
		})
	}
}

func TestSourceFails(t *testing.T) {
	broken := errors.New("cable pulled")
	for _, d := range decoders(t) {
		t.Run(d.name, func(t *testing.T) {
			in := packed(t, d.format, noise(300_000))
			r, err := NewReader(context.Background(), io.MultiReader(bytes.NewReader(in[:200_000]), iotest.ErrReader(broken)), d.format, d.program)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.ReadAll(r); !errors.Is(err, broken) {
				t.Errorf("the cause is lost: %v", err)
			}
			if err := r.Close(); !errors.Is(err, broken) {
				t.Errorf("Close: %v", err)
			}
		})
	}
}

// A program that is not there, or fails without a word, is told.
func TestXZProgramFails(t *testing.T) {
	in := pack(t, "xz", words(100), 100)
	_, err := NewReader(context.Background(), bytes.NewReader(in), "xz", "/nonexistent/xz")
	wantError(t, err, "/nonexistent/xz")

	quiet := filepath.Join(t.TempDir(), "xz")
	if err := os.WriteFile(quiet, []byte("#!/bin/sh\nexit 3\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	_, err = unpack("xz", quiet, in)
	wantError(t, err, "exit status 3")
}

// Options in the environment would change what the child does.
func TestXZEnvironment(t *testing.T) {
	program := tool(t, "xz")
	t.Setenv("XZ_OPT", "--no-such-option")
	t.Setenv("XZ_DEFAULTS", "--no-such-option")
	if _, err := unpack("xz", program, pack(t, "xz", words(100), 100)); err != nil {
		t.Fatal(err)
	}
}
