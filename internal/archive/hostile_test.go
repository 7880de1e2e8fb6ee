package archive

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestHostileEntries(t *testing.T) {
	const canary = "outside"
	for name, c := range map[string]struct {
		items []item
		want  string
	}{
		"climbing name":          {[]item{text("../outside", "x")}, `refused: "../outside" has ".."`},
		"climbing inside":        {[]item{dir("a"), text("a/../../outside", "x")}, `has ".."`},
		"climbing and back":      {[]item{dir("a"), text("a/../f", "x")}, `has ".."`},
		"climbing at the end":    {[]item{dir("a/..")}, `has ".."`},
		"absolute name":          {[]item{text("/tmp/outside", "x")}, `"/tmp/outside" has an absolute name`},
		"root's name":            {[]item{dir("/")}, "absolute name"},
		"double slash":           {[]item{text("//outside", "x")}, "absolute name"},
		"absolute link":          {[]item{link("l", "/etc/passwd")}, `"l" is a symbolic link to the absolute path "/etc/passwd"`},
		"link out":               {[]item{link("l", "../outside")}, `"l" is a symbolic link to "../outside", which leads out`},
		"link out from below":    {[]item{dir("a"), link("a/l", "../../outside")}, `"a/l" is a symbolic link`},
		"link to the parent":     {[]item{link("l", "..")}, "leads out"},
		"link out and back":      {[]item{link("l", "../tree/f")}, "leads out"},
		"two links make way":     {[]item{dir("a"), dir("a/b"), link("l", "a/b"), link("m", "l/../../..")}, `"m" is a symbolic link`},
		"a link moves dot dot":   {[]item{dir("d"), link("d/up", ".."), link("m", "d/up/..")}, `"m" is a symbolic link`},
		"the second comes first": {[]item{link("m", "d/up/.."), dir("d"), link("d/up", "..")}, `"m" is a symbolic link`},
		"empty link":             {[]item{link("l", "")}, "without a target"},
		"file through a link":    {[]item{link("l", "."), text("l/f", "x")}, `"l/f" would be written through "l"`},
		"file through link out":  {[]item{link("l", ".."), text("l/outside", "x")}, `through "l"`},
		"dir through a link":     {[]item{link("l", ".."), dir("l/d")}, `through "l"`},
		"link through a link":    {[]item{link("l", ".."), link("l/m", "x")}, `through "l"`},
		"deep through a link":    {[]item{dir("d"), link("d/l", ".."), text("d/l/e/f", "x")}, `through "d/l"`},
		"replaced dir":           {[]item{dir("d"), text("d/f", ""), link("d", "..")}, `"d" is a file in the place of a directory`},
		"file over directory":    {[]item{dir("d"), text("d", "x")}, `"d" is a file in the place of a directory`},
		"directory over file":    {[]item{text("d", "x"), dir("d")}, `"d" is a directory in the place of a file`},
		"directory over link":    {[]item{link("d", "e"), dir("d")}, `"d" is a directory in the place of a file`},
		"below a file":           {[]item{text("f", "x"), text("f/g", "x")}, `"f/g" lies below "f", which is a file`},
		"hard link out":          {[]item{hard("h", "../outside")}, `"h" is a hard link to a bad name`},
		"absolute hard link":     {[]item{hard("h", "/etc/passwd")}, `"h" is a hard link to a bad name`},
		"hard link to nothing":   {[]item{hard("h", "f")}, `"h" is a hard link to "f", which is no file`},
		"hard link to later":     {[]item{hard("h", "f"), text("f", "")}, `which is no file that came before`},
		"hard link to itself":    {[]item{text("h", "x"), hard("h", "h")}, `which is no file`},
		"hard link to directory": {[]item{dir("d"), hard("h", "d")}, `which is no file`},
		"hard link to a link":    {[]item{dir("d"), dir("d/e"), link("d/e/l", "../.."), hard("h", "d/e/l")}, `which is no file`},
		"char device":            {[]item{{name: "null", kind: tar.TypeChar}}, `"null" is a device node`},
		"block device":           {[]item{{name: "sda", kind: tar.TypeBlock}}, `"sda" is a device node`},
		"pipe":                   {[]item{{name: "p", kind: tar.TypeFifo}}, `"p" is a named pipe`},
		"unknown type":           {[]item{{name: "c", kind: tar.TypeCont}}, `"c" is of type '7'`},
		"name over PATH_MAX":     {[]item{text(strings.Repeat("d/", 2048)+"f", "x")}, "a name of 4097 bytes"},
		"target over PATH_MAX":   {[]item{link("l", strings.Repeat("d/", 2048))}, "a target of 4096 bytes"},
		"file as the root":       {[]item{text(".", "x")}, `"." has the name of the tree itself`},
		"link as the root":       {[]item{link(".", "x")}, `"." has the name of the tree itself`},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			tree := filepath.Join(root, "tree")
			if err := os.Mkdir(tree, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(root, canary), []byte("mine"), 0o644); err != nil {
				t.Fatal(err)
			}
			_, err := Unpack(t.Context(), save(t, tarOf(t, append([]item{text("first", "1")}, c.items...)...)), tree, Options{})
			wantError(t, err, c.want)
			names, _ := os.ReadDir(root)
			if b, _ := os.ReadFile(filepath.Join(root, canary)); string(b) != "mine" || len(names) != 2 {
				t.Errorf("something was written outside: %q, %v", b, names)
			}
		})
	}
}

// Links that look odd but stay inside are source trees' everyday life.
func TestHonestLinks(t *testing.T) {
	_, _, err := unpackTo(t, tarOf(t,
		dir("top"), dir("top/a"), dir("top/a/b"),
		link("top/a/b/root", "../.."), link("top/a/b/again", "root/a/b/root/x"),
		link("top/loop", "loop"), link("top/x", "y"), link("top/y", "x"),
		link("top/gone", "not/../there"), link("top/dot", "./"),
	), Options{Strip: 1})
	if err != nil {
		t.Fatal(err)
	}
	// What stripping takes away is not inside any more.
	_, _, err = unpackTo(t, tarOf(t, dir("top"), link("top/l", "../top/f")), Options{Strip: 1})
	wantError(t, err, `"top/l" is a symbolic link to "../top/f", which leads out`)
}

func TestBombs(t *testing.T) {
	var many []item
	for i := range 100 {
		many = append(many, text(fmt.Sprintf("f%d", i), "1234567890"))
	}
	_, _, err := unpackTo(t, tarOf(t, many...), Options{MaxFiles: 99})
	wantError(t, err, `"f99" brings the archive over 99 files`)
	_, _, err = unpackTo(t, tarOf(t, many...), Options{MaxFiles: 100, MaxBytes: 1000})
	if err != nil {
		t.Errorf("right at the limits: %v", err)
	}
	_, _, err = unpackTo(t, tarOf(t, many...), Options{MaxBytes: 999})
	wantError(t, err, `"f99" brings the archive's content over 999 bytes`)

	_, _, err = unpackTo(t, tarOf(t, text(strings.Repeat("d/", 50)+"f", "")), Options{MaxFiles: 50})
	wantError(t, err, "over 50 files")

	// A header may claim more than there is, and a sparse file has more than it took.
	big := tarOf(t, text("f", "x"))
	copy(big[124:], "77777777777\x00")
	fixChecksum(big)
	_, _, err = unpackTo(t, big, Options{MaxBytes: 1 << 20})
	wantError(t, err, "over 1048576 bytes")

	// Nothing but zeros behind the end marker: gigabytes in a few kilobytes.
	zeros := append(tarOf(t, text("f", "x")), make([]byte, 20<<20)...)
	_, _, err = unpackTo(t, gz(t, zeros), Options{MaxBytes: 1000, MaxFiles: 10})
	wantError(t, err, "far more data than the limits")

	// Names alone: header after header, and no file in the end.
	_, _, err = unpackTo(t, gz(t, longNames(t, 20)), Options{MaxBytes: 1000, MaxFiles: 10})
	wantError(t, err, "far more data than the limits")
}

// longNames has n times a long name of 1 MiB and never the file it belongs to.
func longNames(t *testing.T, n int) []byte {
	one := tarOf(t, text("././@LongLink", strings.Repeat("n", 1<<20-1)))
	one = one[:len(one)-1024]
	one[156] = 'L'
	fixChecksum(one)
	return bytes.Repeat(one, n)
}

// fixChecksum makes the first header of a tar archive consistent again.
func fixChecksum(b []byte) {
	copy(b[148:156], "        ")
	sum := 0
	for _, c := range b[:512] {
		sum += int(c)
	}
	copy(b[148:], fmt.Sprintf("%06o\x00 ", sum))
}

func TestTruncated(t *testing.T) {
	items := append(sample()[1:7], text("src-1.0/noise", noise(5000)), text("src-1.0/last", strings.Repeat("x", 2000)))
	whole := tarOf(t, items...)
	program, _ := exec.LookPath("xz")
	for name, c := range map[string]struct {
		data []byte
		xz   string
	}{"tar": {data: whole}, "gzip": {data: gz(t, whole)}, "xz": {data: xz(t, whole)}, "xz program": {xz(t, whole), program}, "zstd": {data: zst(t, whole)}, "deb": {data: debOf("data.tar", whole)}} {
		t.Run(name, func(t *testing.T) {
			if _, _, err := unpackTo(t, c.data, Options{XZ: c.xz}); err != nil {
				t.Fatalf("whole: %v", err)
			}
			for n := 0; n < len(c.data); n += 512 {
				_, _, err := unpackTo(t, c.data[:n], Options{XZ: c.xz})
				if err == nil {
					t.Fatalf("cut at %d of %d and no error", n, len(c.data))
				}
			}
			// The last bytes hold the checksum, or half the end marker.
			for _, n := range []int{1, 4, 512} {
				if _, _, err := unpackTo(t, c.data[:len(c.data)-n], Options{XZ: c.xz}); err == nil {
					t.Fatalf("%d bytes missing at the end and no error", n)
				}
			}
		})
	}
}

func noise(n int) string {
	b := make([]byte, n)
	x := uint32(1)
	for i := range b {
		x = x*1664525 + 1013904223
		b[i] = byte(x >> 24)
	}
	return string(b)
}

// A damaged archive is an error even where the damage lies behind tar's end
// marker, in the checksum that only draining gets to see.
func TestFlippedBits(t *testing.T) {
	whole := tarOf(t, text("f", noise(3000)))
	program, _ := exec.LookPath("xz")
	for name, c := range map[string]struct {
		data []byte
		xz   string
		skip int // header bytes whose bits may mean nothing
	}{"gzip": {gz(t, whole), "", 10}, "xz": {xz(t, whole), "", 0}, "xz program": {xz(t, whole), program, 0}, "zstd": {zst(t, whole), "", 0}} {
		t.Run(name, func(t *testing.T) {
			step := 61
			if c.xz != "" {
				step = 331
			}
			for n := c.skip; n < len(c.data); n++ {
				if n < len(c.data)-30 && n%step != 0 || c.xz != "" && n%7 != 0 {
					continue
				}
				bad := bytes.Clone(c.data)
				bad[n] ^= 1 << (n % 8)
				dir, _, err := unpackTo(t, bad, Options{XZ: c.xz})
				if err != nil {
					continue
				}
				if b, _ := os.ReadFile(filepath.Join(dir, "f")); string(b) != noise(3000) {
					t.Fatalf("bit flipped in byte %d of %d: wrong content and no error", n, len(c.data))
				}
				if n >= len(c.data)-8 {
					t.Fatalf("bit flipped in byte %d of %d, in the checksum, and no error", n, len(c.data))
				}
			}
		})
	}
}

func TestGarbage(t *testing.T) {
	whole := tarOf(t, text("f", "x"))
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"empty file":         {nil, "the file is empty"},
		"text":               {[]byte(strings.Repeat("<html>404 not found</html>\n", 100)), "not a tar archive"},
		"short text":         {[]byte("404"), "cut short"},
		"no entries":         {make([]byte, 10240), "the archive is empty"},
		"no entries, gzip":   {gz(t, make([]byte, 10240)), "the archive is empty"},
		"text in gzip":       {gz(t, []byte(strings.Repeat("not tar ", 200))), "not a tar archive"},
		"garbage after gzip": {append(gz(t, whole), "garbage"...), "gzip data is damaged"},
		"garbage after xz":   {append(xz(t, whole), "garbage!"...), "xz data is damaged"},
		"garbage after zstd": {append(zst(t, whole), "garbage!"...), "zstd data is damaged"},
		"member of no deb":   {whole, "this is none"},
	} {
		t.Run(name, func(t *testing.T) {
			o := Options{}
			if name == "member of no deb" {
				o.Member = "usr/src/x.tar"
			}
			_, _, err := unpackTo(t, c.data, o)
			wantError(t, err, c.want)
		})
	}
	// Padding is not garbage: tar fills its last record.
	if _, _, err := unpackTo(t, append(whole, make([]byte, 10240)...), Options{}); err != nil {
		t.Error(err)
	}
	// GNU tar ignores one zero block; a cut may have made it.
	_, _, err := unpackTo(t, whole[:len(whole)-512], Options{})
	wantError(t, err, "no end marker")
}

// A program that is not there, or fails without a word, is told.
func TestXZProgramFails(t *testing.T) {
	whole := xz(t, tarOf(t, text("f", "x")))
	_, _, err := unpackTo(t, whole, Options{XZ: "/nonexistent/xz"})
	wantError(t, err, "/nonexistent/xz")
	quiet := filepath.Join(t.TempDir(), "xz")
	if err := os.WriteFile(quiet, []byte("#!/bin/sh\nexit 3\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	_, _, err = unpackTo(t, whole, Options{XZ: quiet})
	wantError(t, err, "exit status 3")
}

var _ io.ReaderFrom = (*pipe)(nil) // io.Copy must find the fast way
