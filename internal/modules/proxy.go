package modules

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
	"golang.org/x/mod/zip"
)

const (
	defaultProxy = "https://proxy.golang.org,direct"
	// maxAnswer is the largest answer that isn't a module: a list of 100,000 versions.
	maxAnswer = 16 << 20
)

// place is one entry of the proxy list.
type place struct {
	url  string // "direct" and "off" stand for themselves
	more bool   // the next one is asked whatever goes wrong here, not only when it isn't here
}

// places lists who is asked for a module, as GOPROXY says: after a comma only if the one before it has it not, after a
// bar in any case.
func (c *Config) places(path string) []place {
	list := c.Proxy
	if list == "" {
		list = defaultProxy
	}
	if module.MatchPrefixPatterns(c.NoProxy, path) {
		list = "direct"
	}
	var ps []place
	for list != "" {
		end := strings.IndexAny(list, ",|")
		if end < 0 {
			end = len(list)
		}
		entry := strings.TrimSpace(list[:end])
		more := end < len(list) && list[end] == '|'
		list = list[min(end+1, len(list)):]
		if entry == "" {
			continue
		}
		if !strings.Contains(entry, "://") && entry != "direct" && entry != "off" {
			entry = "https://" + entry
		}
		ps = append(ps, place{strings.TrimRight(entry, "/"), more})
		if entry == "direct" || entry == "off" {
			break // the go command looks no further either
		}
	}
	return ps
}

var errOff = errors.New("GOPROXY=off forbids it")

// ask goes through the places until one answers. direct does what a proxy can't.
func (c *Cache) ask(ctx context.Context, path string, proxy func(base string) error, direct func() error) (from string, err error) {
	if err := CheckPath(path); err != nil {
		return "", err
	}
	escaped, err := module.EscapePath(path)
	if err != nil {
		return "", err
	}
	var said []answer
	for _, p := range c.config.places(path) {
		switch p.url {
		case "off":
			err = errOff
		case "direct":
			err = direct()
		default:
			err = proxy(p.url + "/" + escaped + "/@v/")
		}
		if err == nil || ctx.Err() != nil {
			return p.url, err
		}
		said = append(said, answer{p.url, err})
		if !p.more && !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	return "", &notFoundError{path, said}
}

type answer struct {
	place string
	err   error
}

// notFoundError tells what each place said. It is fs.ErrNotExist if all of them were asked and have it not.
type notFoundError struct {
	what string
	said []answer
}

func (e *notFoundError) Error() string {
	var parts []string
	for _, a := range e.said {
		text := a.err.Error()
		if errors.Is(a.err, fs.ErrNotExist) && a.place != "direct" {
			text = "it has none"
		}
		parts = append(parts, redacted(a.place)+": "+text)
	}
	if len(parts) == 0 {
		parts = []string{"GOPROXY names no place to ask"}
	}
	return strings.Join(parts, "; ")
}

func (e *notFoundError) Is(target error) bool {
	if target != fs.ErrNotExist {
		return false
	}
	for _, a := range e.said {
		if !errors.Is(a.err, fs.ErrNotExist) {
			return false
		}
	}
	return true
}

// get reads a small answer.
func (c *Cache) get(ctx context.Context, url string) ([]byte, error) {
	if err := os.MkdirAll(c.config.Dir, 0o755); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(c.config.Dir, ".new-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "answer")
	if err := c.config.Get(ctx, url, file, maxAnswer); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
}

// versions lists the released and pre-released versions of a module, oldest first; there may be none.
func (c *Cache) versions(ctx context.Context, path string) ([]string, error) {
	var all []string
	_, err := c.ask(ctx, path, func(base string) error {
		text, err := c.get(ctx, base+"list")
		all = strings.Fields(string(text))
		return err
	}, func() error {
		var err error
		all, err = c.direct(path).versions(ctx)
		return err
	})
	var valid []string
	for _, v := range all {
		if checkVersion(path, v) == nil && !module.IsPseudoVersion(v) {
			valid = append(valid, v)
		}
	}
	semver.Sort(valid)
	return valid, err
}

// resolve asks for the version that a tag, branch or commit is; "" is the newest commit.
func (c *Cache) resolve(ctx context.Context, path, query string) (string, error) {
	var info struct{ Version string }
	from, err := c.ask(ctx, path, func(base string) error {
		address := strings.TrimSuffix(base, "@v/") + "@latest"
		if query != "" {
			escaped, err := module.EscapeVersion(query)
			if err != nil {
				return errorf("", "%q can't be the name of a version, branch or commit", query)
			}
			address = base + escaped + ".info"
		}
		text, err := c.get(ctx, address)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(text, &info); err != nil || info.Version == "" {
			return fmt.Errorf("its answer to %s is not that of a module proxy", redacted(address))
		}
		return nil
	}, func() error {
		var err error
		info.Version, err = c.direct(path).resolve(ctx, query)
		return err
	})
	if err != nil {
		return "", err
	}
	if err := checkVersion(path, info.Version); err != nil {
		return "", fmt.Errorf("%s: %w", redacted(from), err)
	}
	return info.Version, nil
}

// download brings the zip of a version to a file, and tells from where.
func (c *Cache) download(ctx context.Context, v module.Version, to string) (from string, err error) {
	from, err = c.ask(ctx, v.Path, func(base string) error {
		escaped, err := module.EscapeVersion(v.Version)
		if err != nil {
			return err
		}
		return c.config.Get(ctx, base+escaped+".zip", to, zip.MaxZipFile)
	}, func() error { return c.direct(v.Path).zip(ctx, v, to) })
	if err != nil && ctx.Err() == nil {
		return "", &Error{Msg: fmt.Sprintf("%s could not be brought: %v", v, err), Hint: placesHint(err), Err: err}
	}
	return redacted(from), err
}

// placesHint is what to do when no place helped.
func placesHint(err error) string {
	switch {
	case errors.Is(err, errOff):
		return "set GOPROXY to a place that may be asked, or put it there with `mini vendor` on a machine that has it"
	case errors.Is(err, fs.ErrNotExist):
		return "check the path and the version; for a repository that is not public set GOPRIVATE"
	}
	return "check the network, or name another place with GOPROXY"
}

// redacted hides the password of an address.
func redacted(address string) string {
	scheme, rest, ok := strings.Cut(address, "://")
	if !ok {
		return address
	}
	host, path, _ := strings.Cut(rest, "/")
	if at := strings.LastIndexByte(host, '@'); at >= 0 {
		host = "xxxxx@" + host[at+1:]
	}
	if path != "" {
		host += "/" + path
	}
	return scheme + "://" + host
}
