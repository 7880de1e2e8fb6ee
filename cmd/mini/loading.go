package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	"mini/internal/fetch"
	"mini/internal/modules"

	"github.com/spf13/pflag"
)

// loading is the flags that say where what a script needs may come from.
type loading struct {
	cache     string
	overrides []string // MODULE=DIR
	offline   bool
	lock      string
	renew     bool // what was changed in the folder vendor is not refused: it is replaced

	modules *modules.Cache // made when it is first needed
}

// What --lock says of the lines of sources in mini.lock. Those of modules are changed by mini get alone.
const (
	lockUpdate  = "update"  // sources that have none get one
	lockError   = "error"   // it is a mistake if one is missing
	lockRefresh = "refresh" // all that the script asks for are settled anew
)

// cacheFlags bind where results are kept.
func (l *loading) cacheFlags(f *pflag.FlagSet) {
	f.StringVar(&l.cache, "cache", "", "where results are kept (default $MINI_CACHE, or mini below the user's cache directory)")
}

// loadFlags bind what concerns the modules and sources of a script.
func (l *loading) loadFlags(f *pflag.FlagSet) {
	f.StringArrayVar(&l.overrides, "override", nil, "MODULE=DIR: load this directory in the place of a module; may be repeated")
	f.BoolVar(&l.offline, "offline", false, "ask nothing of the network, and say all that is missing")
	f.StringVar(&l.lock, "lock", "", "update, error or refresh: what to do about sources that mini.lock doesn't have: pin them, fail, or settle all sources anew (default update, or error where CI=true)")
}

// loadWords are the flags that were given, for another mini.
func (l *loading) loadWords() []string {
	var words []string
	for _, o := range l.overrides {
		module, dir, _ := strings.Cut(o, "=")
		if abs, err := filepath.Abs(dir); err == nil {
			dir = abs
		}
		words = append(words, "--override", module+"="+dir)
	}
	if l.offline {
		words = append(words, "--offline")
	}
	if l.lock != "" && l.lock != lockRefresh { // what was refreshed once is settled
		words = append(words, "--lock", l.lock)
	}
	return words
}

func (a *app) lockMode(l *loading) string {
	switch {
	case l.lock != "":
		return l.lock
	case oneOf(strings.ToLower(a.env("CI")), "true", "1"):
		return lockError
	}
	return lockUpdate
}

func (l *loading) checkLoading() error {
	if l.lock != "" && !oneOf(l.lock, lockUpdate, lockError, lockRefresh) {
		return usagef("--lock is update, error or refresh, not %q", l.lock)
	}
	_, err := l.overridden()
	return err
}

// overridden reads --override.
func (l *loading) overridden() (map[string]modules.Override, error) {
	all := map[string]modules.Override{}
	for _, o := range l.overrides {
		module, dir, ok := strings.Cut(o, "=")
		if !ok || dir == "" {
			return nil, usagef("--override takes MODULE=DIR, not %q", o)
		}
		if err := modules.CheckPath(module); err != nil {
			return nil, usagef("--override %s: %v", o, err)
		}
		if _, twice := all[module]; twice {
			return nil, usagef("--override: %s is given twice", module)
		}
		abs, err := filepath.Abs(dir)
		if err != nil {
			return nil, fmt.Errorf("mini: %w", err)
		}
		if info, err := os.Stat(abs); err != nil || !info.IsDir() {
			return nil, usagef("--override %s: there is no directory %s", o, dir)
		}
		all[module] = modules.Override{Dir: abs, Shown: dir}
	}
	return all, nil
}

// moduleCache keeps modules below mini's cache. By offline somebody forbids to ask the network, "" nobody.
func (a *app) moduleCache(l *loading, offline string) (*modules.Cache, error) {
	if l.modules != nil {
		return l.modules, nil
	}
	dir, err := a.cacheDir(l)
	if err != nil {
		return nil, err
	}
	git, err := exec.LookPath("git")
	if err != nil {
		git = ""
	}
	web := a.httpClient()
	web.Transport = &authorized{web.Transport, sync.OnceValue(a.netrc)}
	config := modules.Config{
		Dir: filepath.Join(dir, "modules"), Git: git, GitEnv: a.environ, Offline: offline,
		Get:  getter(&fetch.Client{HTTP: web}),
		Note: func(text string) { fmt.Fprintln(a.stderr, "fetch  "+clean(text)) },
	}
	if l.offline {
		config.Offline = "--offline"
	}
	a.goSettings(&config)
	l.modules = modules.NewCache(config)
	return l.modules, nil
}

// goSettings reads what people have set for the go command: in the environment, or with go env -w.
func (a *app) goSettings(c *modules.Config) {
	written := map[string]string{}
	if file := a.goEnvFile(); file != "" {
		text, _ := os.ReadFile(file) // most people have none
		lines := bufio.NewScanner(bytes.NewReader(text))
		for lines.Scan() {
			if name, value, ok := strings.Cut(strings.TrimSpace(lines.Text()), "="); ok {
				written[name] = value
			}
		}
	}
	get := func(names ...string) string {
		for _, name := range names {
			if v := a.env(name); v != "" {
				return v
			}
			if v := written[name]; v != "" {
				return v
			}
		}
		return ""
	}
	c.Proxy = get("GOPROXY")
	c.NoProxy = get("GONOPROXY", "GOPRIVATE")
	c.NoSumDB = get("GONOSUMDB", "GOPRIVATE")
	c.SumDB = get("GOSUMDB")
}

// goEnvFile is where go env -w writes; "" for nowhere.
func (a *app) goEnvFile() string {
	switch file := a.env("GOENV"); {
	case file == "off":
		return ""
	case file != "":
		return file
	}
	dir := a.env("XDG_CONFIG_HOME")
	if dir == "" && a.env("HOME") != "" {
		dir = filepath.Join(a.env("HOME"), ".config")
	}
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, "go", "env")
}

// getter brings what a module proxy has at an address.
func getter(client *fetch.Client) func(ctx context.Context, url, dst string, limit int64) error {
	return func(ctx context.Context, url, dst string, limit int64) error {
		ctx, cancel := context.WithCancelCause(ctx)
		defer cancel(nil)
		_, err := client.Download(ctx, url, dst, fetch.Want{}, func(done, total int64) {
			if max(done, total) > limit {
				cancel(fmt.Errorf("%s has over %d MB", url, limit>>20))
			}
		})
		if err != nil && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if status := (*fetch.StatusError)(nil); errors.As(err, &status) && oneOf(fmt.Sprint(status.Code), "404", "410") {
			return &fs.PathError{Op: "get", Path: url, Err: fs.ErrNotExist}
		}
		return err
	}
}
