package compress

import (
	"bytes"
	"io"
	"testing"
)

func TestPartEndsWhereItsDataEnds(t *testing.T) {
	data := append(words(300_000), noise(200_000)...)
	for _, format := range []string{"gzip", "zstd", "lz4", "xz"} {
		for _, content := range [][]byte{data, data[:10], nil} {
			var packed bytes.Buffer
			w, err := NewWriter(&packed, format)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write(content); err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			length := packed.Len()
			if format != "xz" {
				packed.WriteString("\x00\x00\x00\x00070701 and so on")
			}
			if format == "lz4" && content == nil {
				continue // nothing at all
			}
			in := io.NewSectionReader(bytes.NewReader(packed.Bytes()), 0, int64(packed.Len()))
			r, taken, err := NewPart(t.Context(), in, format)
			if err != nil {
				t.Fatalf("%s: %v", format, err)
			}
			got, err := io.ReadAll(r)
			if err != nil || !bytes.Equal(got, content) || taken() != int64(length) {
				t.Errorf("%s of %d bytes: got %d, took %d of %d, %v", format, len(content), len(got), taken(), length, err)
			}
			if err := r.Close(); err != nil {
				t.Error(err)
			}
			for _, cut := range []int{1, 3, 5, 8, length / 2, length - 1} {
				in := io.NewSectionReader(bytes.NewReader(packed.Bytes()), 0, int64(min(cut, length-1)))
				r, _, err := NewPart(t.Context(), in, format)
				if err == nil {
					_, err = io.Copy(io.Discard, r)
				}
				if err == nil && !(format == "lz4" && cut < 8) { // the magic number alone is an empty frame
					t.Errorf("%s of %d bytes, cut at %d of %d: no error", format, len(content), cut, length)
				}
			}
		}
	}
}
