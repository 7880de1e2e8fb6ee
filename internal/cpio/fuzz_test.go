package cpio

import (
	"bytes"
	"context"
	"io"
	"reflect"
	"testing"
)

// Whatever the Reader accepts, the Writer can write, and it reads back the same.
func FuzzReader(f *testing.F) {
	f.Add(pack(f, sample()...))
	f.Add(pack(f))
	f.Add(raw{name: "f", field: set(fieldSizeOf, "-0000001")}.bytes())
	f.Add(raw{name: "f", body: "12345"}.bytes())
	f.Add(raw{name: "l", body: "x", field: set(fieldMode, "0000a1ff")}.bytes())
	f.Fuzz(func(t *testing.T, in []byte) {
		var out bytes.Buffer
		var first []Entry
		r, w := NewReader(bytes.NewReader(in)), NewWriter(&out)
		for {
			e, err := r.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				return
			}
			first = append(first, *e)
			e.Open = func() (io.ReadCloser, error) { return io.NopCloser(r), nil }
			if err := w.Write(context.Background(), *e); err != nil {
				if r.err != nil {
					return // the body was cut short: the Reader said so
				}
				t.Fatalf("read, but not writable: %v", err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		again, err := List(&out)
		if err != nil {
			t.Fatalf("written, but not readable: %v", err)
		}
		if !reflect.DeepEqual(first, again) {
			t.Fatalf("\n got %+v\nwant %+v", again, first)
		}
	})
}
