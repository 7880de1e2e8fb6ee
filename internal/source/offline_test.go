package source

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Offline, only what lies on this machine is looked at; a server would be asked by this test.
func TestOfflineAsksNobody(t *testing.T) {
	server := newSite(t, map[string]string{"/x.tar": "x"})
	dir := t.TempDir()
	s := New(Config{
		Offline: true, Upstream: true, Mirrors: []string{server.URL, "file://" + dir}, Vendor: filepath.Join(dir, "vendor"),
		Download:     brought,
		UpstreamURLs: func(name, file string) []string { return []string{server.URL + "/" + file} },
		Head: func(ctx context.Context, url string) (int, error) {
			resp, err := http.Head(url)
			if err != nil {
				return 0, err
			}
			return resp.StatusCode, resp.Body.Close()
		},
		Apt: AptConfig{Program: "/bin/false"},
	})
	known := Known("linux")[0]
	pins := []Pin{
		{Name: "x", Want: "1", Version: "1", File: "x.tar", SHA256: sumA, From: server.URL + "/x.tar", Verified: VerifiedGiven},
		known.pin(Want{Name: "linux", Version: known.Version}),
	}
	for _, p := range pins {
		if s.IsLocal(p) {
			t.Errorf("%s %s is said to be here", p.Name, p.Version)
		}
		err := s.Fetch(context.Background(), p, filepath.Join(dir, "out"), nil)
		if nf := (*NotFoundError)(nil); !errors.As(err, &nf) || !errors.Is(err, errOffline) {
			t.Errorf("%s: %v", p.Name, err)
		}
	}
	for _, w := range []Want{{Name: "linux", Version: "6.1"}, {Name: "linux", Distro: true}} {
		if _, err := s.Resolve(context.Background(), w, nil); err == nil || strings.Contains(err.Error(), "apt-get") {
			t.Errorf("%v: %v", w, err)
		}
	}
	if len(server.asked) > 0 {
		t.Errorf("it was asked %q", server.asked)
	}
	if err := os.WriteFile(filepath.Join(dir, known.File), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if !s.IsLocal(pins[1]) {
		t.Error("a mirror that is a directory is not looked at")
	}
}

// Two sources may have files of one name, such as v1.0.tar.gz.
func TestDistfilesTellFilesOfOneNameApart(t *testing.T) {
	dir, out := t.TempDir(), filepath.Join(t.TempDir(), "out")
	for _, text := range []string{"one", "two"} {
		file := filepath.Join(dir, "v1.tar.gz")
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		sum, err := sumFile(file)
		if err != nil {
			t.Fatal(err)
		}
		p := Pin{Name: text, Want: "1", Version: "1", File: "v1.tar.gz", SHA256: sum, From: "https://example.org/v1.tar.gz", Verified: VerifiedGiven}
		if err := os.Rename(file, filepath.Join(dir, p.LongName())); err != nil {
			t.Fatal(err)
		}
		s := New(Config{Vendor: dir, Download: brought})
		if err := s.Fetch(context.Background(), p, out, nil); err != nil || !s.IsLocal(p) {
			t.Error(err)
		}
	}
}
