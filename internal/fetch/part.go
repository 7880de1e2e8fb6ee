package fetch

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// part is the unfinished file and the running hash of what is in it.
type part struct {
	f       *os.File
	path    string
	url     string
	size    int64 // bytes in f that are hashed
	hash    hash.Hash
	state   partState
	resumed bool // the present contents were joined from two answers
}

// partState is the note beside a part: what the server said of the file, so
// that the rest is asked for only while it is still the same file.
type partState struct {
	URL          string `json:"url"`
	ETag         string `json:"etag,omitempty"`
	LastModified string `json:"last_modified,omitempty"`
	Total        int64  `json:"total"`  // bytes of the whole file
	Synced       int64  `json:"synced"` // bytes known to have reached the disk
}

// validator is what If-Range may carry, or "": a strong ETag, or the date of a
// file that had been at rest when it was asked for.
func (s partState) validator() string {
	if s.ETag != "" {
		return s.ETag
	}
	return s.LastModified
}

// same says whether an answer's header still names the remembered file. Servers
// exist that answer 206 although the file has changed.
func (s partState) same(h http.Header) bool {
	if e := h.Get("ETag"); s.ETag != "" && e != "" {
		return e == s.ETag
	}
	if m := h.Get("Last-Modified"); s.LastModified != "" && m != "" {
		return m == s.LastModified
	}
	return true
}

// openPart opens or creates the part and takes over what an earlier download of
// the same address left, as far as it can be trusted.
func openPart(path, url string, want Want) (*part, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|syscall.O_NOFOLLOW, 0o644)
	if err != nil {
		return nil, err
	}
	p := &part{f: f, path: path, url: url, hash: sha256.New()}
	note, err := os.ReadFile(p.notePath())
	if err != nil || json.Unmarshal(note, &p.state) != nil || p.state.URL != url {
		if err := p.restart(); err != nil {
			p.close()
			return nil, err
		}
		return p, nil
	}
	usable, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		p.close()
		return nil, err
	}
	// With a known hash the end of a part proves itself. Without one, bytes that
	// a crash of the machine may have turned into zeros must not be used.
	if want.SHA256 == "" {
		usable = min(usable, p.state.Synced)
	}
	if err := p.rehash(usable); err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

func (p *part) notePath() string { return p.path + ".json" }

// close leaves behind only a part that is worth resuming.
func (p *part) close() {
	p.f.Close()
	if p.size == 0 {
		_ = os.Remove(p.path)
		_ = os.Remove(p.notePath())
	}
}

// rehash keeps the first n bytes of the part and hashes them as they are on disk.
func (p *part) rehash(n int64) error {
	if err := p.f.Truncate(n); err != nil {
		return err
	}
	if _, err := p.f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	p.hash.Reset()
	got, err := io.Copy(p.hash, p.f)
	p.size = got
	p.resumed = false
	return err
}

// restart empties the part.
func (p *part) restart() error {
	p.state = partState{}
	return p.rehash(0)
}

// discard empties the part under a new inode and drops its note: nothing of
// what came is kept, and close removes what is then an empty file.
func (p *part) discard() error {
	err := p.restart()
	for _, name := range []string{p.notePath(), p.path} {
		if rerr := os.Remove(name); rerr != nil && !errors.Is(rerr, os.ErrNotExist) {
			err = errors.Join(err, rerr)
		}
	}
	if err != nil {
		return err
	}
	// The open file has no name any more; the next attempt needs one.
	p.f.Close()
	p.f, err = os.OpenFile(p.path, os.O_RDWR|os.O_CREATE|os.O_EXCL|syscall.O_NOFOLLOW, 0o644)
	return err
}

func (p *part) resumable() bool {
	return p.size > 0 && p.size < p.state.Total && p.state.validator() != ""
}

// remember notes what a fresh answer says of the file.
func (p *part) remember(h http.Header, total int64) error {
	p.state = partState{URL: p.url, Total: total}
	if e := h.Get("ETag"); strings.HasPrefix(e, `"`) { // W/"…" is weak: not the same bytes
		p.state.ETag = e
	}
	// A file changed within the second before it was sent can change again
	// under the same date (RFC 9110, section 8.8.2.2).
	mod, err1 := http.ParseTime(h.Get("Last-Modified"))
	now, err2 := http.ParseTime(h.Get("Date"))
	if err1 == nil && err2 == nil && now.Sub(mod) >= time.Second {
		p.state.LastModified = h.Get("Last-Modified")
	}
	return p.writeNote()
}

func (p *part) writeNote() error {
	note, err := json.Marshal(p.state)
	if err != nil {
		return err
	}
	return os.WriteFile(p.notePath(), append(note, '\n'), 0o644)
}

// save makes what has come so far last, for the next attempt or process.
func (p *part) save() error {
	if p.size == 0 || p.state.URL == "" {
		return nil
	}
	if err := p.f.Sync(); err != nil {
		return err
	}
	p.state.Synced = p.size
	return p.writeNote()
}

// append writes r behind what is there. total is 0 when the length of the whole
// is unknown; then the end of r is the end of the file, and only the checks of
// hash and size can tell a cut connection.
func (p *part) append(r io.Reader, url string, total int64, want Want, progress Progress) error {
	buf := make([]byte, 256<<10)
	limit := max(total, want.Size)
	progress(p.size, limit)
	for {
		n, rerr := r.Read(buf)
		if n > 0 {
			if want.Size > 0 && p.size+int64(n) > want.Size {
				return errors.Join(&SizeError{URL: redact(url), Want: want.Size, Got: p.size + int64(n), More: true}, p.discard())
			}
			if _, err := p.f.Write(buf[:n]); err != nil {
				return err
			}
			p.hash.Write(buf[:n])
			p.size += int64(n)
			progress(p.size, limit)
		}
		if rerr == io.EOF {
			if total > 0 && p.size != total {
				rerr = io.ErrUnexpectedEOF
			} else {
				return nil
			}
		}
		if rerr != nil {
			return &transientError{fmt.Errorf("%s: cut short after %d bytes: %w", redact(url), p.size, rerr)}
		}
	}
}

func (p *part) sum() string { return hex.EncodeToString(p.hash.Sum(nil)) }

// check compares the finished part with what is wanted.
func (p *part) check(url string, want Want) error {
	if want.Size > 0 && p.size != want.Size {
		return &SizeError{URL: redact(url), Want: want.Size, Got: p.size}
	}
	if got := p.sum(); want.SHA256 != "" && got != want.SHA256 {
		return &HashError{URL: redact(url), Want: want.SHA256, Got: got}
	}
	return nil
}

// publish gives the part its final name. The contents are synced before the
// rename and the directory after it: a name that is there is a file that is whole.
func (p *part) publish(dst string) (Got, error) {
	if err := p.f.Sync(); err != nil {
		return Got{}, err
	}
	if err := os.Rename(p.path, dst); err != nil {
		return Got{}, err
	}
	if err := os.Remove(p.notePath()); err != nil && !errors.Is(err, os.ErrNotExist) {
		return Got{}, err
	}
	dir, err := os.Open(filepath.Dir(dst))
	if err != nil {
		return Got{}, err
	}
	defer dir.Close()
	return Got{SHA256: p.sum(), Size: p.size, Resumed: p.resumed}, dir.Sync()
}
