package source

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	neturl "net/url"
	"os"
	"strings"
	"sync"
	"time"
)

// prober asks sites for a sign of life, once a URL, and remembers the answer as
// long as it lives: a site that can't be reached would otherwise cost its full
// time limit for every file.
type prober struct {
	head func(ctx context.Context, url string) (int, error)
	wait time.Duration

	mu      sync.Mutex
	answers map[string]*answer // by URL
}

type answer struct {
	done   chan struct{} // closed when the two below are set
	status int
	err    error
}

func newProber(head func(context.Context, string) (int, error), wait time.Duration) *prober {
	if head == nil {
		head = plainHead
	}
	if wait <= 0 {
		wait = defaultProbeWait
	}
	return &prober{head: head, wait: wait, answers: map[string]*answer{}}
}

// ask returns the status of url; err means that no answer came.
func (p *prober) ask(ctx context.Context, url string) (int, error) {
	p.mu.Lock()
	a, asked := p.answers[url]
	if !asked {
		a = &answer{done: make(chan struct{})}
		p.answers[url] = a
	}
	p.mu.Unlock()
	if !asked {
		a.status, a.err = p.question(ctx, url)
		if ctx.Err() != nil { // the caller gave up, which says nothing of the site
			p.mu.Lock()
			delete(p.answers, url)
			p.mu.Unlock()
		}
		close(a.done)
	}
	select {
	case <-a.done:
		return a.status, a.err
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

func (p *prober) question(ctx context.Context, url string) (int, error) {
	if path, ok := plainPath(url); ok {
		if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
			return http.StatusNotFound, nil
		}
		return http.StatusOK, nil
	}
	limited, cancel := context.WithTimeout(ctx, p.wait)
	defer cancel()
	status, err := p.head(limited, url)
	if err != nil && ctx.Err() == nil && limited.Err() != nil {
		err = fmt.Errorf("%s: no answer within %v", url, p.wait)
	}
	return status, err
}

// warm asks all of urls at the same time, so that their time limits overlap.
func (p *prober) warm(ctx context.Context, urls []string) {
	var wg sync.WaitGroup
	for _, url := range urls {
		wg.Go(func() { _, _ = p.ask(ctx, url) })
	}
	wg.Wait()
}

// worthAsking returns nil unless url's site gives no sign of life or says that
// the file is not there: some servers refuse the question and yet serve the file.
func (p *prober) worthAsking(ctx context.Context, url string) error {
	if err := p.has(ctx, url); errors.Is(err, errGone) {
		return err
	}
	_, err := p.ask(ctx, url)
	return err
}

// has returns nil when url leads to a file, an error that wraps errGone when it
// does not, and another one when that can't be told.
func (p *prober) has(ctx context.Context, url string) error {
	status, err := p.ask(ctx, url)
	switch {
	case err != nil:
		return err
	case status/100 == 2, status == http.StatusMethodNotAllowed, status == http.StatusNotImplemented:
		return nil
	}
	return statusError(url, status)
}

// anyHas returns nil when one of urls leads to a file.
func (p *prober) anyHas(ctx context.Context, urls []string) error {
	p.warm(ctx, urls)
	var said []error
	for _, url := range urls {
		err := p.has(ctx, url)
		if err == nil {
			return nil
		}
		said = append(said, err)
	}
	return oneLine(said)
}

// plainPath returns the path of a file URL or of what is no URL.
func plainPath(url string) (string, bool) {
	if rest, ok := strings.CutPrefix(url, "file:"); ok {
		if u, err := neturl.Parse(url); err == nil && u.Path != "" {
			return u.Path, true
		}
		return strings.TrimPrefix(rest, "//"), true
	}
	return url, !strings.Contains(url, ":/")
}

// direct asks without a proxy: which one to use is the caller's to know.
var direct = &http.Client{Transport: &http.Transport{
	DialContext:       (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
	DisableKeepAlives: true,
}}

func plainHead(ctx context.Context, url string) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, url, nil)
	if err != nil {
		return 0, err
	}
	resp, err := direct.Do(req)
	if err != nil {
		return 0, err
	}
	resp.Body.Close()
	return resp.StatusCode, nil
}
