package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// brought is a Downloader for tests: http or a path, the hash compared.
func brought(ctx context.Context, url, dst, sum string, size int64, progress func(done, total int64)) error {
	var in io.ReadCloser
	if path, ok := plainPath(url); ok {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		in = f
	} else {
		resp, err := http.Get(url)
		if err != nil {
			return err
		}
		if in = resp.Body; resp.StatusCode != 200 {
			in.Close()
			return statusError(url, resp.StatusCode)
		}
	}
	defer in.Close()
	data, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	if err := os.WriteFile(dst, data, 0o644); err != nil {
		return err
	}
	if got, _ := sumFile(dst); got != sum {
		os.Remove(dst)
		return &wrongBytesError{what: url, want: sum, got: got}
	}
	return nil
}

// site is an HTTP server with some paths that remembers what it was asked.
type site struct {
	*httptest.Server
	mu    sync.Mutex
	files map[string]string
	asked []string
}

func newSite(t *testing.T, files map[string]string) *site {
	t.Helper()
	s := &site{files: files}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.asked = append(s.asked, r.Method+" "+r.URL.Path)
	body, ok := s.files[r.URL.Path]
	s.mu.Unlock()
	if !ok {
		http.NotFound(w, r)
		return
	}
	http.ServeContent(w, r, "", time.Time{}, strings.NewReader(body))
}

func (s *site) requests() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.asked, ", ")
}

// urls makes s the upstream of everything.
func (s *site) urls(name, file string) []string { return []string{s.URL + "/" + file} }

func newestKnown(name, series string) Release { return (Want{Name: name, Version: series}).known()[0] }

func TestResolveExactAsksNobody(t *testing.T) {
	s := newSite(t, nil)
	src := New(Config{Upstream: true, UpstreamURLs: s.urls, Mirrors: []string{s.URL}, Download: brought})
	for version, want := range map[string]string{"1.35.0": "busybox-1.35.0.tar.bz2", "1.38.0": "busybox-1.38.0.tar.bz2"} {
		pin, err := src.Resolve(context.Background(), Want{Name: "busybox", Version: version}, nil)
		if err != nil || pin.File != want || pin.From != FromUpstream || pin.Verified != VerifiedTable || pin.check() != nil {
			t.Errorf("%+v, %v", pin, err)
		}
	}
	if pin, err := src.Resolve(context.Background(), Want{Name: "linux", Version: "6.19.0"}, nil); err != nil || pin.Version != "6.19" {
		t.Errorf("6.19.0: %+v, %v", pin, err)
	}
	if r := s.requests(); r != "" {
		t.Errorf("asked: %s", r)
	}
}

func TestResolveSeries(t *testing.T) {
	top := newestKnown("busybox", "1.36")
	served := newSite(t, map[string]string{"/" + top.File: "x", "/downloads/busybox-1.36.0.tar.bz2": "x"})
	empty := newSite(t, nil)
	dead := httptest.NewServer(nil)
	dead.Close()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "busybox-1.36.0.tar.bz2"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	older := newSite(t, map[string]string{"/downloads/busybox-1.36.0.tar.bz2": "x"})
	tests := []struct {
		name string
		c    Config
		want string // version, or
		err  string
	}{
		{"upstream", Config{Upstream: true, UpstreamURLs: served.urls}, top.Version, ""},
		{"directory first", Config{Upstream: true, UpstreamURLs: served.urls, Distfiles: dir}, "1.36.0", ""},
		{"mirror behind", Config{Mirrors: []string{older.URL + "/"}}, "1.36.0", ""},
		{"directory as mirror", Config{Mirrors: []string{dir}}, "1.36.0", ""},
		{"upstream dead, mirror empty", Config{Upstream: true, UpstreamURLs: func(_, f string) []string { return []string{dead.URL + "/" + f} }, Mirrors: []string{empty.URL}}, "", "has none; upstream could not help"},
		{"upstream says no", Config{Upstream: true, UpstreamURLs: empty.urls}, "", "not there"},
		{"nothing", Config{}, "", "there is no apt-get on this machine"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			pin, err := New(tt.c).Resolve(context.Background(), Want{Name: "busybox", Version: "1.36"}, nil)
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) || strings.Contains(err.Error(), "\n") {
					t.Errorf("error %v, want one line with %q", err, tt.err)
				}
				return
			}
			if err != nil || pin.Version != tt.want || pin.Want != "1.36" {
				t.Errorf("%+v, %v; want %s", pin, err, tt.want)
			}
		})
	}
}

// Who asks for a project that mini has never heard of is told how to say where it is.
func TestAnUnknownProject(t *testing.T) {
	_, err := New(Config{}).Resolve(context.Background(), Want{Name: "frob", Version: "1.0"}, nil)
	if err == nil || !strings.Contains(err.Error(), "say where it is: source = source(url, sha256)") {
		t.Error(err)
	}
	_, err = New(Config{}).Resolve(context.Background(), Want{Name: "zlib", Version: "9.9"}, nil)
	if err == nil || strings.Contains(err.Error(), "say where it is") {
		t.Error(err)
	}
}

func TestReachabilityIsRemembered(t *testing.T) {
	s := newSite(t, map[string]string{"/" + newestKnown("busybox", "1.36").File: "x"})
	src := New(Config{Upstream: true, UpstreamURLs: s.urls})
	for range 3 {
		if _, err := src.Resolve(context.Background(), Want{Name: "busybox", Version: "1.36"}, nil); err != nil {
			t.Fatal(err)
		}
	}
	if n := strings.Count(s.requests(), "HEAD"); n != 1 {
		t.Errorf("asked %d times: %s", n, s.requests())
	}
}

func TestSilentUpstreamIsPassedOver(t *testing.T) {
	src := New(Config{
		Upstream: true, ProbeTimeout: time.Millisecond,
		Head: func(ctx context.Context, url string) (int, error) { <-ctx.Done(); return 0, ctx.Err() },
	})
	_, err := src.Resolve(context.Background(), Want{Name: "linux", Version: "6.1"}, nil)
	if err == nil || !strings.Contains(err.Error(), "no answer within 1ms") {
		t.Errorf("error %v", err)
	}
}

func TestUnknownVersionListsThePlaces(t *testing.T) {
	_, err := New(Config{Upstream: true, Distfiles: t.TempDir()}).Resolve(context.Background(), Want{Name: "busybox", Version: "1.36.9"}, nil)
	var nf *NotFoundError
	if !errors.As(err, &nf) || len(nf.Asked) != 3 {
		t.Fatalf("error %v", err)
	}
	for _, part := range []string{"busybox 1.36.9", "1.36.1, 1.37.0, 1.36.0", "directory", "no apt-get", "source(url, sha256)"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error lacks %q: %v", part, err)
		}
	}
}

func TestFetchOrder(t *testing.T) {
	const text = "the bytes"
	file := filepath.Join(t.TempDir(), "x")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	sum, _ := sumFile(file)
	pin := Pin{Name: "thing", Want: "1.0", Version: "1.0", File: "thing.tar.xz", SHA256: sum, From: "http://127.0.0.1:1/t", Verified: VerifiedGiven}
	good := newSite(t, map[string]string{"/thing.tar.xz": text})
	bad := newSite(t, map[string]string{"/thing.tar.xz": "other bytes"})
	empty := newSite(t, nil)
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "thing.tar.xz"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		c    Config
		err  string
	}{
		{"directory before a bad mirror", Config{Distfiles: full, Mirrors: []string{bad.URL}}, ""},
		{"empty mirror is passed over", Config{Distfiles: t.TempDir(), Mirrors: []string{empty.URL, good.URL}}, ""},
		{"wrong bytes end the search", Config{Mirrors: []string{bad.URL, good.URL}}, "wrong bytes"},
		{"nobody", Config{Mirrors: []string{empty.URL}}, "has none; the script could not help"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.c.Download = brought
			dst := filepath.Join(t.TempDir(), "out")
			err := New(tt.c).Fetch(context.Background(), pin, dst, nil)
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Errorf("error %v, want %q", err, tt.err)
				}
				if _, err := os.Stat(dst); err == nil {
					t.Error("something was kept")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

// Upstream's path, against a server that has the same bytes as it is said to.
func TestUpstreamFetch(t *testing.T) {
	r := newestKnown("busybox", "1.36")
	s := newSite(t, map[string]string{"/" + r.File: "not busybox"})
	var from string
	c := Config{Upstream: true, UpstreamURLs: s.urls, Download: func(_ context.Context, url, dst, sum string, _ int64, _ func(int64, int64)) error {
		from = url + " " + sum
		return nil
	}}
	pin := r.pin(Want{Name: "busybox", Version: "1.36"})
	if err := New(c).Fetch(context.Background(), pin, filepath.Join(t.TempDir(), "f"), nil); err != nil || from != s.URL+"/"+r.File+" "+r.SHA256 {
		t.Errorf("%q, %v", from, err)
	}
	c.Download = brought
	if err := New(c).Fetch(context.Background(), pin, filepath.Join(t.TempDir(), "f"), nil); err == nil || !strings.Contains(err.Error(), "wrong bytes") {
		t.Errorf("error %v", err)
	}
}

func TestFetchRefusesABrokenPin(t *testing.T) {
	pin := newestKnown("busybox", "1.36").pin(Want{Name: "busybox"})
	pin.File = "../x"
	if err := New(Config{Upstream: true, Download: brought}).Fetch(context.Background(), pin, "f", nil); err == nil {
		t.Error("fetched")
	}
}

func TestMirrorPaths(t *testing.T) {
	r := newestKnown("linux", "6.1")
	m := &mirror{base: "http://m.example/k/"}
	want := fmt.Sprintf("[http://m.example/k/%[1]s http://m.example/k/linux/kernel/v6.x/%[1]s http://m.example/k/pub/linux/kernel/v6.x/%[1]s]", r.File)
	if got := fmt.Sprint(m.urls(r.pin(Want{Name: "linux"}))); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
