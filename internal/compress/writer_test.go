package compress

import (
	"bytes"
	"runtime"
	"testing"

	"github.com/klauspost/compress/zstd"
	xzlib "github.com/ulikunitz/xz"
)

// zeros is a size with more than one block of the format, or one window.
func zeros(format string) int {
	if format == "lz4" || format == "zstd" {
		return 8<<20 + 1
	}
	return 300_000
}

func TestRoundTrip(t *testing.T) {
	for _, format := range append(written, "") {
		for name, data := range map[string][]byte{
			"nothing": nil, "a byte": {'x'}, "words": words(50_000), "noise": noise(70_000), "zeros": make([]byte, zeros(format)),
		} {
			if len(data) == 0 && format == "" {
				continue
			}
			got, err := unpack(format, "", pack(t, format, data, 1<<20))
			if err != nil || !bytes.Equal(got, data) {
				t.Errorf("%s, %s: %d bytes, want %d: %v", format, name, len(got), len(data), err)
			}
		}
	}
}

// The host's own programs read what we write.
func TestToolsReadIt(t *testing.T) {
	for format, program := range map[string]string{"gzip": "gzip", "xz": "xz", "zstd": "zstd", "lz4": "lz4"} {
		t.Run(format, func(t *testing.T) {
			for _, data := range [][]byte{nil, words(50_000), noise(70_000), make([]byte, zeros(format))} {
				if format == "lz4" && len(data) == 0 {
					continue // its empty frame is the magic number alone
				}
				if got := filter(t, pack(t, format, data, 1000), program, "-dc"); !bytes.Equal(got, data) {
					t.Errorf("%s gave %d bytes, not the %d packed", program, len(got), len(data))
				}
			}
		})
	}
}

// The same data gives the same bytes: however it arrives, on any machine.
func TestDeterministic(t *testing.T) {
	data := append(append(words(60_000), noise(70_000)...), make([]byte, 60_000)...)
	for _, format := range written {
		t.Run(format, func(t *testing.T) {
			want := pack(t, format, data, len(data))
			for _, step := range []int{7, 4096, 65536, 100_003} {
				if got := pack(t, format, data, step); !bytes.Equal(got, want) {
					t.Errorf("written %d bytes at a time: %d bytes, not the same as the %d", step, len(got), len(want))
				}
			}
			before := runtime.GOMAXPROCS(0)
			defer runtime.GOMAXPROCS(before)
			for _, procs := range []int{1, 8} {
				runtime.GOMAXPROCS(procs)
				if got := pack(t, format, data, 4096); !bytes.Equal(got, want) {
					t.Errorf("GOMAXPROCS %d gives other bytes", procs)
				}
			}
		})
	}
}

// What the kernel's decoders insist on.
func TestKernelLimits(t *testing.T) {
	data := words(100_000)

	gz := pack(t, "gzip", data, 4096)
	if flags, mtime := gz[3], gz[4:8]; flags != 0 || !bytes.Equal(mtime, make([]byte, 4)) {
		t.Errorf("gzip header has a name or a time: % x", gz[:10])
	}

	x := pack(t, "xz", data, 4096)
	if x[7] != xzlib.CRC32 {
		t.Errorf("xz check type %d; the kernel knows 1 (CRC32) only", x[7])
	}

	big := pack(t, "zstd", make([]byte, zeros("zstd")), 1<<20)
	var h zstd.Header
	if err := h.Decode(big); err != nil {
		t.Fatal(err)
	}
	if h.WindowSize != zstdWindow || !h.HasCheckSum {
		t.Errorf("zstd window %d, checksum %v; want %d, true", h.WindowSize, h.HasCheckSum, zstdWindow)
	}

	if l := pack(t, "lz4", data, 4096); Detect(l) != "lz4" {
		t.Errorf("lz4 begins with % x: not the legacy frame", l[:4])
	}
}

// Small and quick data of its own, since the kernel needs the dictionary in memory.
func TestXZDictionary(t *testing.T) {
	x := pack(t, "xz", words(10_000), 4096)
	// Stream header 12 bytes, then the block header: size, flags, filter 0x21,
	// one property byte, the dictionary's size as 2^(b/2+12) for an even b.
	if filter, size := x[14], x[16]; filter != 0x21 || size != 16 {
		t.Errorf("filter %#x, dictionary code %d; want LZMA2 with 16 (1 MiB)", filter, size)
	}
}

func TestWriterRefuses(t *testing.T) {
	for _, format := range []string{"bzip2", "lzma", "GZIP", "gz"} {
		_, err := NewWriter(nil, format)
		wantError(t, err, "unknown compression")
	}
}

func TestSuffixAndDetect(t *testing.T) {
	for format, suffix := range map[string]string{"": "", "gzip": ".gz", "xz": ".xz", "zstd": ".zst", "lz4": ".lz4", "bzip2": ".bz2", "rar": ""} {
		if got := Suffix(format); got != suffix {
			t.Errorf("Suffix(%q) = %q, want %q", format, got, suffix)
		}
	}
	for _, format := range written {
		if got := Detect(pack(t, format, []byte("x"), 1)); got != format {
			t.Errorf("Detect of %s: %q", format, got)
		}
	}
	for _, head := range []string{"", "\x1f", "070701", "BZ", "\xfd7zXZ"} {
		if got := Detect([]byte(head)); got != "" {
			t.Errorf("Detect(%q) = %q", head, got)
		}
	}
}

// What is packed quickly is the same format, and the same bytes however it arrives.
func TestQuickWriter(t *testing.T) {
	data := append(words(60_000), noise(70_000)...)
	quick := func(step int) []byte {
		var b bytes.Buffer
		w, err := NewQuickWriter(&b)
		if err != nil {
			t.Fatal(err)
		}
		for rest := data; len(rest) > 0; {
			n, err := w.Write(rest[:min(step, len(rest))])
			if err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	want := quick(len(data))
	if got, err := unpack("zstd", "", want); err != nil || !bytes.Equal(got, data) {
		t.Errorf("%d bytes, want %d: %v", len(got), len(data), err)
	}
	if !bytes.Equal(quick(1000), want) {
		t.Error("written in pieces it is other bytes")
	}
}
