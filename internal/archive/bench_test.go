package archive

import (
	"archive/tar"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// sourceTree is shaped like a kernel's, a twentieth of its files: many small files of
// text in directories of sixteen, and a few large ones.
func sourceTree(b *testing.B) []byte {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	add := func(h *tar.Header, body []byte) {
		h.ModTime, h.Size = when, int64(len(body))
		if err := w.WriteHeader(h); err != nil {
			b.Fatal(err)
		}
		if _, err := w.Write(body); err != nil {
			b.Fatal(err)
		}
	}
	for d := range 300 {
		name := fmt.Sprintf("src/drivers/part%d/dir%d/", d/20, d)
		add(&tar.Header{Name: name, Typeflag: tar.TypeDir, Mode: 0o755}, nil)
		for f := range 16 {
			var body bytes.Buffer
			for line := 0; body.Len() < (d*16+f)%97*200; line++ {
				fmt.Fprintf(&body, "static int function_%d_%d(struct device *dev, int %x);\n", d, line, (f*line*7919)%4093)
			}
			add(&tar.Header{Name: fmt.Sprintf("%sfile%d.c", name, f), Typeflag: tar.TypeReg, Mode: 0o644}, body.Bytes())
		}
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	return out.Bytes()
}

// BenchmarkUnpack runs beside its rival: compare with BenchmarkTar, of the same format.
func BenchmarkUnpack(b *testing.B) {
	program, err := exec.LookPath("xz")
	if err != nil {
		b.Skip("xz is not on this machine")
	}
	plain := sourceTree(b)
	packed := packXZ(b, plain)
	for _, c := range []struct {
		name, file string
		o          Options
	}{
		{"tar", save(b, plain), Options{Strip: 1}},
		{"xz", save(b, packed), Options{Strip: 1, XZ: program}},
		{"xzInGo", save(b, packed), Options{Strip: 1}},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(plain)))
			rounds(b, func(dir string) error {
				_, err := Unpack(context.Background(), c.file, dir, c.o)
				return err
			})
		})
	}
}

// BenchmarkTar is GNU tar on the same archives.
func BenchmarkTar(b *testing.B) {
	program := tool(b, "tar")
	plain := sourceTree(b)
	packed := packXZ(b, plain)
	for _, c := range []struct{ name, file string }{
		{"tar", save(b, plain)},
		{"xz", save(b, packed)},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(plain)))
			rounds(b, func(dir string) error {
				return exec.Command(program, "-xf", c.file, "-C", dir, "--strip-components=1", "--no-same-owner").Run()
			})
		})
	}
}

// rounds times unpack only, into a new directory each time.
func rounds(b *testing.B, unpack func(dir string) error) {
	root := b.TempDir()
	for i := 0; b.Loop(); i++ {
		b.StopTimer()
		dir := filepath.Join(root, fmt.Sprint(i))
		if err := os.Mkdir(dir, 0o755); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		if err := unpack(dir); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if err := os.RemoveAll(dir); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

func packXZ(b *testing.B, data []byte) []byte {
	cmd := exec.Command(tool(b, "xz"), "-1", "-c")
	cmd.Stdin = bytes.NewReader(data)
	out, err := cmd.Output()
	if err != nil {
		b.Fatal(err)
	}
	return out
}
