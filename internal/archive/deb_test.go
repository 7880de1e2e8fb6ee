package archive

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func arMember(name string, body []byte) []byte {
	b := fmt.Appendf(nil, "%-16s%-12d%-6d%-6d%-8s%-10d`\n", name, 0, 0, 0, "100644", len(body))
	b = append(b, body...)
	if len(body)%2 == 1 {
		b = append(b, '\n')
	}
	return b
}

// debOf is a package with this data member, odd sizes before it.
func debOf(name string, data []byte) []byte {
	b := []byte(arMagic)
	b = append(b, arMember("debian-binary", []byte("2.0\n"))...)
	b = append(b, arMember("control.tar", []byte("odd"))...)
	return append(b, arMember(name, data)...)
}

func TestDeb(t *testing.T) {
	program, _ := exec.LookPath("xz")
	inner := tarOf(t, sample()...)
	item := func(data []byte) item { return text("./usr/src/linux-source-6.1.tar.xz", string(data)) }
	for name, c := range map[string]struct {
		data []byte
		o    Options
	}{
		"data":            {debOf("data.tar.xz", xz(t, inner)), Options{}},
		"GNU name":        {debOf("data.tar.gz/", gz(t, inner)), Options{}},
		"member":          {debOf("data.tar.xz", xz(t, tarOf(t, dir("./usr"), item(xz(t, inner)), text("./usr/after", "x")))), Options{Member: "usr/src/linux-source-6.1.tar.xz"}},
		"member, slash":   {debOf("data.tar.zst", zst(t, tarOf(t, item(gz(t, inner))))), Options{Member: "/usr/src/linux-source-6.1.tar.xz"}},
		"member, program": {debOf("data.tar.xz", xz(t, tarOf(t, item(xz(t, inner))))), Options{Member: "usr/src/linux-source-6.1.tar.xz", XZ: program}},
		"member, plain":   {debOf("data.tar", tarOf(t, item(inner))), Options{Member: "usr/src/linux-source-6.1.tar.xz"}},
	} {
		t.Run(name, func(t *testing.T) {
			c.o.Strip = 1
			dir, stats, err := unpackTo(t, c.data, c.o)
			if err != nil {
				t.Fatal(err)
			}
			if got := withoutImplied(show(t, dir)); got != sampleTree || stats.TopDir != "src-1.0" {
				t.Errorf("%q\n%s", stats.TopDir, got)
			}
		})
	}
}

func TestDebRefused(t *testing.T) {
	inner := tarOf(t, text("a/f", "x"))
	const member = "usr/src/x.tar.xz"
	packed := xz(t, inner)
	damaged := bytes.Clone(packed)
	damaged[len(damaged)-20] ^= 1
	outer := xz(t, tarOf(t, text("./"+member, string(packed))))
	badOuter := bytes.Clone(outer)
	badOuter[len(badOuter)-20] ^= 1
	head := func(size, end string) []byte {
		b := arMember("data.tar", nil)
		copy(b[48:58], fmt.Sprintf("%-10s", size))
		copy(b[58:], end)
		return append([]byte(arMagic), b...)
	}
	for name, c := range map[string]struct {
		data   []byte
		member string
		want   string
	}{
		"no data":             {append([]byte(arMagic), arMember("debian-binary", []byte("2.0\n"))...), "", "no data.tar"},
		"only the magic":      {[]byte(arMagic), "", "no data.tar"},
		"two data":            {append(debOf("data.tar", inner), arMember("data.tar", inner)...), "", "two data members"},
		"negative size":       {head("-5", arHeaderEnd), "", "makes no sense"},
		"size of letters":     {head("ten", arHeaderEnd), "", "makes no sense"},
		"no size":             {head("", arHeaderEnd), "", "makes no sense"},
		"huge size":           {head("9999999999", arHeaderEnd), "", "cut short"},
		"bad header end":      {head("0", "xx"), "", "makes no sense"},
		"half a header":       {append(debOf("data.tar", inner), "data.tar  "...), "", "cut short"},
		"missing padding":     {bytes.TrimSuffix(append(debOf("data.tar", inner), arMember("_extra", []byte("odd"))...), []byte("\n")), "", "cut short"},
		"unknown compression": {debOf("data.tar.lzma", []byte("\x5d\x00\x00 and so on, for more than one tar block"+strings.Repeat(" ", 512))), "", "not a tar archive"},
		"member missing":      {debOf("data.tar", tarOf(t, text("./usr/src/y.tar.gz", ""))), member, `"usr/src/x.tar.xz" is not in the package; tarballs in it are usr/src/y.tar.gz`},
		"member is a link":    {debOf("data.tar", tarOf(t, link("./"+member, "y"))), member, "is not a regular file"},
		"member damaged":      {debOf("data.tar", tarOf(t, text("./"+member, string(damaged)))), member, "xz data is damaged"},
		"outer data damaged":  {debOf("data.tar.xz", badOuter), member, "xz data is damaged"},
		"member cut":          {debOf("data.tar", tarOf(t, text("./"+member, string(packed[:len(packed)-9])))), member, "cut short"},
		"hostile member":      {debOf("data.tar", tarOf(t, text("./"+member, string(tarOf(t, text("../f", "x")))))), member, `refused: "../f"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := unpackTo(t, c.data, Options{Member: c.member})
			wantError(t, err, c.want)
		})
	}
}

// A real package by the real tool.
func TestDpkgDeb(t *testing.T) {
	program := tool(t, "dpkg-deb")
	root := t.TempDir()
	for name, data := range map[string][]byte{
		"DEBIAN/control":   []byte("Package: x\nVersion: 1\nArchitecture: all\nMaintainer: nobody <nobody@example.org>\nDescription: test\n"),
		"usr/src/x.tar.xz": xz(t, tarOf(t, sample()...)),
	} {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, format := range []string{"xz", "gzip", "none"} {
		deb := filepath.Join(t.TempDir(), "x.deb")
		if out, err := exec.Command(program, "-Z"+format, "--root-owner-group", "--build", root, deb).CombinedOutput(); err != nil {
			t.Fatalf("dpkg-deb: %v: %s", err, out)
		}
		dir := t.TempDir()
		if _, err := Unpack(t.Context(), deb, dir, Options{Member: "usr/src/x.tar.xz", Strip: 1}); err != nil {
			t.Fatalf("%s: %v", format, err)
		}
		if got := withoutImplied(show(t, dir)); got != sampleTree {
			t.Errorf("%s: got\n%s", format, got)
		}
	}
}
