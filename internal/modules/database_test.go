package modules

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"golang.org/x/mod/module"
	"golang.org/x/mod/sumdb"
	"golang.org/x/mod/sumdb/note"
)

// newDatabaseServer is a checksum database that knows one checksum for all, and its key.
func newDatabaseServer(t *testing.T, sum string) (http.Handler, string) {
	t.Helper()
	signer, key, err := note.GenerateKey(rand.Reader, "sum.example.org")
	if err != nil {
		t.Fatal(err)
	}
	db := sumdb.NewTestServer(signer, func(path, version string) ([]byte, error) {
		if strings.HasPrefix(path, "example.org/private") {
			return nil, fmt.Errorf("not found")
		}
		return fmt.Appendf(nil, "%s %s %s\n%s %s/go.mod %s\n", path, version, sum, path, version, sumOf(nil)), nil
	})
	return sumdb.NewServer(db), key
}

func TestChecksumsOfTheDatabase(t *testing.T) {
	v, files := netVersion("v1.0.0"), twoVersions()[netPath]["v1.0.0"]
	sum := sumOfFiles(t, v, files)
	right, key := newDatabaseServer(t, sum)
	wrong, otherKey := newDatabaseServer(t, sumOf([]byte("x")))
	ask := func(db http.Handler, change func(*Config)) error {
		t.Helper()
		direct := httptest.NewServer(db)
		defer direct.Close()
		s := newServer(t, twoVersions())
		s.has["example.org/private/x"] = map[string]published{"v1.0.0": files}
		c := Config{Proxy: s.URL, SumDB: key + " " + direct.URL}
		change(&c)
		cache := newCache(t, c)
		tree, err := cache.Tree(context.Background(), v, "")
		if err == nil && tree.Sum != sum {
			t.Errorf("checksum %s", tree.Sum)
		}
		if err != nil && cache.Has(v, sum) {
			t.Error("it is in the cache all the same")
		}
		return err
	}
	if err := ask(right, func(*Config) {}); err != nil {
		t.Error(err)
	}
	// The proxy passes questions to the database on.
	s := newServer(t, twoVersions())
	s.also["/sumdb/sum.example.org/supported"] = func(http.ResponseWriter, *http.Request) {}
	for _, at := range []string{"lookup/example.org/!acme/net@v1.0.0", "latest", "tile/8/0/000.p/1"} {
		s.also["/sumdb/sum.example.org/"+at] = func(w http.ResponseWriter, r *http.Request) {
			http.StripPrefix("/sumdb/sum.example.org", right).ServeHTTP(w, r)
		}
	}
	if _, err := newCache(t, Config{Proxy: s.URL, SumDB: key}).Tree(context.Background(), v, ""); err != nil {
		t.Error(err)
	}
	wrongURL := httptest.NewServer(wrong)
	defer wrongURL.Close()
	for _, tt := range []struct {
		name   string
		db     http.Handler
		change func(*Config)
		want   string // "" if all is well
	}{
		{"another checksum", right, func(c *Config) { c.SumDB = otherKey + " " + wrongURL.URL }, "has another checksum than the database sum.example.org says"},
		{"a key that isn't its", right, func(c *Config) { c.SumDB = key + " " + wrongURL.URL }, "could not be looked up in sum.example.org"},
		{"not reachable", right, func(c *Config) { c.SumDB = key + " http://127.0.0.1:1" }, "could not be looked up"},
		{"not reachable, and not asked", right, func(c *Config) { c.SumDB, c.NoSumDB = key+" http://127.0.0.1:1", "example.org/*" }, ""},
		{"off", right, func(c *Config) { c.SumDB = "off" }, ""},
		{"unknown", right, func(c *Config) { c.SumDB = "sum.example.net" }, "is not known"},
		{"too much", right, func(c *Config) { c.SumDB = "a b c" }, "more than a name and an address"},
	} {
		err := ask(tt.db, tt.change)
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	// What the database doesn't know is not public: the hint says what to set.
	private := module.Version{Path: "example.org/private/x", Version: "v1.0.0"}
	s.has["example.org/private/x"] = map[string]published{"v1.0.0": files}
	direct := httptest.NewServer(right)
	defer direct.Close()
	_, err := newCache(t, Config{Proxy: s.URL, SumDB: key + " " + direct.URL}).Tree(context.Background(), private, "")
	if err == nil || !strings.Contains(err.Error(), "GONOSUMDB=example.org/private/x") {
		t.Error(err)
	}
}

// A database whose log has lost what it said before is not believed.
func TestADatabaseThatForgetsIsNotBelieved(t *testing.T) {
	v := netVersion("v1.0.0")
	sum := sumOfFiles(t, v, twoVersions()[netPath]["v1.0.0"])
	signer, key, err := note.GenerateKey(rand.Reader, "sum.example.org")
	if err != nil {
		t.Fatal(err)
	}
	logOf := func() http.Handler {
		return sumdb.NewServer(sumdb.NewTestServer(signer, func(path, version string) ([]byte, error) {
			return fmt.Appendf(nil, "%s %s %s\n", path, version, sum), nil
		}))
	}
	db := logOf()
	direct := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { db.ServeHTTP(w, r) }))
	defer direct.Close()
	s := newServer(t, twoVersions())
	s.has[netPath]["v1.3.0"] = s.has[netPath]["v1.0.0"]
	c := newCache(t, Config{Proxy: s.URL, SumDB: key + " " + direct.URL})
	if _, err := c.Tree(context.Background(), v, ""); err != nil {
		t.Fatal(err)
	}
	db = logOf()
	resp, err := http.Get(direct.URL + "/lookup/example.org/other@v1.0.0") // its first line is another one now
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
	again := newCache(t, Config{Dir: c.config.Dir, Proxy: s.URL, SumDB: key + " " + direct.URL})
	_, err = again.Tree(context.Background(), netVersion("v1.3.0"), "")
	if err == nil || !strings.Contains(err.Error(), "contradicts itself") {
		t.Error(err)
	}
}
