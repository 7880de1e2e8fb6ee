package hosttools

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// A Minimum is the oldest version of a program that a source can be built with, as the source itself says.
type Minimum struct {
	Program string // gcc, binutils, make, flex, bison or bc
	Version string
	Where   string // the file of the source that says so
}

const (
	linuxChanges = "Documentation/process/changes.rst"
	linuxScript  = "scripts/min-tool-version.sh"
)

// linuxMinimums are those of Linux for who doesn't have its source yet: what changes.rst said from a series on. Where a series
// between two rows raised one, the row before still holds: too little is found out by the source itself, and too much would
// stop a build that works.
var linuxMinimums = []struct {
	from                string // the series
	gcc, binutils, make string
}{
	{"6.16", "8.1", "2.30", "4.0"},
	{"6.4", "5.1", "2.25", "3.82"},
	{"6.1", "5.1", "2.23", "3.82"},
	{"5.15", "5.1", "2.23", "3.81"},
	{"5.10", "4.9", "2.23", "3.81"},
	{"5.8", "4.8", "2.23", "3.81"},
	{"4.19", "4.6", "2.20", "3.81"},
}

// LinuxMinimums are what a version of Linux, a series, or the newest needs. They are none where nobody knows.
func LinuxMinimums(version string) []Minimum {
	for _, row := range linuxMinimums {
		if version == "newest" || compareVersions(version, row.from) >= 0 {
			var all []Minimum
			for _, m := range [][2]string{{"gcc", row.gcc}, {"binutils", row.binutils}, {"make", row.make}, {"flex", "2.5.35"}, {"bison", "2.0"}, {"bc", "1.06.95"}} {
				all = append(all, Minimum{m[0], m[1], linuxChanges})
			}
			return all
		}
	}
	return nil
}

// changesNames are the programs as changes.rst calls them.
var changesNames = map[string]string{"GNU C": "gcc", "binutils": "binutils", "GNU make": "make", "flex": "flex", "bison": "bison", "bc": "bc"}

var changesRow = regexp.MustCompile(`(?m)^(\S+(?: \S+)*)\s{2,}(\d[\w.]*)\s{2,}\S`)

// ReadMinimums reads what the files of a Linux source say themselves: the table of Documentation/process/changes.rst, and
// scripts/min-tool-version.sh (since 5.13), which goes before it and may tell architectures apart. arch is the kernel's name for
// one, as its directory below arch/ has it.
func ReadMinimums(changes, script []byte, arch string) []Minimum {
	var all []Minimum
	for _, row := range changesRow.FindAllSubmatch(changes, -1) {
		name := changesNames[string(row[1])]
		if name == "" {
			continue
		}
		m := Minimum{name, string(row[2]), linuxChanges}
		if v := scriptSays(string(script), name, arch); v != "" {
			m.Version, m.Where = v, linuxScript
		}
		all = append(all, m)
	}
	return all
}

var scriptEcho = regexp.MustCompile(`^echo (\d[\d.]*)$`)

// scriptSays finds what the script prints for a program: the branch of a case, in which the first condition holds that names
// the architecture, or the last branch.
func scriptSays(script, program, arch string) string {
	inside, skip, done := false, false, false
	for _, line := range strings.Split(script, "\n") {
		line = strings.TrimSpace(line)
		switch {
		case line == program+")":
			inside = true
		case !inside:
		case line == ";;":
			return ""
		case strings.HasPrefix(line, "if "), strings.HasPrefix(line, "elif "):
			holds := strings.Contains(line+" ", fmt.Sprintf(`"$SRCARCH" = %s `, arch))
			skip, done = done || !holds, done || holds
		case line == "else":
			skip = done
		case line == "fi":
			skip, done = false, false
		case !skip:
			if m := scriptEcho.FindStringSubmatch(line); m != nil {
				return m[1]
			}
		}
	}
	return ""
}

// kindOf is the program of a minimum that a tool is, "" for none: i686-linux-gnu-ld is binutils.
func kindOf(tool string) string {
	switch tool[strings.LastIndexByte(tool, '-')+1:] {
	case "gcc", "cc":
		return "gcc"
	case "ld", "as", "ld.bfd":
		return "binutils"
	case "make":
		return "make"
	case "flex":
		return "flex"
	case "bison":
		return "bison"
	case "bc":
		return "bc"
	}
	return ""
}

// sayings are what each program says of itself by --version, so that nobody takes clang's number for gcc's, or lld's for that
// of GNU ld.
var sayings = map[string]*regexp.Regexp{
	"gcc":      regexp.MustCompile(`(?i)\b(gcc|cc|GCC)\b`),
	"binutils": regexp.MustCompile(`^GNU (ld|assembler)\b`),
	"make":     regexp.MustCompile(`^GNU Make\b`),
	"flex":     regexp.MustCompile(`^flex\b`),
	"bison":    regexp.MustCompile(`^bison\b`),
	"bc":       regexp.MustCompile(`^bc\b`),
}

var (
	bracketed = regexp.MustCompile(`\([^)]*\)`)
	number    = regexp.MustCompile(`\b\d+(\.\d+)+\b`)
)

// readVersion finds the version in the first line of what a program says of itself: "gcc (Debian 12.2.0-14) 12.2.0". It is ""
// where the program is another, or doesn't say.
func readVersion(kind, text string) string {
	line, _, _ := strings.Cut(text, "\n")
	if s := sayings[kind]; s == nil || !s.MatchString(line) || strings.Contains(line, "clang") {
		return ""
	}
	return number.FindString(bracketed.ReplaceAllString(line, ""))
}

// compareVersions compares by numbers; a number that is missing is 0.
func compareVersions(a, b string) int {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i := range max(len(as), len(bs)) {
		var x, y int
		if i < len(as) {
			x, _ = strconv.Atoi(strings.TrimRight(as[i], "abcdefghijklmnopqrstuvwxyz-"))
		}
		if i < len(bs) {
			y, _ = strconv.Atoi(strings.TrimRight(bs[i], "abcdefghijklmnopqrstuvwxyz-"))
		}
		if x != y {
			if x < y {
				return -1
			}
			return 1
		}
	}
	return 0
}
