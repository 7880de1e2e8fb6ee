package source

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// sites are the public places of each project; below all sites of one project
// the same paths lead to the same files.
var sites = map[string][]string{
	"linux": {
		"https://cdn.kernel.org/pub",
		"https://www.kernel.org/pub",
		"https://mirrors.edge.kernel.org/pub",
	},
	"busybox": {
		"https://busybox.net",
		"https://sources.buildroot.net/busybox",
	},
	"dash":     {"http://gondor.apana.org.au/~herbert/dash/files"},
	"dropbear": {"https://matt.ucc.asn.au/dropbear/releases", "https://dropbear.nl/mirror/releases"},
	"pigz":     {"https://zlib.net/pigz"},
	"zlib":     {"https://zlib.net/fossils", "https://zlib.net"},
}

// UpstreamURLs lists the addresses of a release file at the project's own site
// and its public mirrors, in the order to try. It is empty for unknown names.
func UpstreamURLs(name, file string) []string {
	var urls []string
	for _, site := range sites[name] {
		path := upstreamPath(name, file)
		if strings.Contains(site, "buildroot") {
			path = file // a flat collection, one directory a project
		}
		urls = append(urls, site+"/"+path)
	}
	return urls
}

// upstreamPath is where a file lies below the root of its site.
func upstreamPath(name, file string) string {
	switch name {
	case "linux":
		return "linux/kernel/" + kernelDir(file) + "/" + file
	case "busybox":
		return "downloads/" + file
	}
	return file // one directory with all releases
}

// kernelDir is the directory of kernel.org for a file such as
// linux-6.1.190.tar.xz: v2.6, v3.x, v4.x and so on; 3.0 gave up the third number.
func kernelDir(file string) string {
	version := strings.TrimPrefix(file, "linux-")
	if strings.HasPrefix(version, "2.6.") {
		return "v2.6"
	}
	major, _, _ := strings.Cut(version, ".")
	return "v" + major + ".x"
}

// upstream is the provider of the projects' own sites.
type upstream struct {
	urls     func(name, file string) []string
	probe    *prober
	download Downloader
}

func (u *upstream) Name() string { return "upstream" }

// Resolve returns the newest known release that w can mean, if a site answers.
// Knowing the sha256 beforehand is a must: an answer alone proves nothing.
func (u *upstream) Resolve(ctx context.Context, w Want) (Pin, error) {
	list := w.known()
	if len(list) == 0 {
		return Pin{}, &ErrNotHere{Have: w.tableNear()}
	}
	urls := u.urls(w.Name, list[0].File)
	if err := u.probe.anyHas(ctx, urls); err != nil {
		return Pin{}, err
	}
	return list[0].pin(w), nil
}

// Fetch tries the sites in turn; those that gave no sign of life are passed over.
func (u *upstream) Fetch(ctx context.Context, p Pin, dst string, progress func(done, total int64)) error {
	r, ok := bySHA256(p.Name, p.SHA256)
	if !ok {
		return &ErrNotHere{}
	}
	urls := u.urls(p.Name, r.File)
	u.probe.warm(ctx, urls)
	var said []error
	for _, url := range urls {
		err := u.probe.worthAsking(ctx, url)
		if err == nil {
			err = u.download(ctx, url, dst, p.SHA256, p.Size, progress)
		}
		if err == nil || wrongBytes(err) || ctx.Err() != nil {
			return err
		}
		said = append(said, err)
	}
	return oneLine(said)
}

// oneLine joins errors with commas: errors.Join would put each on its own line.
func oneLine(errs []error) error {
	switch len(errs) {
	case 0:
		return &ErrNotHere{}
	case 1:
		return errs[0]
	}
	var texts []string
	for _, err := range errs {
		if t := err.Error(); !slices.Contains(texts, t) {
			texts = append(texts, t)
		}
	}
	return &joined{text: strings.Join(texts, ", "), errs: errs}
}

type joined struct {
	text string
	errs []error
}

func (j *joined) Error() string   { return j.text }
func (j *joined) Unwrap() []error { return j.errs }

// errGone marks a file that a site answers "not there" for.
var errGone = errors.New("not there")

func statusError(url string, status int) error {
	if status == 404 || status == 410 {
		return fmt.Errorf("%s: %w", url, errGone)
	}
	return fmt.Errorf("%s: the server answered %d", url, status)
}
