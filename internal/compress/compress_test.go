package compress

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand"
	"os/exec"
	"strings"
	"testing"
)

var written = []string{"gzip", "xz", "zstd", "lz4"}

// words compresses like text; noise does not compress.
func words(n int) []byte {
	rnd := rand.New(rand.NewSource(1))
	var b bytes.Buffer
	for b.Len() < n {
		fmt.Fprintf(&b, "%x of the %x\n", rnd.Intn(1000), rnd.Intn(50))
	}
	return b.Bytes()[:n]
}

func noise(n int) []byte {
	b := make([]byte, n)
	rand.New(rand.NewSource(2)).Read(b)
	return b
}

func pack(t testing.TB, format string, data []byte, step int) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := NewWriter(&out, format)
	if err != nil {
		t.Fatal(err)
	}
	for len(data) > 0 {
		n := min(step, len(data))
		if _, err := w.Write(data[:n]); err != nil {
			t.Fatal(err)
		}
		data = data[n:]
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// unpack reads everything, as a careful caller does.
func unpack(format, xzProgram string, packed []byte) ([]byte, error) {
	r, err := NewReader(context.Background(), bytes.NewReader(packed), format, xzProgram)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(r)
	if cerr := r.Close(); err == nil {
		err = cerr
	}
	return data, err
}

// tool finds a program of the host, an oracle.
func tool(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not on this machine", name)
	}
	return path
}

func filter(t testing.TB, in []byte, name string, args ...string) []byte {
	t.Helper()
	cmd := exec.Command(tool(t, name), args...)
	cmd.Stdin = bytes.NewReader(in)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %s: %v: %s", name, args, err, stderr.String())
	}
	return out
}

// A decoder is one way to read a format; xz has two.
type decoder struct{ name, format, program string }

func decoders(t *testing.T) []decoder {
	list := []decoder{{"gzip", "gzip", ""}, {"bzip2", "bzip2", ""}, {"xz in Go", "xz", ""}, {"zstd", "zstd", ""}, {"lz4", "lz4", ""}}
	if path, err := exec.LookPath("xz"); err == nil {
		list = append(list, decoder{"xz program", "xz", path})
	} else {
		t.Log("xz is not on this machine: its child is not tested")
	}
	return list
}

// packed gives data in a format that we may only be able to read.
func packed(t *testing.T, format string, data []byte) []byte {
	if format == "bzip2" {
		return filter(t, data, "bzip2", "-c")
	}
	return pack(t, format, data, len(data))
}

func wantError(t *testing.T, err error, part string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), part) || strings.Contains(err.Error(), "\n") {
		t.Fatalf("error %v; want one line with %q", err, part)
	}
}
