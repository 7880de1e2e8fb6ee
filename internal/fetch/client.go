// Package fetch brings the bytes behind a URL to a file, whole or not at all.
//
// It knows about cut connections, servers that change a file while it is being
// read, stalls, retries and the checks that make a resumed download safe. It
// does not know what is being downloaded, nor which of several places to ask.
//
// Beside the destination lie, while a download is under way or was interrupted,
// dst.part (the bytes so far), dst.part.json (what the server said about them)
// and dst.lock (held by the process that writes). The destination itself only
// ever appears complete, checked and synced to disk.
package fetch

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Want is what is known of the bytes beforehand.
type Want struct {
	SHA256 string // hex, either case; "" when not known
	Size   int64  // bytes; 0 when not known
}

// Got is what a download turned out to be.
type Got struct {
	SHA256  string // lower-case hex of the whole file
	Size    int64  // bytes
	Resumed bool   // a part from before was continued rather than read again
}

// Progress is called often, from the goroutine that downloads, with bytes done
// and in all; total is 0 while it is unknown. Done may go back to 0 when a part
// has to be thrown away.
type Progress func(done, total int64)

// Client downloads. The zero value works: no proxy, and the default limits.
// It may be used by several goroutines at once.
type Client struct {
	// HTTP sends the requests; its transport decides on proxies and on the
	// limits of connecting and of the TLS handshake. It should have no overall
	// Timeout: a large file on a slow line is no error. Nil means a plain client
	// without proxies.
	HTTP *http.Client
	// Header is the longest wait from sending a request to the header of the
	// answer, redirects and connecting included. 0 means 30 s.
	Header time.Duration
	// Idle is the longest wait for the next bytes of a body. 0 means 30 s.
	Idle time.Duration
	// Retries is how often a download is tried again after a transient failure
	// (5xx, 408, 429, a connection that was cut or stalled). 0 means 3; negative
	// means never.
	Retries int
	// Backoff is the pause before the first retry; it doubles each time, up to
	// 10 s. 0 means 500 ms.
	Backoff time.Duration
}

// Download brings url to dst and returns what it got.
//
// The url may be http, https, file, or a plain path. A file that is already at
// dst and matches want.SHA256 is left alone. Errors: *HashError and *SizeError
// when the bytes are not the wanted ones (nothing is kept), *StatusError when
// the server refused, the context's error when it ended (the part is kept), and
// those of the file system.
func (c *Client) Download(ctx context.Context, url, dst string, want Want, progress Progress) (Got, error) {
	want.SHA256 = strings.ToLower(want.SHA256)
	if progress == nil {
		progress = func(done, total int64) {}
	}
	if err := os.MkdirAll(filepath.Dir(dst), 0o755); err != nil {
		return Got{}, err
	}
	unlock, err := lock(ctx, dst+".lock")
	if err != nil {
		return Got{}, err
	}
	defer unlock()

	// Another process may have finished while this one waited for the lock.
	if want.SHA256 != "" && Verify(dst, want) == nil {
		return gotFile(dst, want.SHA256)
	}
	p, err := openPart(dst+".part", url, want)
	if err != nil {
		return Got{}, err
	}
	defer p.close()

	path, local, err := localPath(url)
	switch {
	case err != nil:
		return Got{}, err
	case local:
		err = copyLocal(ctx, path, p, want, progress)
	default:
		err = c.downloadHTTP(ctx, url, p, want, progress)
	}
	if err != nil {
		return Got{}, err
	}
	return p.publish(dst)
}

// downloadHTTP tries until the part is whole and right, the failures are no
// longer transient, or the retries are used up.
func (c *Client) downloadHTTP(ctx context.Context, url string, p *part, want Want, progress Progress) error {
	if p.size > 0 && want.SHA256 != "" && p.sum() == want.SHA256 {
		p.resumed = true // it was whole; only the rename was missing
		return nil
	}
	for try := 0; ; {
		err := c.attempt(ctx, url, p, want, progress)
		if err == nil {
			err = p.check(url, want)
			if err == nil {
				return nil
			}
			// A wrong join is the part's fault, not the server's: once more from
			// the start, and only then believe that the bytes are wrong.
			resumed := p.resumed
			if err := p.discard(); err != nil {
				return err
			}
			if resumed {
				continue
			}
			return err
		}
		// What can't be saved is read again; it must not hide why it was left.
		_ = p.save()
		if ctx.Err() != nil {
			return fmt.Errorf("download of %s stopped: %w", redact(url), ctx.Err())
		}
		var tr *transientError
		if !errors.As(err, &tr) {
			return err
		}
		if try++; try > c.retries() {
			return fmt.Errorf("%w (tried %d times)", tr.err, try)
		}
		if err := c.pause(ctx, try); err != nil {
			return fmt.Errorf("download of %s stopped: %w", redact(url), err)
		}
	}
}

// pause waits before retry number try (from 1), or until the context ends.
func (c *Client) pause(ctx context.Context, try int) error {
	d := or(c.Backoff, 500*time.Millisecond) << min(try-1, 10)
	t := time.NewTimer(min(d, 10*time.Second))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *Client) retries() int {
	switch {
	case c.Retries < 0:
		return 0
	case c.Retries == 0:
		return 3
	}
	return c.Retries
}

// plain is the client of a zero Client. http.DefaultClient would read proxies
// from the environment, which is the caller's to decide.
var plain = &http.Client{Transport: &http.Transport{
	DialContext:         (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
	TLSHandshakeTimeout: 10 * time.Second,
	ForceAttemptHTTP2:   true,
	IdleConnTimeout:     30 * time.Second,
}}

func (c *Client) http() *http.Client {
	if c.HTTP != nil {
		return c.HTTP
	}
	return plain
}

func or(d, def time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return def
}
