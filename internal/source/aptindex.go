package source

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// maxAge is how old an index may be before it is asked for anew.
const maxAge = 24 * time.Hour

// index is one kind of index (Packages or Sources) of one suite with its
// pockets, in a directory of its own below AptConfig.StateDir, so that no run of
// apt throws away what another one keeps.
type index struct {
	dir         string
	kind, suite string
	refreshed   bool                   // by this process
	found       map[string][]candidate // by name
}

func (ix *index) conf() string { return filepath.Join(ix.dir, "apt.conf") }

// candidates returns the files of a suite that are sources of name, newest
// first. force asks the archive for news unless this process did so already.
func (a *apt) candidates(ctx context.Context, suite, kind, name string, force bool) ([]candidate, error) {
	key := kind + "-" + suite
	a.mu.Lock()
	defer a.mu.Unlock()
	d, err := a.distribution()
	if err != nil {
		return nil, err
	}
	ix := a.indexes[key]
	if ix == nil {
		ix = &index{dir: filepath.Join(a.c.StateDir, key), kind: kind, suite: suite, found: map[string][]candidate{}}
		a.indexes[key] = ix
	}
	force = force && !ix.refreshed
	if list, ok := ix.found[name]; ok && !force {
		return list, nil
	}
	if err := os.MkdirAll(ix.dir, 0o755); err != nil {
		return nil, err
	}
	unlock, err := flock(ctx, filepath.Join(ix.dir, "lock"), false)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if err := ix.layOut(a.c.EtcApt); err != nil {
		return nil, err
	}
	if err := a.refresh(ctx, ix, d, force); err != nil {
		return nil, err
	}
	list, err := a.read(ctx, ix, name)
	if err != nil {
		return nil, err
	}
	sortCandidates(list)
	ix.found[name] = list
	return list, nil
}

// refresh brings the index up to date if it is older than maxAge, is for other
// archives, or force says so. When the archive can't be reached, an older index
// is better than none: its signature was checked when it came.
func (a *apt) refresh(ctx context.Context, ix *index, d distribution, force bool) error {
	main, pockets := d.of(ix.suite)
	wanted := aptSources(ix.kind, append([]archive{main}, pockets...))
	stamp := filepath.Join(ix.dir, "stamp") // for which archives, and (its date) from when
	have, age := ix.files(), time.Duration(0)
	if old, err := os.ReadFile(stamp); err != nil || string(old) != wanted {
		have = false
	} else if info, err := os.Stat(stamp); err == nil {
		age = a.now().Sub(info.ModTime())
	}
	if have && !force && age < maxAge {
		return nil
	}
	err := a.update(ctx, ix, d)
	if err != nil && (!have || ctx.Err() != nil) {
		return err
	}
	ix.refreshed = true // or tried in vain: once a process is enough
	clear(ix.found)
	if err != nil {
		return nil
	}
	return writeFile(stamp, []byte(wanted), 0o644)
}

func (a *apt) update(ctx context.Context, ix *index, d distribution) error {
	archives, err := a.present(ctx, d, ix.suite)
	if err != nil {
		return err
	}
	sources := filepath.Join(ix.dir, "sources.list.d", "mini.sources")
	if err := writeFile(sources, []byte(aptSources(ix.kind, archives)), 0o644); err != nil {
		return err
	}
	// apt waits longer before each retry; without a network that would be the
	// first thing a person sees of an offline run.
	return a.askForIndex(ctx, ix)
}

// present leaves out pockets that the archive does not have (no -security beside
// sid): apt would call the whole update a failure. A suite that is not there is
// an error in the user's terms.
func (a *apt) present(ctx context.Context, d distribution, suite string) ([]archive, error) {
	main, pockets := d.of(suite)
	if suite == d.suite {
		return append([]archive{main}, pockets...), nil
	}
	release := func(x archive) string {
		return strings.TrimRight(x.uri, "/") + "/dists/" + x.suite + "/InRelease"
	}
	urls := []string{release(main)}
	for _, p := range pockets {
		urls = append(urls, release(p))
	}
	a.probe.warm(ctx, urls)
	if err := a.probe.has(ctx, urls[0]); errors.Is(err, errGone) {
		return nil, noSuiteError(suite)
	}
	all := []archive{main}
	for i, p := range pockets {
		if err := a.probe.has(ctx, urls[i+1]); !errors.Is(err, errGone) {
			all = append(all, p)
		}
	}
	return all, ctx.Err()
}

// noSuiteError is the name of a suite that the archive does not have.
type noSuiteError string

func (e noSuiteError) Error() string { return fmt.Sprintf("the archive has no suite %q", string(e)) }

// files says whether lists are there at all; somebody may have cleaned up.
func (ix *index) files() bool {
	name := "*_Packages"
	if ix.kind == kindSrc {
		name = "*_Sources"
	}
	lists, _ := filepath.Glob(filepath.Join(ix.dir, "lists", name))
	return len(lists) > 0
}

// layOut writes the directories and the configuration that names them. apt takes a list that isn't where its configuration
// says for one that has nothing in it, so a directory that was moved needs it anew.
func (ix *index) layOut(etc string) error {
	for _, d := range []string{"lists/partial", "cache/archives/partial", "sources.list.d"} {
		if err := os.MkdirAll(filepath.Join(ix.dir, d), 0o755); err != nil {
			return err
		}
	}
	conf := aptConf(etc, ix.dir, os.Geteuid() == 0)
	if have, err := os.ReadFile(ix.conf()); err == nil && string(have) == conf {
		return nil
	}
	return errors.Join(
		writeFile(filepath.Join(ix.dir, "status"), nil, 0o644),
		writeFile(ix.conf(), []byte(conf), 0o644),
	)
}

// targetFormat makes apt-get indextargets print what is needed of each index.
const targetFormat = "$(RELEASE)\t$(ORIGIN)\t$(TRUSTED)\t$(REPO_URI)\t$(FILENAME)"

// read collects the candidates for name from all indexes of ix.
func (a *apt) read(ctx context.Context, ix *index, name string) ([]candidate, error) {
	out, err := a.run(ctx, ix.conf(), ix.dir, "indextargets", "--format", targetFormat)
	if err != nil {
		return nil, err
	}
	var all []candidate
	for line := range strings.Lines(out) {
		f := strings.Split(strings.TrimSpace(line), "\t")
		if len(f) != 5 {
			continue
		}
		release, origin, trusted, repo, file := f[0], f[1], f[2], f[3], f[4]
		unsigned := a.dist.main.trusted()
		if err := believable(release, origin, trusted, unsigned); err != nil {
			return nil, err
		}
		list, err := readIndex(file, ix, name)
		if err != nil {
			return nil, err
		}
		for _, c := range list {
			c.suite, c.unsigned = ix.suite, unsigned
			c.url = strings.TrimRight(repo, "/") + "/" + c.url
			all = append(all, c)
		}
	}
	return all, nil
}

// believable is the last word on an archive, from its Release file: apt has
// checked the signature, and it is the distribution that signed.
func believable(release, origin, trusted string, unsigned bool) error {
	switch {
	case trusted != "yes":
		return fmt.Errorf("apt does not trust the index of %s", release)
	case origin != "Debian" && origin != "Ubuntu" && !unsigned:
		return fmt.Errorf("the archive of %s says it is of %q, not the distribution's own", release, origin)
	}
	return nil
}

func readIndex(file string, ix *index, name string) ([]candidate, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	make := fromPackages
	if ix.kind == kindSrc {
		make = fromSources
	}
	var list []candidate
	err = scanIndex(f, func(pkg string) bool { return wantedPackage(ix.kind, name, pkg) }, func(fields map[string]string) {
		if c, ok := make(fields); ok {
			list = append(list, c)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return list, nil
}
