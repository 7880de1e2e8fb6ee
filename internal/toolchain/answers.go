package toolchain

import (
	"context"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// answers is what a driver says about its parts. It is what some forty runs of the driver cost, so it is remembered, under the driver's
// digest and its environment, for as long as the directories that the driver searches have the same entries. (A file
// that gets new content keeps its name; Identity looks at the content anew each time.)
type answers struct {
	Searched []string          `json:"searched"` // directories for programs and libraries
	Stamp    string            `json:"stamp"`    // of those
	Programs map[string]string `json:"programs"` // name to path, or to a bare name that PATH resolves
	Files    map[string]string `json:"files"`    // name to path
	Headers  []string          `json:"headers"`  // directories, in search order, those that don't exist yet among them
}

// programs are what the driver starts, from the C source to the linked program.
var programs = []string{"as", "cc1", "collect2", "ld", "lto-wrapper", "lto1"}

// files are what ends up in programs, or decides what does. Those that a toolchain does not have don't count.
var files = []string{
	"Scrt1.o", "crt1.o", "crtbegin.o", "crtbeginS.o", "crtbeginT.o", "crtend.o", "crtendS.o", "crti.o", "crtn.o", "rcrt1.o",
	"libc.a", "libc.so", "libc.so.6", "libc_nonshared.a",
	"libcrypt.a", "libcrypt.so", "libcrypt.so.1",
	"libgcc.a", "libgcc_eh.a", "libgcc_s.so", "libgcc_s.so.1",
	"libm.a", "libm.so", "libm.so.6",
	"libresolv.a", "libresolv.so", "libresolv.so.2",
	"liblto_plugin.so", "specs",
}

// answers returns what the driver says, from c where that still holds.
func (t *Toolchain) answers(ctx context.Context, c *Digests) (answers, error) {
	real, err := filepath.EvalSymlinks(t.CC)
	if err != nil {
		return answers{}, err
	}
	sum, err := c.File(real)
	if err != nil {
		return answers{}, err
	}
	// ccache and busybox-like drivers are one file with many names.
	key := sumOf(strings.Join(append([]string{sum, t.CC}, t.Env...), "\x00"))
	c.mu.Lock()
	a, ok := c.kept.Answers[key]
	c.used[key] = true
	c.mu.Unlock()
	if ok {
		if now, _ := stampDirs(a.Searched); now == a.Stamp {
			return a, nil
		}
	}
	began := c.now()
	if a.Searched, err = t.searched(ctx); err != nil {
		return answers{}, err
	}
	var newest stamp
	a.Stamp, newest = stampDirs(a.Searched)
	if err := t.askAll(ctx, &a); err != nil {
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
func (t *Toolchain) askAll(ctx context.Context, a *answers) error {
	a.Programs, a.Files = map[string]string{}, map[string]string{}
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
	for _, name := range files {
		p, err := t.fileName(ctx, name)
		if err != nil {
			return err
		}
		if p != "" {
			a.Files[name] = p
		}
	}
	for _, p := range loadersBeside(a.Files) {
		a.Files[filepath.Base(p)] = p
	}
	var err error
	a.Headers, err = t.headerDirs(ctx)
	return err
}

// loadersBeside finds the program interpreters in the directory of the C library: ld-linux-x86-64.so.2, ld64.so.1,
// ld-musl-i386.so.1. Their names differ with every architecture, the beginning does not.
func loadersBeside(files map[string]string) []string {
	libc := files["libc.so.6"]
	if libc == "" {
		libc = files["libc.so"]
	}
	if libc == "" {
		return nil
	}
	var found []string
	for _, pattern := range []string{"ld-*.so*", "ld.so.*", "ld64.so.*"} {
		names, _ := filepath.Glob(filepath.Join(filepath.Dir(libc), pattern))
		found = append(found, names...)
	}
	return found
}

// searched lists the directories in which the driver looks for its parts.
func (t *Toolchain) searched(ctx context.Context) ([]string, error) {
	out, err := t.line(ctx, "-print-search-dirs")
	if err != nil {
		return nil, err
	}
	var dirs []string
	for line := range strings.Lines(out) {
		_, list, _ := strings.Cut(line, ": ")
		for _, d := range filepath.SplitList(strings.TrimPrefix(strings.TrimSpace(list), "=")) {
			if d := tidy(strings.TrimSuffix(d, "/")); filepath.IsAbs(d) && !slices.Contains(dirs, d) {
				dirs = append(dirs, d)
			}
		}
	}
	return dirs, nil
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
