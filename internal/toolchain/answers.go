package toolchain

import (
	"context"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// answers is what a driver says about its parts. It is what some ten runs of the driver cost, so it is remembered, under the driver's
// digest and its environment, for as long as the directories that the driver searches have the same entries. (A file
// that gets new content keeps its name; Identity looks at the content anew each time.)
type answers struct {
	Searched []string          `json:"searched"` // directories for programs and libraries
	Stamp    string            `json:"stamp"`    // of those
	Programs map[string]string `json:"programs"` // name to path, or to a bare name that PATH resolves
	Own      []namedFile       `json:"own"`      // start files, libraries and loaders of the compiler and the C library
	Foreign  []string          `json:"foreign"`  // what else a linker would find
	Headers  []string          `json:"headers"`  // directories, in search order, those that don't exist yet among them
	Version  string            `json:"version"`  // of the compiler
}

// programs are what the driver starts, from the C source to the linked program.
var programs = []string{"as", "cc1", "collect2", "ld", "lto-wrapper", "lto1"}

// answers returns what the driver says, from c where that still holds.
func (t *Toolchain) answers(ctx context.Context, c *Digests) (answers, error) {
	sum, err := c.File(t.CC)
	if err != nil {
		return answers{}, err
	}
	// ccache and busybox-like drivers are one file with many names.
	key := sumOf(strings.Join(append([]string{sum, t.CC}, t.Env...), "\x00"))
	c.mu.Lock()
	a, ok := c.kept.Answers[key]
	c.used[key] = true
	c.mu.Unlock()
	if ok && a.Version != "" {
		if now, _ := stampDirs(a.Searched); now == a.Stamp {
			return a, nil
		}
	}
	began := c.now()
	var install string
	if a.Searched, install, err = t.searched(ctx); err != nil {
		return answers{}, err
	}
	var newest stamp
	a.Stamp, newest = stampDirs(a.Searched)
	if err := t.askAll(ctx, &a, install); err != nil {
		return answers{}, err
	}
	if newest.settled(began) {
		c.mu.Lock()
		c.kept.Answers[key] = a
		c.dirty = true
		c.mu.Unlock()
	}
	return a, nil
}

// askAll fills in all but the first two fields.
func (t *Toolchain) askAll(ctx context.Context, a *answers, install string) error {
	a.Programs = map[string]string{}
	for _, name := range programs {
		p, err := t.line(ctx, "-print-prog-name="+name)
		if err != nil {
			return err
		}
		if filepath.IsAbs(p) {
			p = tidy(p)
		}
		a.Programs[name] = p
	}
	a.Own, a.Foreign = linkable(a.Searched, install)
	var err error
	if a.Headers, err = t.headerDirs(ctx); err != nil {
		return err
	}
	a.Version, err = t.version(ctx)
	return err
}

// searched lists the directories in which the driver looks for its parts, and that of them which gcc calls its own.
func (t *Toolchain) searched(ctx context.Context) (dirs []string, install string, err error) {
	out, err := t.line(ctx, "-print-search-dirs")
	if err != nil {
		return nil, "", err
	}
	for line := range strings.Lines(out) {
		what, list, _ := strings.Cut(line, ": ")
		if what == "install" {
			install, _ = filepath.EvalSymlinks(strings.TrimSpace(list))
		}
		dirs = appendDirs(dirs, list)
	}
	return dirs, install, nil
}

// librarySearch lists the directories in which the driver looks for libraries, in its order.
func (t *Toolchain) librarySearch(ctx context.Context) (dirs []string, err error) {
	out, err := t.line(ctx, "-print-search-dirs")
	for line := range strings.Lines(out) {
		if list, ok := strings.CutPrefix(line, "libraries: "); ok {
			dirs = appendDirs(dirs, list)
		}
	}
	return dirs, err
}

// appendDirs adds the directories of a list that the driver printed, each once.
func appendDirs(dirs []string, list string) []string {
	for _, d := range filepath.SplitList(strings.TrimPrefix(strings.TrimSpace(list), "=")) {
		if d := tidy(strings.TrimSuffix(d, "/")); filepath.IsAbs(d) && !slices.Contains(dirs, d) {
			dirs = append(dirs, d)
		}
	}
	return dirs
}

// stampDirs tells whether entries came into directories or left them: that moves a directory's times. It also returns
// the stamp that changed last.
func stampDirs(dirs []string) (text string, newest stamp) {
	var b strings.Builder
	for _, d := range dirs {
		var st unix.Stat_t
		b.WriteString(d)
		if unix.Stat(d, &st) == nil {
			s := stampStat(&st)
			for _, n := range []int64{s.MTime, s.CTime, int64(s.Inode)} {
				b.WriteByte(' ')
				b.WriteString(strconv.FormatInt(n, 36))
			}
			if s.CTime > newest.CTime {
				newest = s
			}
		}
		b.WriteByte('\n')
	}
	return sumOf(b.String()), newest
}
