package source

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// noDownload is a Downloader that must not be needed.
func noDownload(context.Context, string, string, string, int64, func(int64, int64)) error {
	return fmt.Errorf("not reachable in this test")
}

func realSources(t *testing.T) (*Sources, string) {
	t.Helper()
	if os.Getenv("MINI_REAL") == "" {
		t.Skip("real tier: run with MINI_REAL=1")
	}
	program, err := exec.LookPath("apt-get")
	if err != nil {
		t.Skip("apt-get is missing")
	}
	if names := codenames("/etc/os-release"); len(names) == 0 || names[0] != "bookworm" {
		t.Skip("what is expected here is what a Debian 12 host finds")
	}
	// The state is kept between runs if a place is given: the indexes are large.
	state := os.Getenv("MINI_REAL_STATE")
	if state == "" {
		state = t.TempDir()
	}
	s := New(Config{
		Apt:      AptConfig{StateDir: state, Program: program},
		Download: noDownload, Upstream: true,
		Head: func(ctx context.Context, url string) (int, error) {
			if strings.Contains(url, "kernel.org") || strings.Contains(url, "busybox.net") {
				return 0, fmt.Errorf("upstream is out of reach in this test")
			}
			resp, err := http.Head(url)
			if err != nil {
				return 0, err
			}
			resp.Body.Close()
			return resp.StatusCode, nil
		},
	})
	return s, state
}

// The archive moves on, so the tests look at the shape of what is found, and
// trust the sha256 of the signed index.
func TestRealArchive(t *testing.T) {
	s, _ := realSources(t)
	tests := []struct {
		want    Want
		version string // prefix
		from    string // prefix
	}{
		{Want{Name: "linux", Version: "6.1"}, "6.1.", "apt:bookworm:linux-source-6.1="},
		{Want{Name: "linux", Version: "6.12"}, "6.12.", "apt"},
		{Want{Name: "linux", Suite: "sid", Distro: true}, "7.", "apt-src:sid:linux="},
		{Want{Name: "busybox", Suite: "sid", Distro: true}, "1.", "apt-src:sid:busybox=1:"},
		{Want{Name: "busybox", Version: "1.37"}, "1.37.", "apt-src:"},
		{Want{Name: "busybox", Version: "1.35.0"}, "1.35.0", "upstream"},
		{Want{Name: "busybox", Version: "1.37.0"}, "1.37.0", "upstream"},
	}
	for _, tt := range tests {
		t.Run(tt.want.String(), func(t *testing.T) {
			ctx := context.Background()
			pin, err := s.Resolve(ctx, tt.want, func(n string) { t.Log(n) })
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%s", pin.line())
			if !strings.HasPrefix(pin.Version, tt.version) || !strings.HasPrefix(pin.From, tt.from) {
				t.Fatalf("pin %+v", pin)
			}
			dst := filepath.Join(t.TempDir(), pin.File)
			if err := s.Fetch(ctx, pin, dst, nil); err != nil {
				t.Fatal(err)
			}
			if sum, err := sumFile(dst); err != nil || sum != pin.SHA256 {
				t.Errorf("fetched %s, %v; want %s", sum, err, pin.SHA256)
			}
			if pin.Member != "" {
				out, err := exec.Command("sh", "-c", `dpkg-deb --fsys-tarfile "$1" | tar -tf - "./$2"`, "sh", dst, pin.Member).CombinedOutput()
				if err != nil {
					t.Errorf("no %s inside: %s", pin.Member, out)
				}
			}
		})
	}
}

func TestRealRefusals(t *testing.T) {
	s, _ := realSources(t)
	ctx := context.Background()
	_, err := s.Resolve(ctx, Want{Name: "linux", Version: "6.1.999"}, nil)
	t.Log(err)
	if err == nil || !strings.Contains(err.Error(), "(bookworm)") {
		t.Errorf("error %v does not say what the distribution has", err)
	}
	pin, err := s.Resolve(ctx, Want{Name: "linux", Version: "7.1.8"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = s.Fetch(ctx, pin, filepath.Join(t.TempDir(), "f"), nil)
	t.Log(err)
	if err == nil || !strings.Contains(err.Error(), "source = distro(") {
		t.Errorf("error %v does not say how to ask for the distribution's", err)
	}
	_, err = s.Resolve(ctx, Want{Name: "linux", Suite: "nosuch", Distro: true}, nil)
	t.Log(err)
	if err == nil || !strings.Contains(err.Error(), `no suite "nosuch"`) {
		t.Errorf("error %v", err)
	}
}
