package source

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
)

// Fetch brings the file of p to dst, from any place that has those bytes. The
// sha256 decides, not the place: a place that can't be reached or has it not is
// passed over, one that answers with other bytes ends the search with an error.
// When nothing helps, *NotFoundError tells what every place said.
func (s *Sources) Fetch(ctx context.Context, p Pin, dst string, progress func(done, total int64)) error {
	if err := p.check(); err != nil {
		return err
	}
	if progress == nil {
		progress = func(done, total int64) {}
	}
	var asked []Answer
	for _, place := range s.order(p) {
		err := place.Fetch(ctx, p, dst, progress)
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case wrongBytes(err):
			return fmt.Errorf("%s %s from %s: %w", p.Name, p.Version, place.Name(), err)
		}
		asked = append(asked, Answer{place.Name(), err})
	}
	return &NotFoundError{
		What: p.Name + " " + p.Version, Problem: "could not be fetched (" + p.File + ")",
		Asked: asked, Hint: fetchHint(asked),
	}
}

// order lists the places for p: what the user set up first, then where it was
// found, then where else the same bytes are known to be.
func (s *Sources) order(p Pin) []Provider {
	var ps []Provider
	for _, d := range s.distfiles {
		ps = append(ps, d)
	}
	for _, m := range s.mirrors {
		ps = append(ps, m)
	}
	if strings.Contains(p.From, "://") {
		return append(ps, &givenURL{url: p.From, download: s.download, off: s.offline && !isLocal(p.From)})
	}
	if p.From != FromUpstream {
		ps = append(ps, s.apt)
	}
	if _, known := bySHA256(p.Name, p.SHA256); known && s.upstream != nil {
		ps = append(ps, s.upstream)
	}
	if p.From == FromUpstream {
		ps = append(ps, s.apt)
	}
	return ps
}

// IsLocal reports whether a place on this machine has a file for p; whether it is the right one only reading it tells.
func (s *Sources) IsLocal(p Pin) bool {
	for _, d := range s.distfiles {
		if slices.ContainsFunc(d.names(p), d.has) {
			return true
		}
	}
	urls := []string{}
	for _, m := range s.mirrors {
		urls = append(urls, m.urls(p)...)
	}
	if strings.Contains(p.From, "://") {
		urls = append(urls, p.From)
	}
	return slices.ContainsFunc(urls, func(u string) bool {
		_, err := os.Stat(strings.TrimPrefix(u, "file://"))
		return isLocal(u) && err == nil
	})
}

// fetchHint picks what to do next from what the places said.
func fetchHint(asked []Answer) string {
	for _, a := range asked {
		var h *hintError
		if errors.As(a.Err, &h) {
			return h.hint
		}
	}
	return "check the network, or put the file into a directory and give that with --distfiles"
}

// hintError is an error of a place together with what could be done about it.
type hintError struct {
	err  error
	hint string
}

func (h *hintError) Error() string { return h.err.Error() }
func (h *hintError) Unwrap() error { return h.err }
