package fetch

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestLocal(t *testing.T) {
	dir := t.TempDir()
	src := filepath.Join(dir, "a b.tar")
	if err := os.WriteFile(src, payload, 0o600); err != nil {
		t.Fatal(err)
	}
	good := Want{SHA256: sum(payload), Size: int64(len(payload))}
	tests := []struct {
		name, url string
		want      Want
		err       string
	}{
		{"path", src, good, ""},
		{"file url", "file://" + strings.ReplaceAll(src, " ", "%20"), good, ""},
		{"localhost", "file://localhost" + strings.ReplaceAll(src, " ", "%20"), Want{}, ""},
		{"other host", "file://elsewhere/x", Want{}, "not a usable file address"},
		{"directory", dir, Want{}, "not a regular file"},
		{"missing", filepath.Join(dir, "none"), Want{}, "no such file"},
		{"wrong hash", src, Want{SHA256: sum(nil)}, sum(payload)},
		{"wrong size", src, Want{Size: 3}, "expected 3"},
		{"ftp", "ftp://host/x", Want{}, `don't know how to fetch "ftp"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out := t.TempDir()
			dst := filepath.Join(out, "f")
			_, err := quick().Download(context.Background(), tt.url, dst, tt.want, nil)
			if tt.err == "" {
				if err != nil {
					t.Fatal(err)
				}
				mustHave(t, dst, payload)
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("error %v, want one with %q", err, tt.err)
			}
			if l := leftovers(t, out); l != nil {
				t.Errorf("left behind: %v", l)
			}
		})
	}
}

func TestVerify(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(path, payload, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Verify(path, Want{SHA256: strings.ToUpper(sum(payload)), Size: int64(len(payload))}); err != nil {
		t.Error(err)
	}
	if err := Verify(path, Want{}); err != nil {
		t.Error(err)
	}
	var he *HashError
	if err := Verify(path, Want{SHA256: sum(nil)}); !errors.As(err, &he) {
		t.Errorf("wrong hash: %v", err)
	}
	var se *SizeError
	if err := Verify(path, Want{Size: 1}); !errors.As(err, &se) {
		t.Errorf("wrong size: %v", err)
	}
	if err := Verify(filepath.Dir(path), Want{}); err == nil {
		t.Error("a directory verified")
	}
}
