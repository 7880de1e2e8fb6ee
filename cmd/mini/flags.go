package main

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/spf13/pflag"
)

// common are the flags of every command that looks at a script.
type common struct {
	selection
	mirrors   []string
	distfiles string
	sandbox   string
	ccache    string
	color     string
	jobs      int
	verbose   bool
	json      bool
	trace     string
	// How long a step may print nothing, and how long it may take; 0 is no limit.
	stepSilence, stepTimeout time.Duration
	stepEnv                  []string // settings for the steps that are in no key
}

func (a *app) commonFlags(f *pflag.FlagSet) *common {
	c := &common{}
	c.cacheFlags(f)
	f.StringArrayVar(&c.mirrors, "mirror", nil, "a URL to try before the upstream sites; may be repeated")
	f.StringVar(&c.distfiles, "distfiles", "", "a directory to look for source archives in, before any other place")
	f.StringVar(&c.color, "color", "auto", "auto, always or never; NO_COLOR is honoured")
	return c
}

// buildFlags are those of commands that build.
func (a *app) buildFlags(f *pflag.FlagSet) *common {
	c := a.commonFlags(f)
	c.selectFlags(f)
	f.IntVarP(&c.jobs, "jobs", "j", runtime.NumCPU(), "how many processors a build may use")
	f.BoolVarP(&c.verbose, "verbose", "v", false, "show more: hits, steps, boot messages")
	f.BoolVar(&c.json, "json", false, "print events as JSON, one object a line, instead of text")
	f.StringVar(&c.trace, "trace", "", "write a timeline of the build to this file, for ui.perfetto.dev or chrome://tracing")
	f.DurationVar(&c.stepSilence, "step-silence", 30*time.Minute, "end a build step that prints nothing for so long; 0 for no limit")
	f.DurationVar(&c.stepTimeout, "step-timeout", 6*time.Hour, "end a build step that takes so long; 0 for no limit")
	f.StringVar(&c.sandbox, "sandbox", "auto", "require, auto or off: whether build steps are contained")
	f.StringVar(&c.ccache, "ccache", "off", "auto or off: with auto, contained steps compile through ccache where it is installed")
	f.StringArrayVar(&c.stepEnv, "step-env", nil, "a NAME=value setting for the steps that is in no key; for mini verify")
	_ = f.MarkHidden("step-env") // it is there: the line above
	return c
}

func (c *common) check() error {
	if !oneOf(c.color, "auto", "always", "never") {
		return usagef("--color is auto, always or never, not %q", c.color)
	}
	if c.ccache != "" && !oneOf(c.ccache, "auto", "off") {
		return usagef("--ccache is auto or off, not %q", c.ccache)
	}
	if c.sandbox != "" && !oneOf(c.sandbox, "require", "auto", "off") {
		return usagef("--sandbox is require, auto or off, not %q", c.sandbox)
	}
	if c.stepSilence < 0 || c.stepTimeout < 0 {
		return usagef("--step-silence and --step-timeout take a time such as 90s, 10m or 2h, or 0 for no limit")
	}
	if c.jobs < 0 || c.jobs > 4096 {
		return usagef("-j takes the number of processors to use, not %d", c.jobs)
	}
	return nil
}

func oneOf(s string, among ...string) bool { return slices.Contains(among, s) }

// cacheDir decides where results are kept.
func (a *app) cacheDir(l *loading) (string, error) {
	dir := l.cache
	if dir == "" {
		dir = a.env("MINI_CACHE")
	}
	if dir != "" {
		return filepath.Abs(dir)
	}
	if dir = a.env("XDG_CACHE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "mini"), nil
	}
	home := a.env("HOME")
	if home == "" {
		if info, err := os.UserHomeDir(); err == nil {
			home = info
		}
	}
	if home == "" {
		return "", usagef("there is no home directory for the cache; name one with --cache DIR")
	}
	return filepath.Join(home, ".cache", "mini"), nil
}
