package cpio

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
)

func TestRoundTrip(t *testing.T) {
	for name, wrap := range map[string]func(io.Reader) io.Reader{
		"whole":        func(r io.Reader) io.Reader { return r },
		"byte by byte": iotest.OneByteReader,
		"early EOF":    iotest.DataErrReader,
	} {
		r := NewReader(wrap(bytes.NewReader(pack(t, sample()...))))
		for _, want := range sample() {
			got, err := r.Next()
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			content, err := io.ReadAll(r)
			if err != nil {
				t.Fatalf("%s: %s: %v", name, want.Name, err)
			}
			if want.Size > 0 {
				body, _ := want.Open()
				if expect, _ := io.ReadAll(body); !bytes.Equal(content, expect) {
					t.Errorf("%s: %s has content %q, want %q", name, want.Name, content, expect)
				}
			}
			want.Open = nil
			if !reflect.DeepEqual(*got, want) {
				t.Errorf("%s:\n got %+v\nwant %+v", name, *got, want)
			}
		}
		for range 2 {
			if _, err := r.Next(); err != io.EOF {
				t.Fatalf("%s: after the last entry: %v", name, err)
			}
		}
	}
}

// raw builds a header field by field, to write what no Writer would.
type raw struct {
	magic, name, body string
	field             [fieldCount]string
}

func (r raw) bytes() []byte {
	var b bytes.Buffer
	if r.magic == "" {
		r.magic = magic
	}
	b.WriteString(r.magic)
	for i, f := range r.field {
		switch {
		case f != "":
		case i == fieldNameSize:
			f = fmt.Sprintf("%08x", len(r.name)+1)
		case i == fieldSizeOf:
			f = fmt.Sprintf("%08x", len(r.body))
		case i == fieldMode:
			f = "000081a4"
		case i == fieldLinks:
			f = "00000001"
		default:
			f = "00000000"
		}
		b.WriteString(f)
	}
	b.WriteString(r.name + "\x00")
	for b.Len()%4 != 0 {
		b.WriteByte(0)
	}
	b.WriteString(r.body)
	for b.Len()%4 != 0 {
		b.WriteByte(0)
	}
	return b.Bytes()
}

func set(field int, value string) (f [fieldCount]string) {
	f[field] = value
	return f
}

func TestReaderRefuses(t *testing.T) {
	trailer := raw{name: trailerName}.bytes()
	linked := func(name string) []byte {
		return raw{name: name, field: [fieldCount]string{fieldInode: "0000000a", fieldLinks: "00000002"}}.bytes()
	}
	whole := pack(t, text("f", 0o644, "12345"))
	dirty := bytes.Clone(whole)
	dirty[headerSize+2+5] = 'x' // the first padding byte after the body
	dirtyName := bytes.Clone(pack(t, text("ab", 0o644, "")))
	dirtyName[headerSize+3] = 'x'
	for name, c := range map[string]struct {
		input []byte
		want  string
	}{
		"empty":                      {nil, "without a trailer"},
		"only NULs":                  {make([]byte, 1024), "no newc header"},
		"old binary magic":           {raw{magic: "070707", name: "f"}.bytes(), "no newc header"},
		"checksum magic":             {raw{magic: "070702", name: "f"}.bytes(), "no newc header"},
		"negative size":              {raw{name: "f", field: set(fieldSizeOf, "-0000001")}.bytes(), `"-0000001", not 8 hexadecimal`},
		"negative name size":         {raw{name: "f", field: set(fieldNameSize, "-0000001")}.bytes(), "not 8 hexadecimal"},
		"size with a plus":           {raw{name: "f", field: set(fieldSizeOf, "+0000001")}.bytes(), "not 8 hexadecimal"},
		"size with 0x":               {raw{name: "f", field: set(fieldSizeOf, "0x000001")}.bytes(), "not 8 hexadecimal"},
		"size with _":                {raw{name: "f", field: set(fieldSizeOf, "0000_001")}.bytes(), "not 8 hexadecimal"},
		"size not hexadecimal":       {raw{name: "f", field: set(fieldSizeOf, "0000000g")}.bytes(), "not 8 hexadecimal"},
		"inode not hexadecimal":      {raw{name: "f", field: set(fieldInode, "zzzzzzzz")}.bytes(), "not 8 hexadecimal"},
		"checksum":                   {raw{name: "f", field: set(fieldChecksum, "00000001")}.bytes(), "checksum"},
		"NUL in name":                {raw{name: "a\x00b"}.bytes(), "one NUL"},
		"name without NUL":           {raw{name: "abc", field: set(fieldNameSize, "00000003")}.bytes(), "one NUL"},
		"empty name":                 {raw{name: ""}.bytes(), "a name of 1 bytes"},
		"no name at all":             {raw{name: "", field: set(fieldNameSize, "00000000")}.bytes(), "a name of 0 bytes"},
		"name over PATH_MAX":         {raw{name: strings.Repeat("d/", 2048)}.bytes(), "the kernel takes 2 to 4096"},
		"name of 4 GiB":              {raw{name: "f", field: set(fieldNameSize, "ffffffff")}.bytes(), "the kernel takes 2 to 4096"},
		"absolute name":              {raw{name: "/etc"}.bytes(), "leading slash"},
		"climbing name":              {raw{name: "../etc"}.bytes(), `".."`},
		"unclean name":               {raw{name: "./etc"}.bytes(), "write the name"},
		"no type":                    {raw{name: "f", field: set(fieldMode, "000001a4")}.bytes(), "no known file type"},
		"mode bits":                  {raw{name: "f", field: set(fieldMode, "100081a4")}.bytes(), "bits that no file has"},
		"directory with content":     {raw{name: "d", body: "x", field: set(fieldMode, "000041ed")}.bytes(), "only a regular file"},
		"link without target":        {raw{name: "l", field: set(fieldMode, "0000a1ff")}.bytes(), `"l"`},
		"link with NUL":              {raw{name: "l", body: "a\x00", field: set(fieldMode, "0000a1ff")}.bytes(), "NUL"},
		"link target over PATH_MAX":  {raw{name: "l", body: strings.Repeat("t", 4096), field: set(fieldMode, "0000a1ff")}.bytes(), "the kernel takes 4095"},
		"link target of 4 GiB":       {raw{name: "l", field: [fieldCount]string{fieldMode: "0000a1ff", fieldSizeOf: "ffffffff"}}.bytes(), `"l"`},
		"device number on a file":    {raw{name: "f", field: set(fieldMajor, "00000001")}.bytes(), "only a device node"},
		"parent missing":             {raw{name: "a/b"}.bytes(), "no entry before it"},
		"name twice":                 {append(raw{name: "f"}.bytes(), raw{name: "f"}.bytes()...), "twice"},
		"hard link":                  {append(linked("f"), linked("g")...), `"g" is a hard link to "f"`},
		"no trailer":                 {raw{name: "f"}.bytes(), "without a trailer"},
		"garbage after the trailer":  {append(bytes.Clone(trailer), 'x'), "more after the archive's trailer"},
		"an archive after this":      {append(bytes.Clone(whole), whole...), "more after the archive's trailer"},
		"trailer with content":       {raw{name: trailerName, body: "x"}.bytes(), "claims to have content"},
		"dirty padding after a body": {dirty, `padding after "f"`},
		"dirty padding after a name": {dirtyName, `"ab": the padding`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := List(bytes.NewReader(c.input))
			wantError(t, err, c.want)
			if err == io.EOF {
				t.Fatal("a bare io.EOF looks like success")
			}
		})
	}
}

// A lone file with two links is whole: its other name is not in the archive.
func TestReaderTakesALoneLink(t *testing.T) {
	in := append(raw{name: "f", body: "x", field: set(fieldLinks, "00000002")}.bytes(), raw{name: trailerName}.bytes()...)
	if list, err := List(bytes.NewReader(in)); err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
}

// Cut anywhere, an archive is not an archive. The library takes a cut inside a
// body, and one after any entry, for the clean end.
func TestReaderTruncated(t *testing.T) {
	whole := pack(t, sample()...)
	end := bytes.LastIndex(whole, []byte(trailerName)) + len(trailerName) + 1
	end += padding(int64(end))
	for n := range end {
		_, err := List(bytes.NewReader(whole[:n]))
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatalf("cut at %d of %d: %v", n, end, err)
		}
	}
	if _, err := List(bytes.NewReader(whole[:end])); err != nil {
		t.Fatalf("without the padding to 512: %v", err)
	}
}

func TestReaderBodyCut(t *testing.T) {
	in := pack(t, text("f", 0o644, strings.Repeat("x", 1000)))[:500]
	r := NewReader(bytes.NewReader(in))
	if _, err := r.Next(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(r); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatalf("reading a cut body: %v", err)
	}
	if _, err := r.Next(); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatalf("going on after a cut body: %v", err)
	}
}

func TestReaderPassesErrorsOn(t *testing.T) {
	broken := errors.New("cable pulled")
	in := pack(t, sample()...)
	for n := 0; n < len(in); n += 7 {
		_, err := List(io.MultiReader(bytes.NewReader(in[:n]), iotest.ErrReader(broken)))
		if !errors.Is(err, broken) {
			t.Fatalf("at %d: %v", n, err)
		}
	}
}
