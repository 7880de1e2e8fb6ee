package source

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// AptConfig is what the distribution's provider may use of the host.
type AptConfig struct {
	StateDir  string   // absolute; private lists, caches and unfinished downloads live here
	EtcApt    string   // the host's apt configuration; "" means /etc/apt
	OSRelease string   // names the host's release; "" means /etc/os-release
	Program   string   // path of apt-get; "" means there is none
	Env       []string // environment for apt-get; nil means a PATH of the system's directories only
}

// apt is the provider of the distribution's signed packages. It needs no root
// and leaves the host's own lists alone.
type apt struct {
	c       AptConfig
	offline bool
	probe   *prober
	now     func() time.Time
	// patience is how long an index may take.
	patience time.Duration

	mu      sync.Mutex // guards what follows, and lets one run of apt at a time change indexes
	dist    *distribution
	indexes map[string]*index
}

func newApt(c AptConfig, probe *prober) *apt {
	if c.EtcApt == "" {
		c.EtcApt = "/etc/apt"
	}
	if c.OSRelease == "" {
		c.OSRelease = "/etc/os-release"
	}
	return &apt{c: c, probe: probe, now: time.Now, patience: 3 * time.Minute, indexes: map[string]*index{}}
}

func (a *apt) Name() string { return "the distribution (apt)" }

// distribution finds the host's archive, once. The caller holds a.mu.
func (a *apt) distribution() (distribution, error) {
	switch {
	case a.dist != nil:
		return *a.dist, nil
	case a.offline:
		return distribution{}, errOffline
	case a.c.Program == "":
		return distribution{}, errors.New("there is no apt-get on this machine")
	case !filepath.IsAbs(a.c.StateDir) || strings.ContainsAny(a.c.StateDir, "\"\\\n"):
		return distribution{}, fmt.Errorf("apt's directory %q has to be an absolute path without quotes", a.c.StateDir)
	}
	archives, err := readArchives(a.c.EtcApt)
	if err != nil {
		return distribution{}, err
	}
	d, err := findDistribution(archives, codenames(a.c.OSRelease))
	if err != nil {
		return distribution{}, err
	}
	a.dist = &d
	return d, nil
}

// suites of the two distributions, oldest first. One that an archive does not
// have (yet, or any more) is passed over.
var (
	debianSuites = []string{"bullseye", "bookworm", "trixie", "forky", "sid"}
	ubuntuSuites = []string{"jammy", "noble", "questing", "resolute"}
)

// suites lists where to look: the host's first, then the newer ones from near to
// far, then the older ones.
func (a *apt) suites() ([]string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	d, err := a.distribution()
	if err != nil {
		return nil, err
	}
	all := debianSuites
	if strings.Contains(d.main.uri+d.main.options["Signed-By"], "ubuntu") {
		all = ubuntuSuites
	}
	list := []string{d.suite}
	host := slices.Index(all, d.suite)
	if host < 0 {
		return append(list, all...), nil
	}
	list = append(list, all[host+1:]...)
	for i := host - 1; i >= 0; i-- {
		list = append(list, all[i])
	}
	return list, nil
}

// Resolve returns the distribution's newest file that w can mean.
func (a *apt) Resolve(ctx context.Context, w Want) (Pin, error) {
	return a.resolve(ctx, w, func(string) {})
}

// resolve goes through the suites in turn. The host's own kernel source package
// is preferred in its own suite; elsewhere the source packages' index has all.
func (a *apt) resolve(ctx context.Context, w Want, note func(string)) (Pin, error) {
	suites, err := a.suites()
	if err != nil {
		return Pin{}, err
	}
	host := suites[0]
	if w.Suite != "" {
		suites = []string{w.Suite}
	}
	var have []string
	var said []error
	for _, suite := range suites {
		kinds := []string{kindSrc}
		if suite == host && w.Name == "linux" {
			kinds = []string{kindDeb, kindSrc}
		}
		for _, kind := range kinds {
			list, err := a.candidates(ctx, suite, kind, w.Name, false)
			if ctx.Err() != nil {
				return Pin{}, ctx.Err()
			}
			if errors.As(err, new(noSuiteError)) && w.Suite == "" {
				continue
			}
			if err != nil {
				said = append(said, fmt.Errorf("%s: %w", suite, err))
				continue
			}
			if c, ok := a.pick(ctx, w, list, suite, kind, note); ok {
				return c.pin(w), nil
			}
			for _, c := range list {
				if !w.wanted(c.version) { // those were tried, and are gone
					have = append(have, c.version+" ("+suite+")")
				}
			}
		}
	}
	if len(have) == 0 && len(said) > 0 {
		return Pin{}, oneLine(said)
	}
	missing := &ErrNotHere{Have: near(have, w.Version, maxHave)}
	if len(said) > 0 {
		missing.Failed = oneLine(said)
	}
	return Pin{}, missing
}

// pick takes the newest candidate that w can mean and that is really there. The
// index lists files that are gone from the archive (superseded ones, kept in it
// for other packages' sake); then the next older one is tried, after a look at
// whether the index itself is out of date.
func (a *apt) pick(ctx context.Context, w Want, list []candidate, suite, kind string, note func(string)) (candidate, bool) {
	asked := false
	for i := 0; i < len(list); i++ {
		c := list[i]
		if !w.wanted(c.version) {
			continue
		}
		if err := a.probe.has(ctx, c.url); !errors.Is(err, errGone) {
			return c, ctx.Err() == nil
		}
		if !asked {
			asked = true
			if fresh, err := a.candidates(ctx, suite, kind, w.Name, true); err == nil && !slices.Equal(fresh, list) {
				list, i = fresh, -1
				continue
			}
		}
		note(fmt.Sprintf("%s %s is listed in %s, but its file is gone; trying an older one", w.Name, c.version, suite))
	}
	return candidate{}, false
}
