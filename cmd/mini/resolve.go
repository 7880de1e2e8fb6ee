package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"mini/build"
	"mini/internal/fetch"
	"mini/internal/source"
)

// maxRounds bounds how often a script is evaluated anew because what was resolved made it ask for something else.
const maxRounds = 5

// resolve decides which bytes the script's sources are, pins that in mini.lock, and evaluates the script again with
// what is known now.
func (a *app) resolve(ctx context.Context, s *script, places *source.Sources, note func(string)) error {
	for range maxRounds {
		if len(s.wants) == 0 {
			return nil
		}
		if err := a.settle(ctx, s, places, note); err != nil {
			return err
		}
		if err := source.WriteLock(s.lockPath(), s.lock); err != nil {
			return fmt.Errorf("pin what was resolved: %w", err)
		}
		if err := a.evaluate(ctx, s); err != nil {
			return err
		}
	}
	return fmt.Errorf("%s asks for other sources each time that its sources are resolved", s.path)
}

// settle decides about the sources that the last evaluation asked for. Offline, all that can't be decided is told at once.
func (a *app) settle(ctx context.Context, s *script, places *source.Sources, note func(string)) error {
	var failed []string
	for _, w := range s.wants {
		if _, ok := s.pin(w.Want); ok {
			continue
		}
		if a.lockMode(s.loading) == lockError {
			failed = append(failed, fmt.Sprintf("%s: %s", w.Pos, w.Want))
			continue
		}
		pin, err := places.Resolve(ctx, w.Want, note)
		switch {
		case err != nil && s.loading.offline && ctx.Err() == nil:
			failed = append(failed, fmt.Sprintf("%s: %v", w.Pos, err))
			continue
		case err != nil:
			return fmt.Errorf("%s: %w", w.Pos, err)
		}
		s.lock.Put(pin)
		if s.fresh != nil {
			s.fresh[w.Want] = true
		}
	}
	switch {
	case len(failed) == 0:
		return nil
	case s.loading.offline && a.lockMode(s.loading) != lockError:
		return fmt.Errorf("mini: --offline: which bytes these sources are has not been settled:\n    %s\nrun it once with the network", strings.Join(failed, "\n    "))
	}
	why := "--lock=error"
	if s.loading.lock == "" {
		why = "CI=" + a.env("CI") + ", so that what is built doesn't change by itself"
	}
	return fmt.Errorf("mini: %s doesn't say which bytes these sources are:\n    %s\nmini doesn't settle it here (%s): run it where it may, or with --lock=update, and commit %s",
		s.lockPath(), strings.Join(failed, "\n    "), why, s.lockPath())
}

// sources are all places that source code may come from. vendor is a directory beside the script, "" for none.
func (a *app) sources(c *common, cache, vendor string) *source.Sources {
	client := &fetch.Client{HTTP: a.httpClient()}
	apt, err := exec.LookPath("apt-get")
	if err != nil {
		apt = ""
	}
	return source.New(source.Config{
		Mirrors:   c.mirrors,
		Distfiles: c.distfiles,
		Vendor:    vendor,
		Offline:   c.offline,
		Upstream:  true,
		Head:      client.Head,
		Apt: source.AptConfig{
			StateDir: filepath.Join(cache, "apt"), EtcApt: "/etc/apt", Program: apt, Env: a.toolEnv(),
		},
		Download: func(ctx context.Context, url, dst, sha256 string, size int64, progress func(done, total int64)) error {
			_, err := client.Download(ctx, url, dst, fetch.Want{SHA256: sha256, Size: size}, progress)
			return err
		},
	})
}

// httpClient goes through the proxies that the environment names.
func (a *app) httpClient() *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.Proxy = http.ProxyFromEnvironment
	t.DialContext = (&net.Dialer{Timeout: 10 * time.Second}).DialContext
	return &http.Client{Transport: t}
}

// toolEnv is the environment of programs that mini asks things: the host's, without what changes their language.
func (a *app) toolEnv() []string {
	env := []string{"LC_ALL=C", "PATH=" + a.env("PATH"), "HOME=" + a.env("HOME")}
	for _, name := range []string{"http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"} {
		if v := a.env(name); v != "" {
			env = append(env, name+"="+v)
		}
	}
	return env
}

// fetcher brings what the graph asks for, by the pins of the script's lock.
type fetcher struct {
	places *source.Sources
	script *script
	frozen bool       // mini.lock is not to be written
	mu     sync.Mutex // guards the lock file's pins: files are fetched side by side
}

// Fetch implements build.Fetcher.
func (f *fetcher) Fetch(ctx context.Context, want *build.Fetch, dst string, progress func(done, total int64)) error {
	if len(want.URLs) > 0 {
		return fetchURLs(ctx, f.places, want, dst, progress)
	}
	f.mu.Lock()
	pin, ok := f.script.pinned(want.SHA256)
	f.mu.Unlock()
	if !ok {
		return fmt.Errorf("mini.lock doesn't say where %s comes from", want.File)
	}
	if err := f.places.Fetch(ctx, pin, dst, progress); err != nil || pin.Size != 0 {
		return err
	}
	return f.learnSize(pin, dst)
}

// learnSize completes a pin whose sha256 came from a table, which has no sizes. With it the next run knows the keys of
// what is made of the file without having the file.
func (f *fetcher) learnSize(pin source.Pin, dst string) error {
	info, err := os.Stat(dst)
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	pin.Size = info.Size()
	f.script.lock.Put(pin)
	if f.frozen {
		return nil
	}
	return source.WriteLock(f.script.lockPath(), f.script.lock)
}

// fetchURLs brings a file from where the script says it is.
func fetchURLs(ctx context.Context, places *source.Sources, want *build.Fetch, dst string, progress func(done, total int64)) error {
	var errs []error
	for _, u := range want.URLs {
		err := places.Fetch(ctx, givenPin(want, u), dst, progress)
		if err == nil {
			return nil
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
