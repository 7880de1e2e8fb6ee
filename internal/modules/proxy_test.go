package modules

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"mini/internal/fetch"

	"golang.org/x/mod/module"
	"golang.org/x/mod/sumdb/dirhash"
	"golang.org/x/mod/zip"
)

// published is one version of a module: its files.
type published map[string]string

// server is a module proxy.
type server struct {
	*httptest.Server
	mu    sync.Mutex
	has   map[string]map[string]published // by path and version
	also  map[string]http.HandlerFunc     // what it answers otherwise, by the address
	asked []string
}

func newServer(t *testing.T, has map[string]map[string]published) *server {
	t.Helper()
	s := &server{has: has, also: map[string]http.HandlerFunc{}}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.asked = append(s.asked, r.URL.Path)
	other := s.also[r.URL.Path]
	s.mu.Unlock()
	if other != nil {
		other(w, r)
		return
	}
	escaped, file, _ := strings.Cut(r.URL.Path[1:], "/@")
	path, err := module.UnescapePath(escaped)
	versions := s.has[path]
	if err != nil || versions == nil {
		http.NotFound(w, r)
		return
	}
	switch file = strings.TrimPrefix(file, "v/"); {
	case file == "list":
		for v := range versions {
			if !module.IsPseudoVersion(v) {
				fmt.Fprintln(w, v)
			}
		}
		return
	case file == "latest":
		for v := range versions {
			fmt.Fprintf(w, `{"Version":%q}`, v)
			return
		}
	}
	version, kind := strings.TrimSuffix(file, filepath.Ext(file)), filepath.Ext(file)
	if v, err := module.UnescapeVersion(version); err == nil && versions[v] != nil {
		switch kind {
		case ".info":
			fmt.Fprintf(w, `{"Version":%q,"Time":"2026-01-02T03:04:05Z"}`, v)
			return
		case ".zip":
			_, _ = w.Write(zipOf(module.Version{Path: path, Version: v}, versions[v]))
			return
		}
	}
	http.NotFound(w, r)
}

func (s *server) count(part string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, a := range s.asked {
		if strings.Contains(a, part) {
			n++
		}
	}
	return n
}

// zipOf is a module's zip, as a proxy would make it.
func zipOf(m module.Version, files published) []byte {
	var list []zip.File
	for name, text := range files {
		list = append(list, textFile{name, text})
	}
	var b bytes.Buffer
	if err := zip.Create(&b, m, list); err != nil {
		panic(err)
	}
	return b.Bytes()
}

type textFile struct{ name, text string }

func (f textFile) Path() string                 { return f.name }
func (f textFile) Lstat() (os.FileInfo, error)  { return textInfo{f}, nil }
func (f textFile) Open() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(f.text)), nil }

type textInfo struct{ f textFile }

func (i textInfo) Name() string       { return filepath.Base(i.f.name) }
func (i textInfo) Size() int64        { return int64(len(i.f.text)) }
func (i textInfo) Mode() fs.FileMode  { return 0o644 }
func (i textInfo) ModTime() time.Time { return time.Time{} }
func (i textInfo) IsDir() bool        { return false }
func (i textInfo) Sys() any           { return nil }

// newCache is a cache with the real downloader, which gives up soon.
func newCache(t *testing.T, c Config) *Cache {
	t.Helper()
	client := &fetch.Client{Header: 200 * time.Millisecond, Idle: 200 * time.Millisecond, Retries: 1, Backoff: time.Millisecond}
	if c.Dir == "" {
		c.Dir = filepath.Join(t.TempDir(), "modules")
	}
	if c.SumDB == "" {
		c.SumDB = "off"
	}
	c.Get = func(ctx context.Context, url, dst string, limit int64) error {
		_, err := client.Download(ctx, url, dst, fetch.Want{}, nil)
		if status := (*fetch.StatusError)(nil); errors.As(err, &status) && (status.Code == 404 || status.Code == 410) {
			return fs.ErrNotExist
		}
		return err
	}
	return NewCache(c)
}

const netPath = "example.org/Acme/net"

func netVersion(v string) module.Version { return module.Version{Path: netPath, Version: v} }

func twoVersions() map[string]map[string]published {
	return map[string]map[string]published{netPath: {
		"v1.0.0":      {"net.star": "x = 1\n", "files/init": "#!/bin/sh\n"},
		"v1.1.0":      {"net.star": "x = 2\n"},
		"v1.2.0-rc.1": {"net.star": "x = 3\n"},
	}}
}

func TestTreeIsBroughtOnce(t *testing.T) {
	s := newServer(t, twoVersions())
	c := newCache(t, Config{Proxy: s.URL})
	tree, err := c.Tree(context.Background(), netVersion("v1.0.0"), "")
	if err != nil {
		t.Fatal(err)
	}
	if got := tree.Files(); !slices.Equal(got, []string{"files/init", "net.star"}) {
		t.Errorf("files %q", got)
	}
	text, err := os.ReadFile(filepath.Join(tree.Dir, "net.star"))
	if err != nil || string(text) != "x = 1\n" {
		t.Errorf("%q, %v", text, err)
	}
	if info, err := os.Stat(filepath.Join(tree.Dir, "net.star")); err != nil || info.Mode().Perm()&0o222 != 0 {
		t.Errorf("it can be written: %v, %v", info.Mode(), err)
	}
	// Another process finds it there, without asking, if it is what its lock says.
	again := newCache(t, Config{Dir: c.config.Dir, Proxy: "off"})
	if _, err := again.Tree(context.Background(), netVersion("v1.0.0"), tree.Sum); err != nil {
		t.Error(err)
	}
	if n := s.count(".zip"); n != 1 {
		t.Errorf("the zip was asked for %d times", n)
	}
	if left, _ := filepath.Glob(filepath.Join(c.config.Dir, ".new-*")); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

// The checksum is that which go.sum would have.
func TestSumIsThatOfGoSum(t *testing.T) {
	s := newServer(t, map[string]map[string]published{"example.org/empty": {"v1.0.0": {"a": "", "b/c": "text\n"}}})
	tree, err := newCache(t, Config{Proxy: s.URL}).Tree(context.Background(), module.Version{Path: "example.org/empty", Version: "v1.0.0"}, "")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "x.zip")
	if err := os.WriteFile(file, zipOf(tree.Version, published{"a": "", "b/c": "text\n"}), 0o644); err != nil {
		t.Fatal(err)
	}
	want, err := hashZip(file)
	if err != nil || want != tree.Sum {
		t.Errorf("%s, the library says %s, %v", tree.Sum, want, err)
	}
}

// A proxy that answers badly brings nothing into the cache, and says why in words.
func TestBadProxies(t *testing.T) {
	good := zipOf(netVersion("v1.0.0"), twoVersions()[netPath]["v1.0.0"])
	other := zipOf(netVersion("v1.0.0"), published{"net.star": "x = 666\n"})
	for _, tt := range []struct {
		name   string
		answer http.HandlerFunc
		want   string
	}{
		{"wrong bytes", func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write(other) }, "has another checksum than mini.lock says"},
		{"no zip", func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "<html>") }, "is not the zip of a module"},
		{"another module's zip", func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write(zipOf(module.Version{Path: "example.org/x", Version: "v1.0.0"}, published{"a": ""}))
		}, "is not the zip of a module"},
		{"cut short", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", fmt.Sprint(len(good)))
			_, _ = w.Write(good[:len(good)/2])
		}, "could not be brought"},
		{"cut short without a length", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Transfer-Encoding", "identity")
			_, _ = w.Write(good[:len(good)/2])
		}, "is not the zip of a module"},
		{"hangs", func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "no answer within the time limit"},
		{"hangs in the middle", func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write(good[:len(good)/2])
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, "the server stopped sending"},
		{"broken", func(w http.ResponseWriter, r *http.Request) { http.Error(w, "no", http.StatusInternalServerError) }, "500 Internal Server Error"},
		{"has it not", http.NotFound, "it has none"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			sum := sumOfFiles(t, netVersion("v1.0.0"), twoVersions()[netPath]["v1.0.0"])
			s := newServer(t, nil)
			s.also["/example.org/!acme/net/@v/v1.0.0.zip"] = tt.answer
			c := newCache(t, Config{Proxy: s.URL})
			_, err := c.Tree(context.Background(), netVersion("v1.0.0"), sum)
			if told := (*Error)(nil); !errors.As(err, &told) || told.Hint == "" {
				if wrong := (*wrongSumError)(nil); !errors.As(err, &wrong) {
					t.Errorf("it says nothing of what to do: %v", err)
				}
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v", err)
			}
			if c.Has(netVersion("v1.0.0"), sum) {
				t.Error("it is in the cache")
			}
		})
	}
}

// sumOfFiles is a module's checksum, by way of a proxy that is all right.
func sumOfFiles(t *testing.T, v module.Version, files published) string {
	t.Helper()
	s := newServer(t, map[string]map[string]published{v.Path: {v.Version: files}})
	tree, err := newCache(t, Config{Proxy: s.URL}).Tree(context.Background(), v, "")
	if err != nil {
		t.Fatal(err)
	}
	return tree.Sum
}

// After a comma the next place is asked only if the one before has it not; after a bar in any case. Wrong bytes are
// never a reason to ask another.
func TestPlacesAreAskedInTurn(t *testing.T) {
	v := netVersion("v1.0.0")
	sum := sumOfFiles(t, v, twoVersions()[netPath]["v1.0.0"])
	broken := newServer(t, nil)
	broken.also["/example.org/!acme/net/@v/v1.0.0.zip"] = func(w http.ResponseWriter, r *http.Request) { http.Error(w, "no", http.StatusForbidden) }
	wrong := newServer(t, map[string]map[string]published{netPath: {"v1.0.0": {"net.star": "x = 666\n"}}})
	empty, good := newServer(t, nil), newServer(t, twoVersions())
	for _, tt := range []struct{ proxy, want string }{
		{empty.URL + "," + good.URL, ""},
		{empty.URL + "|" + good.URL, ""},
		{" " + empty.URL + "/ ,, " + good.URL + "/", ""},
		{broken.URL + "|" + good.URL, ""},
		{broken.URL + "," + good.URL, "403"},
		{wrong.URL + "|" + good.URL, "another checksum"},
		{empty.URL + ",off", "GOPROXY=off forbids it"},
		{"off," + good.URL, "GOPROXY=off forbids it"},
		{",", "names no place"},
	} {
		_, err := newCache(t, Config{Proxy: tt.proxy}).Tree(context.Background(), v, sum)
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: %v", tt.proxy, err)
		}
	}
}

// The password of a proxy stays out of errors, which end up in logs.
func TestPasswordsStayOutOfErrors(t *testing.T) {
	s := newServer(t, nil)
	_, err := newCache(t, Config{Proxy: strings.Replace(s.URL, "http://", "http://me:secret@", 1)}).Tree(context.Background(), netVersion("v1.0.0"), "")
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Error(err)
	}
}

func TestFileProxyAndQueries(t *testing.T) {
	has := twoVersions()
	has["example.org/old"] = map[string]published{"v1.0.0": {"a": ""}, "v2.0.0+incompatible": {"a": ""}}
	has["example.org/v"] = map[string]published{"v0.0.0-20260102030405-abcdefabcdef": {"a": ""}}
	s := newServer(t, has)
	c := newCache(t, Config{Proxy: s.URL})
	for _, tt := range []struct{ path, query, want string }{
		{netPath, "latest", "v1.1.0"},
		{netPath, "v1", "v1.1.0"},
		{netPath, "v1.0", "v1.0.0"},
		{netPath, "v1.2", "v1.2.0-rc.1"},
		{netPath, "v1.2.0-rc.1", "v1.2.0-rc.1"},
		{netPath, "v1.3", "!it has: v1.0.0, v1.1.0, v1.2.0-rc.1"},
		{netPath, "v2.0.0", "!mini get example.org/Acme/net/v2@v2.0.0"},
		{netPath + "/v2", "v1.0.0", "!mini get example.org/Acme/net@v1.0.0"},
		{netPath, "main", "!there is no example.org/Acme/net@main"},
		{netPath, "-x", "!can't be the name"},
		{"example.org/old", "latest", "v1.0.0"},
		{"example.org/old", "v2.0.0", "v2.0.0+incompatible"},
		{"example.org/v", "latest", "v0.0.0-20260102030405-abcdefabcdef"},
		{"example.org/none", "latest", "!it has none"},
		{"net", "latest", "!is not the path of a module"},
	} {
		got, err := c.Resolve(context.Background(), tt.path, tt.query)
		if want, wrong := strings.CutPrefix(tt.want, "!"); wrong && (err == nil || !strings.Contains(err.Error(), want)) || !wrong && got != tt.want {
			t.Errorf("%s@%s: %s, %v", tt.path, tt.query, got, err)
		}
	}
	if got, err := newCache(t, Config{Offline: "--offline", Proxy: s.URL}).Resolve(context.Background(), netPath, "latest"); err == nil {
		t.Errorf("offline it found %s", got)
	}
}

// What is in the cache is compared file by file, when it is used.
func TestChangedFilesAreNoticed(t *testing.T) {
	s := newServer(t, twoVersions())
	c := newCache(t, Config{Proxy: s.URL})
	first, err := c.Tree(context.Background(), netVersion("v1.0.0"), "")
	if err != nil {
		t.Fatal(err)
	}
	change := func(name, text string) {
		t.Helper()
		file := filepath.Join(first.Dir, filepath.FromSlash(name))
		_ = os.Remove(file)
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	now := func(name string) error {
		tree, err := newCache(t, Config{Dir: c.config.Dir, Proxy: "off"}).Tree(context.Background(), netVersion("v1.0.0"), first.Sum)
		if err != nil {
			t.Fatal(err)
		}
		return tree.Check(name)
	}
	if err := errors.Join(now("net.star"), now("files"), now(".")); err != nil {
		t.Fatal(err)
	}
	change("files/init", "#!/bin/evil\n")
	if now("files/init") == nil || now("files") == nil || now(".") == nil || now("net.star") != nil {
		t.Error("a changed file is not noticed, or another one is blamed")
	}
	change("files/init", "#!/bin/sh\n")
	change("files/more", "")
	if err := now("files/more"); err == nil || !strings.Contains(err.Error(), "it was not published with the module") {
		t.Error(err)
	}
	if now("files/more") == nil || now("files") == nil || now("files/init") != nil {
		t.Error("a file that was added is not noticed, or another one is blamed")
	}
	if err := os.Remove(filepath.Join(first.Dir, "files/more")); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(first.Dir, "files/init"), filepath.Join(first.Dir, "old")); err != nil {
		t.Fatal(err)
	}
	if now("files") == nil {
		t.Error("a missing file is not noticed")
	}
	if err := os.Symlink("../old", filepath.Join(first.Dir, "files/init")); err != nil {
		t.Fatal(err)
	}
	if now("files/init") == nil {
		t.Error("a link is not noticed")
	}
	// What a module requires is read of its files, too.
	s.has[netPath]["v1.3.0"] = published{LockName: "", "a": ""}
	third, err := c.Tree(context.Background(), netVersion("v1.3.0"), "")
	if err != nil {
		t.Fatal(err)
	}
	lock := filepath.Join(third.Dir, LockName)
	if err := errors.Join(os.Chmod(lock, 0o644), os.WriteFile(lock, []byte("# x\n"), 0o644)); err != nil {
		t.Fatal(err)
	}
	if _, err := third.requirements(); err == nil {
		t.Error("a changed mini.lock is believed")
	}
	// A list of files that somebody changed as well is another checksum: the module is brought again, and healed.
	place, _ := c.place(netVersion("v1.0.0"))
	if err := os.Chmod(filepath.Join(place, "sums"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(place, "sums"), []byte(strings.Repeat("0", 64)+"  "+first.Version.String()+"/net.star\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	healed, err := newCache(t, Config{Dir: c.config.Dir, Proxy: s.URL}).Tree(context.Background(), netVersion("v1.0.0"), first.Sum)
	if err != nil || healed.Check(".") != nil {
		t.Errorf("not healed: %v", err)
	}
	_, err = newCache(t, Config{Dir: c.config.Dir, Offline: "--offline"}).Tree(context.Background(), netVersion("v1.0.0"), sumOf(nil))
	if err == nil || !strings.Contains(err.Error(), "another checksum than mini.lock says") {
		t.Errorf("offline, with another checksum in the lock: %v", err)
	}
}

func hashZip(file string) (string, error) { return dirhash.HashZip(file, dirhash.Hash1) }

// Several minis that bring the same module at once don't take it away from each other.
func TestModulesAreBroughtSideBySide(t *testing.T) {
	s := newServer(t, twoVersions())
	dir := filepath.Join(t.TempDir(), "modules")
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			c := newCache(t, Config{Dir: dir, Proxy: s.URL})
			tree, err := c.Tree(context.Background(), netVersion("v1.0.0"), "")
			if err == nil {
				err = tree.Check(".")
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	// Who comes second leaves what is there, which may be read just now.
	c := newCache(t, Config{Dir: dir, Proxy: s.URL})
	place, err := c.place(netVersion("v1.0.0"))
	if err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(place)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.bring(context.Background(), netVersion("v1.0.0"), ""); err != nil {
		t.Fatal(err)
	}
	if after, err := os.Stat(place); err != nil || !os.SameFile(before, after) {
		t.Errorf("it was replaced: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

// CopyTo makes another cache that has the module, and says nothing of one that isn't here.
func TestCopyTo(t *testing.T) {
	s := newServer(t, twoVersions())
	c := newCache(t, Config{Proxy: s.URL})
	tree, err := c.Tree(context.Background(), netVersion("v1.0.0"), "")
	if err != nil {
		t.Fatal(err)
	}
	second := filepath.Join(t.TempDir(), "modules")
	if err := errors.Join(c.CopyTo(second, tree.Version), c.CopyTo(second, netVersion("v1.1.0"))); err != nil {
		t.Fatal(err)
	}
	again, err := newCache(t, Config{Dir: second, Offline: "--offline"}).Tree(context.Background(), tree.Version, tree.Sum)
	if err != nil || again.Check(".") != nil || again.Dir == tree.Dir {
		t.Error(err)
	}
}
