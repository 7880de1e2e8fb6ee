package fetch

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestDownload(t *testing.T) {
	const strong, date = `"v1"`, "Mon, 02 Jan 2006 15:04:05 GMT"
	tests := []struct {
		name     string
		server   *fake
		want     Want
		requests int  // how many the server should have seen
		resumed  bool // the last one continued
		err      string
	}{
		{"plain", &fake{}, Want{}, 1, false, ""},
		{"checked", &fake{}, Want{SHA256: sum(payload), Size: int64(len(payload))}, 1, false, ""},
		{"hash in capitals", &fake{}, Want{SHA256: strings.ToUpper(sum(payload))}, 1, false, ""},
		{"empty file", &fake{body: []byte{}}, Want{SHA256: sum(nil)}, 1, false, ""},
		{"cut, strong etag", &fake{etag: strong, cuts: []int{1000}}, Want{SHA256: sum(payload)}, 2, true, ""},
		{"cut, no hash known", &fake{etag: strong, cuts: []int{1000}}, Want{}, 2, true, ""},
		{"cut, date only", &fake{modified: date, cuts: []int{1000}}, Want{}, 2, true, ""},
		{"cut twice", &fake{etag: strong, cuts: []int{1000, 1000}}, Want{}, 3, true, ""},
		{"cut, weak etag", &fake{etag: `W/"v1"`, cuts: []int{1000}}, Want{}, 2, false, ""},
		{"cut, nothing to go by", &fake{cuts: []int{1000}}, Want{}, 2, false, ""},
		{"cut before the first byte", &fake{etag: strong, cuts: []int{0}}, Want{}, 2, false, ""},
		{"always cut", &fake{cuts: []int{9, 9, 9, 9, 9, 9}}, Want{}, 4, false, "cut short after 9 bytes"},
		{"busy for a while", &fake{statuses: []int{503, 500}}, Want{}, 3, false, ""},
		{"busy for ever", &fake{statuses: []int{503, 503, 503, 503, 503}}, Want{}, 4, false, "503 Service Unavailable (tried 4 times)"},
		{"not there", &fake{statuses: []int{404}}, Want{}, 1, false, "the server answered 404 Not Found"},
		{"range lie", &fake{etag: strong, cuts: []int{1000}, rangeLie: "bytes 0-299999/300000"}, Want{}, 3, false, ""},
		{"size from header", &fake{}, Want{Size: 5}, 1, false, "wrong size, nothing kept"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := tt.server
			s := f.start(t)
			dir := t.TempDir()
			dst := filepath.Join(dir, "sub", "file")
			got, err := quick().Download(context.Background(), s.URL+"/f", dst, tt.want, nil)
			if n := len(f.requests()); n != tt.requests {
				t.Errorf("server was asked %d times, want %d", n, tt.requests)
			}
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Fatalf("error %v, want one with %q", err, tt.err)
				}
				if _, err := os.Stat(dst); err == nil {
					t.Error("a failed download left its destination")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			want := payload
			if tt.server.body != nil {
				want = tt.server.body
			}
			mustHave(t, dst, want)
			if got != (Got{SHA256: sum(want), Size: int64(len(want)), Resumed: tt.resumed}) {
				t.Errorf("got %+v", got)
			}
			if l := leftovers(t, filepath.Dir(dst), "file"); l != nil {
				t.Errorf("left behind: %v", l)
			}
		})
	}
}

func TestWrongHashKeepsNothing(t *testing.T) {
	s := (&fake{}).start(t)
	dir := t.TempDir()
	wanted := strings.Repeat("ab", 32)
	_, err := quick().Download(context.Background(), s.URL, filepath.Join(dir, "f"), Want{SHA256: wanted}, nil)
	var he *HashError
	if !errors.As(err, &he) {
		t.Fatalf("error %v is no HashError", err)
	}
	for _, part := range []string{wanted, sum(payload), s.URL} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error does not name %s: %v", part, err)
		}
	}
	if l := leftovers(t, dir); l != nil {
		t.Errorf("kept: %v", l)
	}
}

func TestStallEnds(t *testing.T) {
	s := (&fake{hang: true}).start(t)
	c := &Client{Idle: 20 * time.Millisecond, Retries: -1}
	_, err := c.Download(context.Background(), s.URL, filepath.Join(t.TempDir(), "f"), Want{}, nil)
	if !errors.Is(err, errStalled) {
		t.Errorf("error %v, want a stall", err)
	}
}

func TestNoHeaderEnds(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer s.Close()
	c := &Client{Header: 20 * time.Millisecond}
	_, err := c.Download(context.Background(), s.URL, filepath.Join(t.TempDir(), "f"), Want{}, nil)
	if !errors.Is(err, errNoAnswer) {
		t.Errorf("error %v, want no answer", err)
	}
}

func TestCancelKeepsThePart(t *testing.T) {
	f := &fake{hang: true, etag: `"v1"`}
	s := f.start(t)
	dst := filepath.Join(t.TempDir(), "f")
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	_, err := quick().Download(ctx, s.URL, dst, Want{}, func(done, total int64) {
		if done >= int64(len(payload)/2) {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v, want canceled", err)
	}
	f.mu.Lock()
	f.hang = false
	f.mu.Unlock()
	got, err := quick().Download(context.Background(), s.URL, dst, Want{}, nil)
	if err != nil || !got.Resumed {
		t.Fatalf("second download: %+v, %v; want it resumed", got, err)
	}
	mustHave(t, dst, payload)
}

func TestRedirect(t *testing.T) {
	f := &fake{}
	s := f.start(t)
	r := httptest.NewServer(http.RedirectHandler(s.URL+"/there", http.StatusFound))
	defer r.Close()
	dst := filepath.Join(t.TempDir(), "f")
	if _, err := quick().Download(context.Background(), r.URL, dst, Want{SHA256: sum(payload)}, nil); err != nil {
		t.Fatal(err)
	}
	mustHave(t, dst, payload)
}

func TestBytesAsTheyAre(t *testing.T) {
	f := &fake{}
	s := f.start(t)
	if _, err := quick().Download(context.Background(), s.URL, filepath.Join(t.TempDir(), "f"), Want{}, nil); err != nil {
		t.Fatal(err)
	}
	if e := f.requests()[0].Get("Accept-Encoding"); e != "identity" {
		t.Errorf("asked for encoding %q: sizes and ranges would be of other bytes", e)
	}
}

func TestSecondCallerFindsTheFile(t *testing.T) {
	f := &fake{}
	s := f.start(t)
	dir := t.TempDir()
	dst := filepath.Join(dir, "f")
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if _, err := quick().Download(context.Background(), s.URL, dst, Want{SHA256: sum(payload)}, nil); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	mustHave(t, dst, payload)
	if n := len(f.requests()); n != 1 {
		t.Errorf("%d requests for one file, want 1", n)
	}
	if l := leftovers(t, dir, "f"); l != nil {
		t.Errorf("left behind: %v", l)
	}
}

func TestLockWaitEndsWithContext(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	unlock, err := lock(context.Background(), path+".lock")
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := quick().Download(ctx, "http://localhost/", path, Want{}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want canceled", err)
	}
}

func TestRefusedConnectionIsNotRetried(t *testing.T) {
	s := httptest.NewServer(http.NotFoundHandler())
	s.Close()
	_, err := (&Client{Backoff: time.Hour}).Download(context.Background(), s.URL, filepath.Join(t.TempDir(), "f"), Want{}, nil)
	if err == nil || strings.Contains(err.Error(), "tried") {
		t.Errorf("error %v, want one refusal", err)
	}
}

func TestPasswordIsHidden(t *testing.T) {
	s := httptest.NewServer(http.NotFoundHandler())
	defer s.Close()
	u := strings.Replace(s.URL, "http://", "http://me:secret@", 1)
	_, err := quick().Download(context.Background(), u, filepath.Join(t.TempDir(), "f"), Want{}, nil)
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("error %v shows the password", err)
	}
}

func TestHead(t *testing.T) {
	s := (&fake{statuses: []int{0, 404}}).start(t)
	for _, want := range []int{200, 404} {
		if got, err := quick().Head(context.Background(), s.URL); got != want || err != nil {
			t.Errorf("Head = %d, %v; want %d", got, err, want)
		}
	}
}

func TestLockOnARemovedNameIsNoLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if !stillNamed(f, path) {
		t.Error("the name leads to the file, but is said not to")
	}
	if err := os.Remove(path); err != nil || stillNamed(f, path) {
		t.Errorf("a removed name counts (%v)", err)
	}
	if err := os.WriteFile(path, nil, 0o644); err != nil || stillNamed(f, path) {
		t.Errorf("another file under the name counts (%v)", err)
	}
}
