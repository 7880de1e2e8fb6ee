// Package source knows which bytes a name and a version mean, and where they
// can be had.
//
// A version is settled first, bytes come second. Resolve turns what a script
// says ("6.1", "1.35.0", the newest of sid) into a Pin: one file with one
// sha256. Fetch brings exactly that file from whatever place has it. Places are
// a directory of files, mirrors, the projects' own sites, and the source packages
// that the host's distribution signs (through apt, without root and without a
// change to the host). A lock file keeps the pins between runs.
//
// The package does not download by itself: it is given a function for that.
package source

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Want is what a script asks for.
type Want struct {
	Name    string // the project, e.g. "linux"
	Version string // a series ("6.1"), a version ("6.1.190"), or "" or "newest"
	Suite   string // only this suite of the distribution, e.g. "sid"; "" otherwise
	Distro  bool   // only the distribution; any suite of it if Suite is ""
}

// Pin is one file, settled: what Resolve returns and one line of the lock file.
type Pin struct {
	Name    string
	Want    string // the version as the script wrote it, "newest" when it wrote none
	Suite   string // the suite as the script wrote it, AnySuite, or ""
	Version string // e.g. "6.1.192"
	File    string // base name of the file to fetch
	Member  string // path of the tarball inside File if that is a .deb, else ""
	SHA256  string // of File, lower-case hex
	Size    int64  // of File in bytes; 0 when not known
	// From says where it was found, without the name of any mirror: "upstream",
	// "apt:SUITE:PACKAGE=VERSION" (a .deb), "apt-src:SUITE:PACKAGE=VERSION" (a
	// file of a source package), or a URL the script gave.
	From     string
	Verified string // one of the Verified constants
}

// How the sha256 of a Pin became known.
const (
	VerifiedTable      = "table"         // the table of versions in mini
	VerifiedSignature  = "apt-signature" // an index under the distribution's signature
	VerifiedUnsigned   = "apt-trusted"   // an archive the host marks trusted=yes: no signature was checked
	VerifiedGiven      = "given"         // the script
	FromUpstream       = "upstream"      // Pin.From of a project's own release
	AnySuite           = "any"           // Pin.Suite of distro("linux") without a suite
	newest             = "newest"        // Pin.Want without a version
	defaultProbeWait   = 5 * time.Second
	maxHave            = 8 // versions an error lists for one place
	maxMirrorQuestions = 4 // versions of a series a mirror is asked for
)

// Downloader brings url (http, https, or a plain path) to dst. It checks sha256
// and size when they are known. An error that has a method WrongBytes() bool
// returning true ends the search for another place.
type Downloader func(ctx context.Context, url, dst, sha256 string, size int64, progress func(done, total int64)) error

// Config says which places there are. What is left empty is not asked.
type Config struct {
	Mirrors   []string // base URLs (or directories), asked before the upstream sites
	Distfiles string   // a directory, looked in first
	Vendor    string   // a directory like it, which lies beside the script: it is looked in before
	Offline   bool     // asks nobody but those that are on this machine
	Apt       AptConfig
	Download  Downloader
	// Upstream allows the projects' own sites and their public mirrors.
	Upstream bool
	// UpstreamURLs stands in for the function of this name, e.g. in tests.
	UpstreamURLs func(name, file string) []string
	// Head asks for the header of an http URL and returns the status. Nil means
	// a plain request that uses no proxy.
	Head func(ctx context.Context, url string) (status int, err error)
	// ProbeTimeout is how long to wait for a first sign of life of a site before
	// another place is asked. 0 means 5 s.
	ProbeTimeout time.Duration
}

// Provider is one place. Resolve returns ErrNotHere when it was asked and does
// not have it, any other error when it could not be asked.
type Provider interface {
	Name() string
	Resolve(ctx context.Context, w Want) (Pin, error)
	Fetch(ctx context.Context, p Pin, dst string, progress func(done, total int64)) error
}

// Sources answers questions about sources. It may be used by several goroutines.
type Sources struct {
	distfiles []*distfiles // in the order of asking
	mirrors   []*mirror
	offline   bool
	upstream  *upstream // nil: not allowed
	apt       *apt
	download  Downloader
}

// New prepares the places of c. It asks none of them yet.
func New(c Config) *Sources {
	urls := c.UpstreamURLs
	if urls == nil {
		urls = UpstreamURLs
	}
	probe := newProber(c.Head, c.ProbeTimeout)
	s := &Sources{apt: newApt(c.Apt, probe), download: c.Download, offline: c.Offline}
	s.apt.offline = c.Offline
	for _, dir := range []string{c.Vendor, c.Distfiles} {
		if dir != "" {
			s.distfiles = append(s.distfiles, &distfiles{dir: dir, download: c.Download})
		}
	}
	for _, base := range c.Mirrors {
		if c.Offline && !isLocal(base) {
			continue
		}
		s.mirrors = append(s.mirrors, &mirror{base: base, probe: probe, download: c.Download})
	}
	if c.Upstream && !c.Offline {
		s.upstream = &upstream{urls: urls, probe: probe, download: c.Download}
	}
	return s
}

// providers lists the places in the order of trust in what the user said.
func (s *Sources) providers() []Provider {
	var ps []Provider
	for _, d := range s.distfiles {
		ps = append(ps, d)
	}
	for _, m := range s.mirrors {
		ps = append(ps, m)
	}
	if s.upstream != nil {
		ps = append(ps, s.upstream)
	}
	return append(ps, s.apt)
}

// isLocal reports whether an address is on this machine.
func isLocal(url string) bool {
	scheme, _, ok := strings.Cut(url, "://")
	return !ok || strings.EqualFold(scheme, "file")
}

// errOffline is what a place answers that may not be asked.
var errOffline = errors.New("--offline forbids to ask it")

// ErrNotHere says that a place was asked and does not have what is wanted.
type ErrNotHere struct {
	Have   []string // what it has instead, nearest first, e.g. "6.1.192 (bookworm)"
	Failed error    // what parts of it said that could not be asked; nil if all could
}

func (e *ErrNotHere) Error() string {
	if len(e.Have) == 0 {
		return "has none"
	}
	if e.Failed != nil {
		return "has " + join(e.Have) + ", and could not be asked whole: " + e.Failed.Error()
	}
	return "has " + join(e.Have)
}

// Answer is what one place said.
type Answer struct {
	Place string
	Err   error
}

// NotFoundError is the failure to settle a version or to fetch a file: who was
// asked and what each said.
type NotFoundError struct {
	What    string // "linux 6.1.999"
	Problem string // "no place has it"
	Asked   []Answer
	Hint    string // what to do next; may be ""
}

func (e *NotFoundError) Error() string {
	msg := e.What + ": " + e.Problem
	for i, a := range e.Asked {
		sep := "; "
		if i == 0 {
			sep = ": "
		}
		var nh *ErrNotHere
		if errors.As(a.Err, &nh) {
			msg += fmt.Sprintf("%s%s %v", sep, a.Place, nh)
		} else {
			msg += fmt.Sprintf("%s%s could not help (%v)", sep, a.Place, a.Err)
		}
	}
	if e.Hint != "" {
		msg += "; " + e.Hint
	}
	return msg
}

// Unwrap gives errors.Is and errors.As the reasons of all places.
func (e *NotFoundError) Unwrap() []error {
	errs := make([]error, len(e.Asked))
	for i, a := range e.Asked {
		errs[i] = a.Err
	}
	return errs
}

// wrongBytes says whether err means that a place answered with other bytes than
// the pinned ones. No other place may paper over that.
func wrongBytes(err error) bool {
	var w interface{ WrongBytes() bool }
	return errors.As(err, &w) && w.WrongBytes()
}
