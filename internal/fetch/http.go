package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

var (
	errNoAnswer = errors.New("no answer within the time limit")
	errStalled  = errors.New("the server stopped sending")
)

// attempt sends one request and appends its body to the part. Nil means that
// the body came whole; its contents are not judged here.
func (c *Client) attempt(ctx context.Context, rawURL string, p *part, want Want, progress Progress) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watchdog := time.AfterFunc(or(c.Header, 30*time.Second), func() { cancel(errNoAnswer) })
	defer watchdog.Stop()

	req, err := http.NewRequestWithContext(ctx, http.MethodGet, rawURL, nil)
	if err != nil {
		return fmt.Errorf("not a usable address: %s", redact(rawURL))
	}
	// Without this header the transport asks for gzip and undoes it, and the
	// sizes and ranges of this package would be those of other bytes.
	req.Header.Set("Accept-Encoding", "identity")
	if p.resumable() {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", p.size))
		req.Header.Set("If-Range", p.state.validator())
	} else if err := p.restart(); err != nil {
		return err
	}
	resp, err := c.http().Do(req)
	if err != nil {
		return requestError(ctx, rawURL, err)
	}
	defer resp.Body.Close()
	total, err := p.accept(resp, rawURL)
	if err != nil {
		return err
	}
	if want.Size > 0 && total > 0 && total != want.Size {
		return errors.Join(&SizeError{URL: redact(rawURL), Want: want.Size, Got: total}, p.discard())
	}
	idle := or(c.Idle, 30*time.Second)
	alive := func() { watchdog.Reset(idle) }
	alive()
	// From here the watchdog means silence in the body, not a missing header.
	body := &bodyReader{ctx: ctx, r: resp.Body}
	return p.append(body, rawURL, total, want, func(done, total int64) {
		alive()
		progress(done, total)
	})
}

// accept looks at an answer's status and header, sets the part to where the
// body has to go, and returns the size of the whole file (0 if unknown).
func (p *part) accept(resp *http.Response, rawURL string) (int64, error) {
	switch resp.StatusCode {
	case http.StatusOK:
		if err := p.restart(); err != nil {
			return 0, err
		}
		total := max(resp.ContentLength, 0)
		return total, p.remember(resp.Header, total)
	case http.StatusPartialContent:
		start, total, ok := contentRange(resp.Header.Get("Content-Range"))
		if ok && p.size > 0 && start == p.size && total == p.state.Total && p.state.same(resp.Header) {
			p.resumed = true
			return total, nil
		}
		// The bytes offered are not the continuation of ours.
		if err := p.discard(); err != nil {
			return 0, err
		}
		return 0, &transientError{fmt.Errorf("%s: the server continued at the wrong place", redact(rawURL))}
	case http.StatusRequestedRangeNotSatisfiable:
		if err := p.discard(); err != nil {
			return 0, err
		}
		return 0, &transientError{&StatusError{URL: redact(rawURL), Code: resp.StatusCode}}
	}
	err := &StatusError{URL: redact(rawURL), Code: resp.StatusCode}
	if resp.StatusCode >= 500 || resp.StatusCode == http.StatusRequestTimeout || resp.StatusCode == http.StatusTooManyRequests {
		return 0, &transientError{err}
	}
	return 0, err
}

// contentRange reads "bytes 100-199/200" (RFC 9110, section 14.4) and accepts
// only a range that goes on to the end of a file of known size.
func contentRange(s string) (start, total int64, ok bool) {
	rest, found := strings.CutPrefix(s, "bytes ")
	span, size, found2 := strings.Cut(rest, "/")
	first, last, found3 := strings.Cut(span, "-")
	if !found || !found2 || !found3 {
		return 0, 0, false
	}
	start, err1 := strconv.ParseInt(first, 10, 64)
	end, err2 := strconv.ParseInt(last, 10, 64)
	total, err3 := strconv.ParseInt(size, 10, 64)
	if err := errors.Join(err1, err2, err3); err != nil || start < 0 || end != total-1 || start > end {
		return 0, 0, false
	}
	return start, total, true
}

// bodyReader tells a stall apart from a cut connection: both arrive as an error
// of Read, but only the context knows why.
type bodyReader struct {
	ctx context.Context
	r   io.Reader
}

func (b *bodyReader) Read(buf []byte) (int, error) {
	n, err := b.r.Read(buf)
	if err != nil && err != io.EOF && context.Cause(b.ctx) == errNoAnswer {
		err = errStalled
	}
	return n, err
}

// requestError turns the transport's error into one sentence and decides
// whether asking again makes sense. A name that is not known or a port nobody
// listens on will be the same in a second; a connection that was cut may not.
func requestError(ctx context.Context, rawURL string, err error) error {
	if cause := context.Cause(ctx); errors.Is(cause, errNoAnswer) {
		return fmt.Errorf("%s: %w", redact(rawURL), errNoAnswer)
	}
	var ue *url.Error
	if errors.As(err, &ue) {
		err = ue.Err // its own text repeats the method and the whole address
	}
	said := fmt.Errorf("%s: %w", redact(rawURL), err)
	var op *net.OpError
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &op) && op.Op == "read" {
		return &transientError{said}
	}
	return said
}

// Head asks for url's header only and returns the status. It is the question
// "is it there, and can it be reached"; the caller's context limits the wait.
// For a file URL or a path the status is 200 or 404.
func (c *Client) Head(ctx context.Context, rawURL string) (int, error) {
	path, local, err := localPath(rawURL)
	if err != nil {
		return 0, err
	}
	if local {
		return statusOfFile(path), nil
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, rawURL, nil)
	if err != nil {
		return 0, fmt.Errorf("not a usable address: %s", redact(rawURL))
	}
	resp, err := c.http().Do(req)
	if err != nil {
		return 0, requestError(ctx, rawURL, err)
	}
	resp.Body.Close()
	return resp.StatusCode, nil
}

// redact hides the password of a URL: errors end up in logs.
func redact(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil || u.User == nil {
		return rawURL
	}
	return u.Redacted()
}
