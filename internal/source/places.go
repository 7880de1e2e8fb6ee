package source

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
)

// distfiles is a directory the user filled, each file under its own base name.
type distfiles struct {
	dir      string
	download Downloader
}

func (d *distfiles) Name() string { return "directory " + d.dir }

// Resolve returns the newest release the directory has a file of. The name is
// enough here: Fetch compares the bytes.
func (d *distfiles) Resolve(ctx context.Context, w Want) (Pin, error) {
	for _, r := range w.known() {
		if d.has(r.File) {
			return r.pin(w), nil
		}
	}
	if _, err := os.ReadDir(d.dir); err != nil {
		return Pin{}, err
	}
	var have []string
	for _, r := range Known(w.Name) {
		if d.has(r.File) {
			have = append(have, r.Version)
		}
	}
	return Pin{}, &ErrNotHere{Have: near(have, w.Version, maxHave)}
}

func (d *distfiles) has(file string) bool {
	_, err := os.Stat(filepath.Join(d.dir, file))
	return err == nil
}

func (d *distfiles) Fetch(ctx context.Context, p Pin, dst string, progress func(done, total int64)) error {
	for _, file := range d.names(p) {
		if d.has(file) {
			return d.download(ctx, filepath.Join(d.dir, file), dst, p.SHA256, p.Size, progress)
		}
	}
	return &ErrNotHere{}
}

// names lists what p may be called in the directory.
func (d *distfiles) names(p Pin) []string {
	return append([]string{p.LongName()}, p.fileNames()...)
}

// LongName is what a file is called beside another one of the same name.
func (p Pin) LongName() string { return p.SHA256[:12] + "-" + p.File }

// fileNames lists what the bytes of p may be called: the distribution renames
// upstream's files (busybox_1.35.0.orig.tar.bz2).
func (p Pin) fileNames() []string {
	names := []string{p.File}
	if r, ok := bySHA256(p.Name, p.SHA256); ok && r.File != p.File {
		names = append(names, r.File)
	}
	return names
}

// mirror is a place the user named. It serves a file at its root, or where the
// upstream site has it.
type mirror struct {
	base     string
	probe    *prober
	download Downloader
}

func (m *mirror) Name() string { return "mirror " + m.base }

func (m *mirror) urls(p Pin) []string {
	base := strings.TrimRight(m.base, "/")
	var urls []string
	for _, file := range p.fileNames() {
		urls = append(urls, base+"/"+file)
		if path := upstreamPath(p.Name, file); path != file && p.From == FromUpstream {
			urls = append(urls, base+"/"+path)
			if p.Name == "linux" {
				urls = append(urls, base+"/pub/"+path)
			}
		}
	}
	return urls
}

// Resolve asks for the newest few releases of a series: a mirror may be behind.
func (m *mirror) Resolve(ctx context.Context, w Want) (Pin, error) {
	list := w.known()
	for i, r := range list {
		if i == maxMirrorQuestions {
			break
		}
		pin := r.pin(w)
		err := m.probe.anyHas(ctx, m.urls(pin))
		if err == nil {
			return pin, nil
		}
		if !errors.Is(err, errGone) {
			return Pin{}, err
		}
	}
	return Pin{}, &ErrNotHere{}
}

func (m *mirror) Fetch(ctx context.Context, p Pin, dst string, progress func(done, total int64)) error {
	missing := true
	var said []error
	for _, url := range m.urls(p) {
		err := m.probe.worthAsking(ctx, url)
		if err == nil {
			err = m.download(ctx, url, dst, p.SHA256, p.Size, progress)
		}
		if err == nil || wrongBytes(err) || ctx.Err() != nil {
			return err
		}
		missing = missing && errors.Is(err, errGone)
		said = append(said, err)
	}
	if missing {
		return &ErrNotHere{}
	}
	return oneLine(said)
}

// givenURL is the address a script wrote itself.
type givenURL struct {
	url      string
	download Downloader
	off      bool // it may not be asked
}

func (g *givenURL) Name() string { return "the script" }

func (g *givenURL) Resolve(ctx context.Context, w Want) (Pin, error) {
	return Pin{}, &ErrNotHere{} // an address means one file, not a choice of versions
}

func (g *givenURL) Fetch(ctx context.Context, p Pin, dst string, progress func(done, total int64)) error {
	if g.off {
		return errOffline
	}
	return g.download(ctx, g.url, dst, p.SHA256, p.Size, progress)
}
