package toolchain

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

// Facts are what a source may have to be told of the machine that it is built on. A field is "" where it isn't known.
type Facts struct {
	Compiler    string // its version: "12.2.0"
	Headers     string // the version of Linux whose headers programs are compiled with: "6.1.174"
	Glibc       string // the version of the C library, if it is this one: "2.36"
	StaticCrypt bool   // libcrypt.a is there
}

// Facts looks them up. What the driver says is remembered in c, which may be nil; the rest are two small files.
func (t *Toolchain) Facts(ctx context.Context, c *Digests) (Facts, error) {
	if c == nil {
		c = LoadDigests("")
	}
	a, err := t.answers(ctx, c)
	if err != nil {
		return Facts{}, err
	}
	f := Facts{Compiler: a.Version}
	if code := defined(a.Headers, "linux/version.h", "LINUX_VERSION_CODE"); code > 0 {
		f.Headers = numbers(code>>16, code>>8&0xff, code&0xff)
	}
	if major := defined(a.Headers, "features.h", "__GLIBC__"); major > 0 {
		f.Glibc = numbers(major, defined(a.Headers, "features.h", "__GLIBC_MINOR__"))
	}
	f.StaticCrypt = slices.ContainsFunc(a.Own, func(n namedFile) bool { return n.Name == "libcrypt.a" })
	return f, nil
}

// defined is the number that a header defines a name as, 0 if it doesn't. Of the directories the first that has the header
// counts, as for the preprocessor.
func defined(dirs []string, header, name string) int {
	for _, d := range dirs {
		text, err := os.ReadFile(filepath.Join(d, header))
		if err != nil {
			continue
		}
		if m := regexp.MustCompile(`(?m)^\s*#\s*define\s+` + name + `\s+(\d+)`).FindSubmatch(text); m != nil {
			n, _ := strconv.Atoi(string(m[1]))
			return n
		}
		return 0
	}
	return 0
}

func numbers(parts ...int) string {
	text := ""
	for i, p := range parts {
		if i > 0 {
			text += "."
		}
		text += strconv.Itoa(p)
	}
	return text
}
