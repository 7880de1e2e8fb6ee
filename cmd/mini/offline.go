package main

import (
	"context"
	"fmt"
	"strings"

	"mini/build"
	"mini/internal/source"
)

// haveAll says before anything is built which sources --offline keeps from being brought: all of them, not the first.
func (s *session) haveAll(ctx context.Context, nodes []*build.Node) error {
	if !s.flags.offline {
		return nil
	}
	plan, err := s.planned(ctx, nodes)
	if err != nil {
		return err
	}
	var missing []string
	for _, p := range plan {
		if p.Status != build.StatusFetch || s.isLocal(p.Node.Fetch) {
			continue
		}
		missing = append(missing, fmt.Sprintf("%s (%s)", p.Node.Fetch.File, p.Node.Pos))
	}
	if len(missing) == 0 {
		return nil
	}
	return fmt.Errorf("mini: --offline: these sources are not on this machine:\n    %s\n"+
		"run it once with the network, put them beside the script with `mini vendor` where there is one, or into a directory for --distfiles",
		strings.Join(missing, "\n    "))
}

// isLocal reports whether a file can be brought without a network.
func (s *session) isLocal(f *build.Fetch) bool {
	if len(f.URLs) == 0 {
		pin, ok := s.script.pinned(f.SHA256)
		return ok && s.places.IsLocal(pin)
	}
	for _, u := range f.URLs {
		if s.places.IsLocal(givenPin(f, u)) {
			return true
		}
	}
	return false
}

// givenPin is a file at an address that the script names.
func givenPin(f *build.Fetch, url string) source.Pin {
	return source.Pin{
		Name: f.File, Want: "given", Version: "given", File: f.File, SHA256: f.SHA256, Size: f.Size,
		From: url, Verified: source.VerifiedGiven,
	}
}
