package fetch

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"
)

// leave writes what an earlier, interrupted process would have left.
func leave(t *testing.T, dst string, part []byte, state partState) {
	t.Helper()
	note, err := json.Marshal(state)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dst+".part", part, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dst+".part.json", note, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestResumeOfAnEarlierProcess(t *testing.T) {
	bad := append([]byte(nil), payload[:5000]...)
	bad[77] ^= 1
	all := int64(len(payload))
	hash := Want{SHA256: sum(payload)}
	tests := []struct {
		name    string
		part    []byte
		etag    string // remembered; the server's is "v2"
		total   int64
		synced  int64
		url     string // other than the server's
		want    Want
		ranges  []string // Range header of each request
		resumed bool
	}{
		{"same file", payload[:5000], `"v2"`, all, 5000, "", Want{}, []string{"bytes=5000-"}, true},
		{"file changed", payload[:5000], `"v1"`, all, 5000, "", Want{}, []string{"bytes=5000-"}, false},
		{"another address", payload[:5000], `"v2"`, all, 5000, "http://elsewhere/", Want{}, []string{""}, false},
		{"end not synced, no hash", payload[:5000], `"v2"`, all, 1000, "", Want{}, []string{"bytes=1000-"}, true},
		{"end not synced, hash", payload[:5000], `"v2"`, all, 0, "", hash, []string{"bytes=5000-"}, true},
		{"rotten part", bad, `"v2"`, all, 5000, "", hash, []string{"bytes=5000-", ""}, false},
		{"part longer than the file", append(append([]byte(nil), payload...), 1), `"v2"`, all, all + 1, "", hash, []string{""}, false},
		{"already whole", payload, `"v2"`, all, 0, "", hash, nil, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := &fake{etag: `"v2"`}
			s := f.start(t)
			dst := filepath.Join(t.TempDir(), "f")
			url := s.URL + "/f"
			if tt.url == "" {
				tt.url = url
			}
			leave(t, dst, tt.part, partState{URL: tt.url, ETag: tt.etag, Total: tt.total, Synced: tt.synced})
			got, err := quick().Download(context.Background(), url, dst, tt.want, nil)
			if err != nil {
				t.Fatal(err)
			}
			mustHave(t, dst, payload)
			if got.Resumed != tt.resumed || got.SHA256 != sum(payload) {
				t.Errorf("got %+v", got)
			}
			asked := f.requests()
			if len(asked) != len(tt.ranges) {
				t.Fatalf("%d requests, want %d", len(asked), len(tt.ranges))
			}
			for i, h := range asked {
				if h.Get("Range") != tt.ranges[i] {
					t.Errorf("request %d has Range %q, want %q", i, h.Get("Range"), tt.ranges[i])
				}
			}
			if l := leftovers(t, filepath.Dir(dst), "f"); l != nil {
				t.Errorf("left behind: %v", l)
			}
		})
	}
}

// A server that ignores If-Range and continues another file must be caught by
// the validator in its answer, hash or no hash.
func TestChangedFileBehindA206(t *testing.T) {
	f := &fake{etag: `"v2"`, rangeLie: fmt.Sprintf("bytes 5000-%d/%d", len(payload)-1, len(payload))}
	s := f.start(t)
	dst := filepath.Join(t.TempDir(), "f")
	leave(t, dst, make([]byte, 5000), partState{URL: s.URL, ETag: `"v1"`, Total: int64(len(payload)), Synced: 5000})
	if _, err := quick().Download(context.Background(), s.URL, dst, Want{}, nil); err != nil {
		t.Fatal(err)
	}
	mustHave(t, dst, payload)
}

func TestContentRange(t *testing.T) {
	tests := []struct {
		in           string
		start, total int64
		ok           bool
	}{
		{"bytes 5-9/10", 5, 10, true},
		{"bytes 0-0/1", 0, 1, true},
		{"bytes 5-8/10", 0, 0, false}, // stops before the end
		{"bytes 5-9/*", 0, 0, false},
		{"bytes 5-10/10", 0, 0, false},
		{"bytes -9/10", 0, 0, false},
		{"bytes 10-9/10", 0, 0, false},
		{"items 5-9/10", 0, 0, false},
		{"", 0, 0, false},
	}
	for _, tt := range tests {
		start, total, ok := contentRange(tt.in)
		if ok != tt.ok || ok && (start != tt.start || total != tt.total) {
			t.Errorf("contentRange(%q) = %d, %d, %v", tt.in, start, total, ok)
		}
	}
}

func TestValidatorOfFreshFile(t *testing.T) {
	const at = "Mon, 02 Jan 2006 15:04:05 GMT"
	for _, tt := range []struct{ name, date, want string }{
		{"at rest", "Mon, 02 Jan 2006 15:04:06 GMT", at},
		{"changed this second", at, ""},
		{"server without a clock", "", ""},
	} {
		p := &part{path: filepath.Join(t.TempDir(), "p")}
		if err := p.remember(http.Header{"Last-Modified": {at}, "Date": {tt.date}}, 9); err != nil {
			t.Fatal(err)
		}
		if got := p.state.validator(); got != tt.want {
			t.Errorf("%s: validator %q, want %q", tt.name, got, tt.want)
		}
	}
}
