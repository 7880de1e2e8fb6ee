package fetch

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// payload is long enough to be cut in the middle and different everywhere.
var payload = func() []byte {
	var b bytes.Buffer
	for i := 0; b.Len() < 300_000; i++ {
		fmt.Fprintf(&b, "%d ", i)
	}
	return b.Bytes()
}()

func sum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

// fake is a server whose faults are fields. The zero value serves payload well.
type fake struct {
	mu       sync.Mutex
	body     []byte // nil: payload
	etag     string
	modified string
	cuts     []int  // the n-th answer is cut after so many bytes (-1: whole)
	statuses []int  // the n-th answer is this status (0: as usual)
	rangeLie string // a Content-Range to send whatever was asked for
	hang     bool   // stop in the middle of the body until the client leaves
	asked    []http.Header
}

func (f *fake) start(t *testing.T) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	return s
}

func (f *fake) requests() []http.Header {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]http.Header(nil), f.asked...)
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	n := len(f.asked)
	f.asked = append(f.asked, r.Header.Clone())
	f.mu.Unlock()
	if n < len(f.statuses) && f.statuses[n] != 0 {
		w.WriteHeader(f.statuses[n])
		return
	}
	body := f.body
	if body == nil {
		body = payload
	}
	if f.etag != "" {
		w.Header().Set("ETag", f.etag)
	}
	if f.modified != "" {
		w.Header().Set("Last-Modified", f.modified)
	}
	whole, status := len(body), http.StatusOK
	if from, ok := strings.CutPrefix(r.Header.Get("Range"), "bytes="); ok {
		start, _ := strconv.Atoi(strings.TrimSuffix(from, "-"))
		same := r.Header.Get("If-Range") == f.etag || r.Header.Get("If-Range") == f.modified
		if same || f.rangeLie != "" {
			cr := fmt.Sprintf("bytes %d-%d/%d", start, whole-1, whole)
			if f.rangeLie != "" {
				cr = f.rangeLie
			}
			w.Header().Set("Content-Range", cr)
			body, status = body[start:], http.StatusPartialContent
		}
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if f.hang {
		w.Write(body[:len(body)/2])
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		return
	}
	if n < len(f.cuts) && f.cuts[n] >= 0 {
		w.Write(body[:f.cuts[n]])
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
	w.Write(body)
}

// quick is a client that does not wait between its tries.
func quick() *Client { return &Client{Backoff: time.Nanosecond} }

// leftovers lists what lies in dir besides the names given.
func leftovers(t *testing.T, dir string, but ...string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
next:
	for _, e := range entries {
		for _, b := range but {
			if e.Name() == b {
				continue next
			}
		}
		found = append(found, e.Name())
	}
	return found
}

func mustHave(t *testing.T, path string, want []byte) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s holds %d bytes that are not the %d served", filepath.Base(path), len(got), len(want))
	}
}
