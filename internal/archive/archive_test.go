package archive

import (
	"archive/tar"
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	xzlib "github.com/ulikunitz/xz"
)

var when = time.Unix(1_600_000_000, 0)

// An item is an entry of a tar archive in a test.
type item struct {
	name, link string
	kind       byte // of tar.Type…; 0 is a regular file
	mode       int64
	body       string
}

func dir(name string) item { return item{name: name, kind: tar.TypeDir, mode: 0o755} }
func text(name, body string) item {
	return item{name: name, kind: tar.TypeReg, mode: 0o644, body: body}
}
func link(name, target string) item { return item{name: name, kind: tar.TypeSymlink, link: target} }
func hard(name, target string) item { return item{name: name, kind: tar.TypeLink, link: target} }

// tarOf writes a tar archive by the real writer.
func tarOf(t testing.TB, items ...item) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, i := range items {
		h := &tar.Header{Name: i.name, Linkname: i.link, Typeflag: i.kind, Mode: i.mode, Size: int64(len(i.body)), ModTime: when}
		if i.kind == tar.TypeChar || i.kind == tar.TypeBlock {
			h.Devmajor, h.Devminor = 1, 3
		}
		if i.kind == tar.TypeXGlobalHeader {
			h = &tar.Header{Name: i.name, Typeflag: i.kind, PAXRecords: map[string]string{"comment": "a commit"}}
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, i.body); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gz(t testing.TB, data []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	return closed(t, &b, w, data)
}

func xz(t testing.TB, data []byte) []byte {
	var b bytes.Buffer
	w, err := xzlib.NewWriter(&b)
	if err != nil {
		t.Fatal(err)
	}
	return closed(t, &b, w, data)
}

func zst(t testing.TB, data []byte) []byte {
	var b bytes.Buffer
	w, err := zstd.NewWriter(&b, zstd.WithEncoderConcurrency(1))
	if err != nil {
		t.Fatal(err)
	}
	return closed(t, &b, w, data)
}

func bz2(t testing.TB, data []byte) []byte {
	cmd := exec.Command(tool(t, "bzip2"), "-c")
	cmd.Stdin = bytes.NewReader(data)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func closed(t testing.TB, b *bytes.Buffer, w io.WriteCloser, data []byte) []byte {
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func tool(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not on this machine", name)
	}
	return path
}

func save(t testing.TB, data []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "test.tar")
	if err := os.WriteFile(file, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// unpackTo unpacks into a new directory and returns it.
func unpackTo(t testing.TB, data []byte, o Options) (string, Stats, error) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "tree")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	stats, err := Unpack(context.Background(), save(t, data), dir, o)
	return dir, stats, err
}

// show lists a tree, one line an entry, with all that Unpack promises to keep.
func show(t testing.TB, root string) string {
	t.Helper()
	lines := map[string]string{}
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil || p == root {
			return err
		}
		info, err := os.Lstat(p)
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(root, p)
		line := fmt.Sprintf("%s %s %d", info.Mode(), name, info.ModTime().Unix())
		switch {
		case info.Mode().IsRegular():
			b, err := os.ReadFile(p)
			if err != nil {
				return err
			}
			if len(b) > 20 {
				b = fmt.Appendf(nil, "%d bytes", len(b))
			}
			line += fmt.Sprintf(" %q", b)
		case info.Mode()&fs.ModeSymlink != 0:
			target, _ := os.Readlink(p)
			line += " -> " + target
		}
		lines[name] = line
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(lines)) {
		fmt.Fprintln(&b, lines[name])
	}
	return b.String()
}

func wantError(t *testing.T, err error, part string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error; want one with %q", part)
	}
	if !strings.Contains(err.Error(), part) || strings.Contains(err.Error(), "\n") {
		t.Fatalf("error %q; want one line with %q", err, part)
	}
}

// sample is an honest source tree.
func sample() []item {
	return []item{
		{name: "pax_global_header", kind: tar.TypeXGlobalHeader},
		dir("src-1.0/"),
		text("src-1.0/README", "hello"),
		{name: "src-1.0/configure", mode: 0o4775, body: "#!/bin/sh\n"},
		{name: "src-1.0/group-x", mode: 0o654, body: ""},
		{name: "src-1.0/private", mode: 0o400, body: "x"},
		{name: "src-1.0/sub/", kind: tar.TypeDir, mode: 0o2700},
		text("src-1.0/sub/big", strings.Repeat("0123456789abcdef", 20_000)), // more than a small file
		text("src-1.0/implied/dirs/f", "below directories without entries"),
		link("src-1.0/sub/up", "../README"),
		link("src-1.0/dangling", "not/there"),
		link("src-1.0/sub/here", "."),
		hard("src-1.0/hard", "src-1.0/README"),
		text("src-1.0/a..b", "not a climb"),
	}
}

const sampleTree = `-rw-r--r-- README 1600000000 "hello"
-rw-r--r-- a..b 1600000000 "not a climb"
-rwxr-xr-x configure 1600000000 "#!/bin/sh\n"
Lrwxrwxrwx dangling 1600000000 -> not/there
-rw-r--r-- group-x 1600000000 ""
-rw-r--r-- hard 1600000000 "hello"
-rw-r--r-- private 1600000000 "x"
drwxr-xr-x sub 1600000000
-rw-r--r-- sub/big 1600000000 "320000 bytes"
Lrwxrwxrwx sub/here 1600000000 -> .
Lrwxrwxrwx sub/up 1600000000 -> ../README
`
