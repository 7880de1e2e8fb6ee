package cpio

import (
	"bufio"
	"bytes"
	"io"
	"testing"
)

// What a Writer writes, a Loose reads too; with other offsets it stops, as the kernel does.
func TestLooseReadsWhatIsWritten(t *testing.T) {
	archive := pack(t, sample()...)
	two := append(append(bytes.Clone(archive), make([]byte, 8)...), archive...)
	l := NewLoose(bufio.NewReader(bytes.NewReader(append(two, "\x1f\x8b"...))), 0)
	for range 2 {
		for _, want := range sample() {
			got, content, err := l.Next()
			if err != nil {
				t.Fatalf("%s: %v", want.Name, err)
			}
			if name := want.Name; name != got.Name && !(name == "." && got.Name == "") || got.Mode != want.Mode || got.Size != want.Size ||
				got.UID != want.UID || got.GID != want.GID || got.MTime != want.MTime || got.Major != want.Major || got.Minor != want.Minor || got.Linkname != want.Linkname {
				t.Errorf("got %+v\nwant %+v", *got, want)
			}
			if want.Size == 0 || want.Size%2 == 0 { // nobody has to read it
				continue
			}
			body, _ := want.Open()
			expect, _ := io.ReadAll(body)
			if text, err := io.ReadAll(content); err != nil || !bytes.Equal(text, expect) {
				t.Errorf("%s has content %q, want %q, %v", want.Name, text, expect, err)
			}
		}
	}
	if _, _, err := l.Next(); err != io.EOF || l.Offset() != int64(len(two)) {
		t.Errorf("at the end: %v, at %d of %d", err, l.Offset(), len(two))
	}
	l = NewLoose(bufio.NewReader(bytes.NewReader(archive)), 2)
	if _, _, err := l.Next(); err != io.EOF || l.Offset() != 2 {
		t.Errorf("a header at no multiple of 4: %v, at %d", err, l.Offset())
	}
}

func FuzzLoose(f *testing.F) {
	f.Add([]byte("070701"))
	f.Fuzz(func(t *testing.T, data []byte) {
		l := NewLoose(bufio.NewReader(bytes.NewReader(data)), 0)
		for {
			_, content, err := l.Next()
			if err != nil {
				break
			}
			if content != nil {
				_, _ = io.Copy(io.Discard, content)
			}
		}
		if l.Offset() > int64(len(data)) {
			t.Errorf("read %d of %d bytes", l.Offset(), len(data))
		}
	})
}
