package source

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Lock is the contents of mini.lock: which file each wish of a script was
// settled to. One line is one source or module and stands alone, so that two
// branches that add one each merge without a conflict. At its end is a check of
// the line, which tells an edit by hand. It is not safe for use by several
// goroutines at once.
type Lock struct {
	pins    map[lockKey]Pin
	modules []Line // kept as they are
}

// Line is a line of mini.lock that is not about a source, without its check.
type Line struct {
	Number int // from 1; 0 for a new one
	Text   string
}

// LineError is a mistake in a line of mini.lock.
type LineError struct {
	Line int // from 1
	Msg  string
	Hint string
}

func (e *LineError) Error() string {
	text := fmt.Sprintf("line %d: %s", e.Line, e.Msg)
	if e.Hint != "" {
		text += "; " + e.Hint
	}
	return text
}

type lockKey struct{ name, want, suite string }

func (k lockKey) compare(o lockKey) int {
	return cmp.Or(cmp.Compare(k.name, o.name), CompareVersions(k.want, o.want), cmp.Compare(k.want, o.want), cmp.Compare(k.suite, o.suite))
}

func (p Pin) key() lockKey { return lockKey{p.Name, p.Want, p.Suite} }

const lockHeader = "# mini.lock: what each module and source was settled to. Written by mini; keep it with the script.\n" +
	"# Remove a source's line to have it settled anew; modules are changed by mini get.\n"

const (
	sourceWord = "source "
	moduleWord = "module "
	checkWord  = " check="
)

// checkOf is what stands at the end of a line.
func checkOf(line string) string {
	sum := sha256.Sum256([]byte(line))
	return hex.EncodeToString(sum[:4])
}

// unchecked takes the check off a line. A line without one is taken as it stands: that is how to change one by hand on
// purpose.
func unchecked(line string) (string, error) {
	at := strings.LastIndex(line, checkWord)
	if at < 0 || strings.ContainsAny(line[at+1:], " \t") {
		return line, nil
	}
	line, check := line[:at], line[at+len(checkWord):]
	if check != checkOf(line) {
		return line, errors.New("this line was changed by hand")
	}
	return line, nil
}

// Modules lists the lines of modules, in the order of the file.
func (l *Lock) Modules() []Line { return slices.Clone(l.modules) }

// SetModules puts other lines in the place of those of modules.
func (l *Lock) SetModules(lines []Line) { l.modules = slices.Clone(lines) }

// Get returns the pin of w.
func (l *Lock) Get(w Want) (Pin, bool) {
	p, ok := l.pins[lockKey{w.Name, w.text(), w.suiteKey()}]
	return p, ok
}

// Put adds p, or puts it in the place of the pin with the same name, wanted
// version and suite. It says whether that changed anything.
func (l *Lock) Put(p Pin) (changed bool) {
	if l.pins == nil {
		l.pins = map[lockKey]Pin{}
	}
	old, ok := l.pins[p.key()]
	l.pins[p.key()] = p
	return !ok || old != p
}

// Format returns the text of the file: the same pins always give the same text.
func (l *Lock) Format() []byte {
	var b bytes.Buffer
	b.WriteString(lockHeader)
	var lines []string
	for _, m := range l.modules {
		lines = append(lines, m.Text)
	}
	slices.Sort(lines)
	for _, k := range slices.SortedFunc(maps.Keys(l.pins), lockKey.compare) {
		lines = append(lines, l.pins[k].line())
	}
	for _, line := range lines {
		b.WriteString(line + checkWord + checkOf(line) + "\n")
	}
	return b.Bytes()
}

// line writes the fields that are set, in a fixed order, without a line end.
func (p Pin) line() string {
	var b strings.Builder
	b.WriteString(strings.TrimSpace(sourceWord))
	size := ""
	if p.Size > 0 {
		size = strconv.FormatInt(p.Size, 10)
	}
	for _, f := range []struct{ key, value string }{
		{"name", p.Name}, {"want", p.Want}, {"suite", p.Suite}, {"version", p.Version},
		{"file", p.File}, {"member", p.Member}, {"sha256", p.SHA256}, {"size", size},
		{"from", p.From}, {"verified", p.Verified},
	} {
		if f.value != "" {
			fmt.Fprintf(&b, " %s=%s", f.key, quote(f.value))
		}
	}
	return b.String()
}

func quote(s string) string {
	if q := strconv.Quote(s); strings.ContainsAny(s, " \t") || q != `"`+s+`"` {
		return q
	}
	return s
}

// ParseLock reads mini.lock. An empty file is an empty lock. Errors are of type
// *LineError.
func ParseLock(text []byte) (*Lock, error) {
	l := &Lock{pins: map[lockKey]Pin{}}
	at := map[lockKey]int{}
	n := 0
	for line := range strings.Lines(string(text)) {
		n++
		line = strings.TrimSpace(line)
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
			continue
		case isConflictMarker(line):
			return nil, &LineError{n, fmt.Sprintf("an unresolved merge conflict (%.7s)", line),
				"keep the lines of one side, or all of both that differ in name"}
		case !strings.HasPrefix(line, moduleWord) && !strings.HasPrefix(line, sourceWord):
			return nil, &LineError{n, fmt.Sprintf("%.20q is no line of mini.lock", line),
				"remove it, or restore the file from version control"}
		}
		line, err := unchecked(line)
		if err != nil {
			hint := "restore it from version control, or remove it to have it settled anew"
			if strings.HasPrefix(line, moduleWord) {
				hint = "restore it from version control; versions of modules are changed by mini get"
			}
			return nil, &LineError{n, err.Error(), hint + " (to keep the change all the same, remove the check= at its end)"}
		}
		if strings.HasPrefix(line, moduleWord) {
			l.modules = append(l.modules, Line{n, line})
			continue
		}
		p, err := parsePin(line)
		if err != nil {
			return nil, &LineError{Line: n, Msg: err.Error()}
		}
		if first, twice := at[p.key()]; twice {
			return nil, &LineError{n, fmt.Sprintf("%s %s is pinned already in line %d", p.Name, p.Want, first), "keep one of the two"}
		}
		at[p.key()] = n
		l.pins[p.key()] = p
	}
	return l, nil
}

func isConflictMarker(line string) bool {
	for _, m := range []string{"<<<<<<<", "=======", ">>>>>>>", "|||||||"} {
		if strings.HasPrefix(line, m) {
			return true
		}
	}
	return false
}

// parsePin reads one source line.
func parsePin(line string) (Pin, error) {
	var p Pin
	seen := map[string]bool{}
	fields := map[string]*string{
		"name": &p.Name, "want": &p.Want, "suite": &p.Suite, "version": &p.Version, "file": &p.File,
		"member": &p.Member, "sha256": &p.SHA256, "from": &p.From, "verified": &p.Verified, "size": new(string),
	}
	for rest := strings.TrimSpace(strings.TrimPrefix(line, sourceWord)); rest != ""; rest = strings.TrimSpace(rest) {
		key, after, ok := strings.Cut(rest, "=")
		if !ok {
			return Pin{}, fmt.Errorf("%.20q is not key=value", rest)
		}
		value, tail, err := unquote(after)
		if err != nil {
			return Pin{}, fmt.Errorf("%s: %w", key, err)
		}
		to := fields[key]
		switch {
		case to == nil:
			return Pin{}, fmt.Errorf("unknown field %.20q; a newer mini may have written it", key)
		case seen[key]:
			return Pin{}, fmt.Errorf("field %s is there twice", key)
		}
		seen[key], *to, rest = true, value, tail
	}
	if s := *fields["size"]; s != "" {
		size, err := strconv.ParseInt(s, 10, 64)
		if err != nil || size <= 0 {
			return Pin{}, fmt.Errorf("size %.20q is not a number of bytes", s)
		}
		p.Size = size
	}
	return p, p.check()
}

// unquote takes one value off the front of s.
func unquote(s string) (value, rest string, err error) {
	if !strings.HasPrefix(s, `"`) {
		end := strings.IndexAny(s, " \t")
		if end < 0 {
			end = len(s)
		}
		return s[:end], s[end:], nil
	}
	quoted, err := strconv.QuotedPrefix(s)
	if err != nil {
		return "", "", fmt.Errorf("a quote is not closed")
	}
	value, err = strconv.Unquote(quoted)
	return value, s[len(quoted):], err
}

// check refuses a pin that is not whole. File becomes part of a path and of
// URLs, so it must be a plain name.
func (p Pin) check() error {
	for _, f := range []struct{ key, value string }{
		{"name", p.Name}, {"want", p.Want}, {"version", p.Version},
		{"file", p.File}, {"sha256", p.SHA256}, {"from", p.From}, {"verified", p.Verified},
	} {
		if f.value == "" {
			return fmt.Errorf("%s is missing in the pin of %s %s", f.key, p.Name, p.Version)
		}
	}
	if raw, err := hex.DecodeString(p.SHA256); err != nil || len(raw) != 32 || strings.ToLower(p.SHA256) != p.SHA256 {
		return fmt.Errorf("%.70q is not a sha256 (64 lower-case hex digits)", p.SHA256)
	}
	if filepath.Base(p.File) != p.File || p.File == "." || p.File == ".." {
		return fmt.Errorf("file %q has to be a plain name", p.File)
	}
	if _, _, _, _, ok := p.aptPlace(); !ok && p.From != FromUpstream && !strings.Contains(p.From, "://") {
		return fmt.Errorf("from=%q is none of upstream, apt:SUITE:PACKAGE=VERSION, apt-src:SUITE:PACKAGE=VERSION, or a URL", p.From)
	}
	return nil
}
