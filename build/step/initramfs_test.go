package step

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"mini/internal/compress"
)

// newc is an archive as anybody writes one: "mode name content", with more fields where they are given.
func newc(entries ...string) string {
	var b strings.Builder
	for i, e := range append(entries, "0 TRAILER!!!") {
		var mode, inode, links int
		var name, content string
		fmt.Sscanf(e, "%o %s", &mode, &name)
		_, content, _ = strings.Cut(e, name+" ")
		if inode, links = i+1, 1; strings.HasPrefix(content, "link ") {
			inode, links, content = 1000, 2, strings.TrimPrefix(content, "link ")
		}
		pad := func() { b.WriteString(strings.Repeat("\x00", -b.Len()&3)) }
		fmt.Fprintf(&b, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", inode, mode, 0, 0, links, 0, len(content), 0, 0, 5, 1, len(name)+1, 0)
		b.WriteString(name + "\x00")
		pad()
		b.WriteString(content)
		pad()
	}
	return b.String()
}

func packed(t *testing.T, format, text string) string {
	t.Helper()
	var b bytes.Buffer
	w, err := compress.NewWriter(&b, format)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// unpack runs the step on an archive.
func unpackInitramfs(t *testing.T, archive string) (u Unpacked, dir string) {
	t.Helper()
	dir = t.TempDir()
	write(t, dir, "archive", archive, 0o644)
	if err := Run(t.Context(), Env{Root: dir, Log: io.Discard}, "mini step initramfs archive list content"); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "list"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &u); err != nil {
		t.Fatal(err)
	}
	return u, dir
}

// show is a line for each entry, with the content.
func show(t *testing.T, u Unpacked, dir string) string {
	t.Helper()
	var lines []string
	for _, e := range u.Entries {
		line := fmt.Sprintf("%c %04o %s", e.Type, e.Mode, e.Path)
		switch {
		case e.SHA256 != "":
			text, err := os.ReadFile(filepath.Join(dir, "content", e.SHA256))
			if err != nil {
				t.Fatal(err)
			}
			line += " " + string(text)
		case e.Target != "":
			line += " -> " + e.Target
		case e.Major != 0:
			line += fmt.Sprintf(" %d:%d", e.Major, e.Minor)
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

const (
	early = "040755 kernel/x86"
	tree  = `d 0755 /
f 0755 /init #!/bin/sh
l 0777 /bin -> usr/bin
c 0600 /dev/console 5:1
f 0644 /a same
f 0644 /b same
f 0644 /c 
p 0644 /pipe`
)

var entries = []string{"040755 .", "100755 ./init #!/bin/sh", "120777 /bin usr/bin", "020600 dev/console", "100644 a link ", "100644 b link same", "100644 c", "010644 pipe"}

// The kernel takes several archives, one after the other, each packed or not.
func TestInitramfsIsReadAsTheKernelDoes(t *testing.T) {
	for _, c := range []struct {
		name, archive string
		formats       []string
		want          string
	}{
		{"plain", newc(entries...), []string{""}, tree},
		{"gzip", packed(t, "gzip", newc(entries...)), []string{"gzip"}, tree},
		{"zstd, filled up", packed(t, "zstd", newc(entries...)) + strings.Repeat("\x00", 511), []string{"zstd"}, tree},
		{"lz4", packed(t, "lz4", newc(entries...)), []string{"lz4"}, tree},
		{"xz", packed(t, "xz", newc(entries...)), []string{"xz"}, tree},
		{"microcode first", newc(early) + "\x00\x00\x00\x00" + packed(t, "gzip", newc(entries...)), []string{"", "gzip"}, "d 0755 /kernel/x86\n" + tree},
		{"packed twice", packed(t, "gzip", newc(early)) + packed(t, "zstd", newc(early)+newc(entries...)) + "\x00\x00\x00", []string{"gzip", "zstd"}, "d 0755 /kernel/x86\nd 0755 /kernel/x86\n" + tree},
		{"content with the first name", newc("100644 a link same", "100644 b link "), []string{""}, "f 0644 /a same\nf 0644 /b same"},
		{"nothing", "", []string{}, ""},
	} {
		u, dir := unpackInitramfs(t, c.archive)
		if got := show(t, u, dir); got != c.want || u.Trouble+u.Unknown != "" || !slices.Equal(u.Formats, c.formats) || u.Size != int64(len(c.archive)) {
			t.Errorf("%s: got %q %q %q %d\n%s", c.name, u.Trouble, u.Unknown, u.Formats, u.Size, got)
		}
	}
}

func TestInitramfsThatTheKernelCannotUnpack(t *testing.T) {
	whole := newc(entries...)
	gz := packed(t, "gzip", whole)
	for name, c := range map[string]struct{ archive, trouble, unknown string }{
		"another format of cpio": {strings.Replace(whole, "070701", "070707", 1), "incorrect cpio method used: use -H newc option", ""},
		"no cpio":                {packed(t, "gzip", "hello"), "junk within compressed archive", ""},
		"no archive at all":      {"hello", "invalid magic at start of compressed archive", ""},
		"cut short":              {whole[:200], "the archive is cut short", ""},
		"a damaged header":       {strings.Replace(whole, "0000", "00zz", 1), "8 hexadecimal digits", ""},
		"packed and cut short":   {gz[:len(gz)/2], "gzip data is damaged or cut short", ""},
		"packed and damaged":     {gz[:len(gz)-6] + "xxxxxx", "gzip data is damaged", ""},
		"a new frame of lz4":     {"\x04\x22\x4d\x18", "invalid magic", ""},
		"xz as it is by default": {"\xfd7zXZ\x00\x00\x04 and more", "xz --check=crc32", ""},
		"lzma":                   {"\x5d\x00\x00\x80", "", "it is packed with lzma"},
		"not to its end":         {newc("100644 a " + strings.Repeat("x", 100))[:180], "the archive is cut short", ""},
	} {
		u, _ := unpackInitramfs(t, c.archive)
		if !strings.Contains(u.Trouble, c.trouble) || (u.Trouble == "") != (c.trouble == "") || u.Unknown != c.unknown {
			t.Errorf("%s: got %q, %q", name, u.Trouble, u.Unknown)
		}
	}
}

// A small archive may unpack to very much: no more of it is written, or kept in memory, than is allowed.
func TestInitramfsIsBounded(t *testing.T) {
	zeros := func(mib int) string { return strings.Repeat("\x00", mib<<20) }
	for _, c := range []struct {
		name, archive, unknown string
		entries                int
		files                  int64
	}{
		{"a large file", newc("100644 big "+zeros(1), "100644 more "+zeros(8)), "it unpacks to more than 2 MiB", 1, 9 << 20},
		{"nothing but zeros", newc("100644 small ") + zeros(8), "it unpacks to more than 2 MiB", 1, 0},
		{"many files", newc("100644 a ", "100644 b ", "100644 c ", "100644 d "), "it has more than 3 files", 3, 0},
	} {
		dir := t.TempDir()
		write(t, dir, "archive", packed(t, "gzip", c.archive), 0o644)
		if err := os.Mkdir(filepath.Join(dir, "content"), 0o755); err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(filepath.Join(dir, "archive"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		u := &unpacker{dir: contentDir(filepath.Join(dir, "content")), most: 2 << 20, many: 3, links: map[string][]int{}}
		if err := u.archive(t.Context(), f); err != nil {
			t.Fatal(err)
		}
		if u.Unknown != c.unknown || len(u.Entries) != c.entries || u.Files != c.files {
			t.Errorf("%s: got %q, %d entries, %d bytes", c.name, u.Unknown, len(u.Entries), u.Files)
		}
	}
}
