package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
)

// localPath returns the path behind a file URL or a plain path; local is false
// for http and https. Other schemes are an error.
func localPath(rawURL string) (path string, local bool, err error) {
	scheme, _, hasScheme := strings.Cut(rawURL, "://")
	if !hasScheme {
		return rawURL, true, nil
	}
	switch strings.ToLower(scheme) {
	case "http", "https":
		return "", false, nil
	case "file":
		u, err := url.Parse(rawURL)
		if err != nil || u.Host != "" && u.Host != "localhost" {
			return "", false, fmt.Errorf("not a usable file address: %s (write file:///absolute/path)", rawURL)
		}
		return u.Path, true, nil
	}
	return "", false, fmt.Errorf("%s: don't know how to fetch %q; use http, https, file or a path", redact(rawURL), scheme)
}

// copyLocal fills the part from a file of this machine.
func copyLocal(ctx context.Context, path string, p *part, want Want, progress Progress) error {
	err := fill(ctx, path, p, want, progress)
	if err == nil {
		err = p.check(path, want)
	}
	if err != nil { // reading again costs nothing: never leave a part behind
		_ = p.discard()
	}
	return err
}

func fill(ctx context.Context, path string, p *part, want Want, progress Progress) error {
	if err := p.restart(); err != nil {
		return err
	}
	src, err := os.Open(path)
	if err != nil {
		return err
	}
	defer src.Close()
	info, err := src.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a regular file", path)
	}
	if want.Size > 0 && info.Size() != want.Size {
		return &SizeError{URL: path, Want: want.Size, Got: info.Size()}
	}
	err = p.append(&ctxReader{ctx, src}, path, info.Size(), want, progress)
	if tr := (*transientError)(nil); errors.As(err, &tr) {
		return tr.err
	}
	return err
}

// ctxReader ends a copy when the context does.
type ctxReader struct {
	ctx context.Context
	r   io.Reader
}

func (c *ctxReader) Read(b []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(b)
}

func statusOfFile(path string) int {
	if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
		return http.StatusOK
	}
	return http.StatusNotFound
}
