package cpio

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
)

func TestWriterRefuses(t *testing.T) {
	sized := func(size int64, content string) Entry {
		e := text("f", 0o644, content)
		e.Size = size
		return e
	}
	long := strings.TrimSuffix(strings.Repeat("d/", 2048), "/") // 4095 bytes fit, more don't
	broken := errors.New("disk on fire")
	failing := func(err error) Entry {
		e := text("f", 0o644, "x")
		e.Open = func() (io.ReadCloser, error) { return nil, err }
		return e
	}
	for name, c := range map[string]struct {
		entries []Entry
		want    string
	}{
		"4 GiB":                  {[]Entry{sized(1<<32, "")}, "below 4 GiB"},
		"4 GiB + 5":              {[]Entry{sized(1<<32+5, "")}, "below 4 GiB"},
		"negative size":          {[]Entry{sized(-1, "")}, "negative"},
		"content too short":      {[]Entry{sized(5, "1234")}, "has 4 bytes, 5 are declared"},
		"content too long":       {[]Entry{sized(3, "1234")}, "longer than the 3 bytes"},
		"no content":             {[]Entry{{Name: "f", Mode: TypeRegular, Size: 1}}, "nothing to read them from"},
		"open fails":             {[]Entry{failing(broken)}, "disk on fire"},
		"no name":                {[]Entry{text("", 0o644, "")}, "no name"},
		"absolute":               {[]Entry{text("/init", 0o755, "")}, "drop the leading slash"},
		"dot slash":              {[]Entry{text("./init", 0o755, "")}, `write the name as "init"`},
		"double slash":           {[]Entry{dir("a"), text("a//b", 0o755, "")}, `write the name as "a/b"`},
		"trailing slash":         {[]Entry{dir("a/")}, `write the name as "a"`},
		"dot dot":                {[]Entry{dir("a"), text("a/../init", 0o755, "")}, `".."`},
		"only dot dot":           {[]Entry{dir("..")}, `".."`},
		"NUL in name":            {[]Entry{text("a\x00b", 0o644, "")}, "NUL"},
		"trailer's name":         {[]Entry{text("TRAILER!!!", 0o644, "")}, "end of an archive"},
		"name over PATH_MAX":     {[]Entry{text(long+"x", 0o644, "")}, "4096 bytes; the kernel takes 4095"},
		"part over NAME_MAX":     {[]Entry{text(strings.Repeat("n", 256), 0o644, "")}, "the kernel takes 255"},
		"root is a file":         {[]Entry{text(".", 0o644, "")}, "only be a directory"},
		"no type":                {[]Entry{{Name: "f", Mode: 0o644}}, "no known file type"},
		"unknown type":           {[]Entry{{Name: "f", Mode: 0o170644}}, "no known file type"},
		"bits beyond the type":   {[]Entry{{Name: "f", Mode: 0o1000000 | TypeRegular}}, "bits that no file has"},
		"uid -1":                 {[]Entry{{Name: "f", Mode: TypeRegular, UID: math.MaxUint32}}, "no user or group"},
		"gid -1":                 {[]Entry{{Name: "f", Mode: TypeRegular, GID: math.MaxUint32}}, "no user or group"},
		"directory with size":    {[]Entry{{Name: "d", Mode: TypeDir, Size: 1}}, "only a regular file has content"},
		"file with target":       {[]Entry{{Name: "f", Mode: TypeRegular, Linkname: "x"}}, "only a symbolic link"},
		"link without target":    {[]Entry{link("l", "")}, "no target"},
		"link over PATH_MAX":     {[]Entry{link("l", strings.Repeat("t", 4096))}, "the kernel takes 4095"},
		"link with NUL":          {[]Entry{link("l", "a\x00b")}, "NUL"},
		"file with device":       {[]Entry{{Name: "f", Mode: TypeRegular, Major: 1}}, "only a device node"},
		"major out of range":     {[]Entry{char("c", 4096, 0)}, "out of range"},
		"minor out of range":     {[]Entry{char("c", 0, 1<<20)}, "out of range"},
		"parent missing":         {[]Entry{text("bin/sh", 0o755, "")}, `"bin" has no entry before it`},
		"parent comes later":     {[]Entry{dir("a"), dir("a/b/c"), dir("a/b")}, `"a/b" has no entry before it`},
		"parent is a link":       {[]Entry{dir("usr"), link("bin", "usr"), text("bin/sh", 0o755, "")}, `"bin" is not a directory`},
		"parent is a file":       {[]Entry{text("bin", 0o644, ""), text("bin/sh", 0o755, "")}, `"bin" is not a directory`},
		"the same name twice":    {[]Entry{text("f", 0o644, ""), text("f", 0o644, "")}, "twice"},
		"a directory once again": {[]Entry{dir("d"), dir("d")}, "twice"},
		"root twice":             {[]Entry{dir("."), dir(".")}, "twice"},
	} {
		t.Run(name, func(t *testing.T) {
			w := NewWriter(io.Discard)
			var err error
			for _, e := range c.entries {
				if err = w.Write(context.Background(), e); err != nil {
					break
				}
			}
			wantError(t, err, c.want)
			// What was begun wrong must not be finished as if it were right.
			if cerr := w.Close(); cerr != err {
				t.Fatalf("Close after the error: %v", cerr)
			}
		})
	}
}

func TestWriterTakesTheLimits(t *testing.T) {
	var entries []Entry
	for p := "d"; len(p) <= 4095; p += "/" + strings.Repeat("d", 255) {
		entries = append(entries, dir(p))
	}
	parent := entries[len(entries)-1].Name
	if len(parent)+2 <= 4095 {
		entries = append(entries, text(parent+"/"+strings.Repeat("f", min(255, 4095-len(parent)-1)), 0o644, "x"))
	}
	entries = append(entries, link("l", strings.Repeat("t", 4095)), char("c", 4095, 1<<20-1))
	list, err := List(bytes.NewReader(pack(t, entries...)))
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != len(entries) {
		t.Fatalf("%d entries came back of %d", len(list), len(entries))
	}
}

func TestWriterBytes(t *testing.T) {
	got := pack(t, sample()...)
	if len(got)%512 != 0 {
		t.Errorf("%d bytes are not a multiple of 512", len(got))
	}
	if !bytes.Equal(got, pack(t, sample()...)) {
		t.Error("the same entries gave other bytes")
	}
	console := pack(t, char("console", 5, 1))[:headerSize]
	want := "070701" + "00000001" + "00002180" + "00000000" + "00000000" + "00000001" + "00000000" +
		"00000000" + "00000000" + "00000000" + "00000005" + "00000001" + "00000008" + "00000000"
	if string(console) != want {
		t.Errorf("device header\n got %s\nwant %s", console, want)
	}
}

// Inode numbers and link counts tell the kernel what is a hard link: each entry
// has its own number, and no file has two links.
func TestWriterInodes(t *testing.T) {
	r := NewReader(bytes.NewReader(pack(t, sample()...)))
	for i, e := range sample() {
		if err := r.skipBody(); err != nil {
			t.Fatal(err)
		}
		h, err := r.peekHeader()
		if err != nil {
			t.Fatal(err)
		}
		links := uint32(1)
		if e.kind() == TypeDir {
			links = 2
		}
		if h.field[fieldInode] != uint32(i+1) || h.field[fieldLinks] != links {
			t.Errorf("%s: inode %d, %d links; want %d, %d", e.Name, h.field[fieldInode], h.field[fieldLinks], i+1, links)
		}
		if _, err := r.Next(); err != nil {
			t.Fatal(err)
		}
	}
	w := NewWriter(io.Discard)
	w.inode = maxField
	wantError(t, w.Write(context.Background(), dir("d")), "inode numbers have 32 bits")
}

func TestWriterStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := NewWriter(io.Discard).Write(ctx, dir("d")); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}

	ctx, cancel = context.WithCancel(context.Background())
	endless := Entry{Name: "f", Mode: TypeRegular, Size: 1<<32 - 1, Open: func() (io.ReadCloser, error) {
		cancel() // the content is there, but nobody wants it any more
		return io.NopCloser(zeros{}), nil
	}}
	if err := NewWriter(io.Discard).Write(ctx, endless); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled in a body: %v", err)
	}

	w := NewWriter(io.Discard)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	wantError(t, w.Write(context.Background(), dir("d")), "after close")

	full := errors.New("no space left")
	w = NewWriter(failAfter{0, full})
	if err := w.Write(context.Background(), dir("d")); !errors.Is(err, full) {
		t.Errorf("full disk: %v", err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

type failAfter struct {
	n   int
	err error
}

func (f failAfter) Write(p []byte) (int, error) { return 0, f.err }
