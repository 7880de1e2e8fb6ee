package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	busyboxFile = "busybox-1.35.0.tar.bz2"
	busyboxSum  = "faeeb244c35a348a334f4a59e44626ee870fb07b6884d68c10ae8bc19f83a694"
)

// TestUpstreamBytesByMirror brings a real release over HTTP from a server that cuts the first answer short, with no
// other place to turn to. The bytes come first from wherever this machine finds them.
func TestUpstreamBytesByMirror(t *testing.T) {
	if os.Getenv("MINI_REAL") == "" {
		t.Skip("real tier: run with MINI_REAL=1")
	}
	dir := t.TempDir()
	original := filepath.Join(dir, "original.tar.bz2")
	fetchWith(t, dir, exitOK, original)
	content, err := os.ReadFile(original)
	if err != nil {
		t.Fatal(err)
	}

	var mu sync.Mutex
	var ranges []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/"+busyboxFile) {
			http.NotFound(w, r)
			return
		}
		mu.Lock()
		first := len(ranges) == 0 && r.Method == http.MethodGet
		if r.Method == http.MethodGet {
			ranges = append(ranges, r.Header.Get("Range"))
		}
		mu.Unlock()
		w.Header().Set("ETag", `"release"`)
		if first {
			w.Header().Set("Content-Length", "2480624")
			w.Write(content[:1_000_000])
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler) // the connection is gone
		}
		http.ServeContent(w, r, busyboxFile, time.Unix(0, 0), strings.NewReader(string(content)))
	}))
	defer server.Close()
	t.Setenv("PATH", t.TempDir()) // no apt-get
	mirrored := filepath.Join(dir, "mirrored.tar.bz2")
	fetchWith(t, dir, exitOK, "--mirror", server.URL, mirrored)
	got, err := os.ReadFile(mirrored)
	if err != nil || string(got) != string(content) {
		t.Errorf("the mirrored file has %d bytes of %d: %v", len(got), len(content), err)
	}
	if len(ranges) != 2 || ranges[0] != "" || ranges[1] != "bytes=1000000-" {
		t.Errorf("the server was asked for %q, want everything and then the rest", ranges)
	}

	// The same name with other bytes is an error, and nothing is kept.
	content[12345] ^= 1
	wrong := filepath.Join(dir, "wrong.tar.bz2")
	said := fetchWith(t, dir, exitFailed, "--mirror", server.URL, wrong)
	if !strings.Contains(said, busyboxSum) {
		t.Errorf("the wanted digest is not told: %s", said)
	}
	if left, _ := filepath.Glob(wrong + "*"); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// fetchWith runs the step that brings a file, and returns what it said.
func fetchWith(t *testing.T, dir string, want int, args ...string) string {
	t.Helper()
	errors, err := os.CreateTemp(dir, "stderr-")
	if err != nil {
		t.Fatal(err)
	}
	defer errors.Close()
	a := &app{stdin: os.Stdin, stdout: errors, stderr: errors, env: os.Getenv, environ: os.Environ()}
	code := a.main(context.Background(), append([]string{
		"step", "fetch", "--cache", filepath.Join(dir, "cache"), "--sha256", busyboxSum, "--name", "busybox", "--version", "1.35.0"}, args...))
	said, _ := os.ReadFile(errors.Name())
	if code != want {
		t.Fatalf("exit code %d, want %d: %s", code, want, said)
	}
	return string(said)
}
