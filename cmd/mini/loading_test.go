package main

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mini/internal/fetch"
	"mini/internal/modules"
	"mini/internal/source"
)

// What people have set for the go command holds for mini: the environment first, then what go env -w wrote.
func TestGoSettings(t *testing.T) {
	dir := t.TempDir()
	written := filepath.Join(dir, "go", "env")
	if err := os.MkdirAll(filepath.Dir(written), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(written, []byte("GOPROXY=https://written.example.org\nGOPRIVATE=example.org/written\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		env  map[string]string
		want modules.Config
	}{
		{map[string]string{}, modules.Config{}},
		{map[string]string{"XDG_CONFIG_HOME": dir}, modules.Config{Proxy: "https://written.example.org", NoProxy: "example.org/written", NoSumDB: "example.org/written"}},
		{map[string]string{"XDG_CONFIG_HOME": dir, "GOENV": "off"}, modules.Config{}},
		{map[string]string{"GOENV": written, "GOPROXY": "off", "GONOPROXY": "a", "GONOSUMDB": "b", "GOSUMDB": "off"},
			modules.Config{Proxy: "off", NoProxy: "a", NoSumDB: "b", SumDB: "off"}},
		{map[string]string{"GOPRIVATE": "a", "GONOSUMDB": "none"}, modules.Config{NoProxy: "a", NoSumDB: "none"}},
	} {
		a := &app{env: func(name string) string { return tt.env[name] }}
		var got modules.Config
		a.goSettings(&got)
		if got.Proxy != tt.want.Proxy || got.NoProxy != tt.want.NoProxy || got.NoSumDB != tt.want.NoSumDB || got.SumDB != tt.want.SumDB {
			t.Errorf("%v: %+v", tt.env, got)
		}
	}
}

// A proxy that sends without end is cut off, and what it doesn't have is told apart from what it can't give.
func TestGetterIsBounded(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/endless":
			for r.Context().Err() == nil {
				if _, err := w.Write(make([]byte, 1<<16)); err != nil {
					return
				}
			}
		case "/large":
			w.Header().Set("Content-Length", "100000000")
		case "/gone":
			w.WriteHeader(http.StatusGone)
		case "/secret":
			w.WriteHeader(http.StatusForbidden)
		default:
			http.NotFound(w, r)
		}
	}))
	defer s.Close()
	get := getter(&fetch.Client{Retries: -1, Header: 10 * time.Second})
	for path, want := range map[string]string{"/endless": "has over 1 MB", "/large": "has over 1 MB", "/gone": "", "/none": "", "/secret": "403"} {
		err := get(context.Background(), s.URL+path, filepath.Join(t.TempDir(), "x"), 1<<20)
		if want == "" && !errors.Is(err, fs.ErrNotExist) || want != "" && (err == nil || errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// A lock that is not to change doesn't learn the size of a source either.
func TestAFrozenLockLearnsNothing(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "x.tar")
	if err := os.WriteFile(file, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, frozen := range []bool{true, false} {
		s := &script{path: filepath.Join(dir, "x.star"), lock: &source.Lock{}}
		f := &fetcher{script: s, frozen: frozen}
		if err := f.learnSize(source.Pin{Name: "x", Want: "1", Version: "1"}, file); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(s.lockPath()); (err == nil) == frozen {
			t.Errorf("frozen %v: %v", frozen, err)
		}
	}
}
