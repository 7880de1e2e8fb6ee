package rootfs

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// header is the first line of a list's text. The number changes when the form of the lines does.
const header = "rootfs 1\n"

// Format writes l as text, one line an entry:
//
//	f PATH MODE UID GID SHA256 SIZE
//	d PATH MODE UID GID
//	l PATH MODE UID GID TARGET
//	c PATH MODE UID GID MAJOR MINOR        (b for a block device)
//	p PATH MODE UID GID
//
// MODE is octal with at least four digits. The same list always gives the same bytes, in whatever order its entries
// are; origins are left out.
func (l List) Format() []byte {
	sorted := append(List(nil), l...)
	sorted.Sort()
	var b bytes.Buffer
	b.WriteString(header)
	for _, e := range sorted {
		b.WriteString(e.text())
		b.WriteByte('\n')
	}
	return b.Bytes()
}

// text is the line of an entry, without its line break.
func (e Entry) text() string {
	e = e.normal()
	s := fmt.Sprintf("%c %s %04o %d %d", e.Type, word(e.Path), e.Mode, e.UID, e.GID)
	switch e.Type {
	case File:
		s += fmt.Sprintf(" %s %d", e.SHA256, e.Size)
	case Symlink:
		s += " " + word(e.Target)
	case Char, Block:
		s += fmt.Sprintf(" %d %d", e.Major, e.Minor)
	}
	return s
}

// Parse reads what Format wrote and takes nothing else: another order, another way to write the same number or path, a
// path twice or without its parent directory are errors, which begin with "line N".
func Parse(data []byte) (List, error) {
	text, ok := strings.CutPrefix(string(data), header)
	if !ok {
		first, _, _ := strings.Cut(text, "\n")
		return nil, fmt.Errorf("line 1: %.40q is not %q: this is no root filesystem list, or one of another version", first, strings.TrimSpace(header))
	}
	var l List
	dirs := map[string]bool{"/": true}
	for number := 2; text != ""; number++ {
		line, rest, ended := strings.Cut(text, "\n")
		text = rest
		if !ended {
			return nil, fmt.Errorf("line %d: the line has no end: the list was cut short", number)
		}
		e, err := parseEntry(line)
		switch {
		case err != nil:
		case len(l) > 0 && comparePaths(l[len(l)-1].Path, e.Path) >= 0:
			err = fmt.Errorf("%s is out of order after %s", word(e.Path), word(l[len(l)-1].Path))
		case !dirs[parent(e.Path)]:
			err = fmt.Errorf("%s has no parent directory before it", word(e.Path))
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		if e.Type == Dir {
			dirs[e.Path] = true
		}
		l = append(l, e)
	}
	return l, nil
}

func parseEntry(line string) (Entry, error) {
	words, err := splitWords(line)
	if err != nil {
		return Entry{}, err
	}
	if len(words) < 5 || len(words[0]) != 1 {
		return Entry{}, fmt.Errorf("%.80q is not an entry", line)
	}
	n := numbers{}
	e := Entry{
		Type: Type(words[0][0]), Path: words[1],
		Mode: n.uint32("mode", words[2], 8), UID: n.uint32("uid", words[3], 10), GID: n.uint32("gid", words[4], 10),
	}
	switch fields := words[5:]; {
	case e.Type == File && len(fields) == 2:
		e.SHA256, e.Size = fields[0], n.int64("size", fields[1])
	case e.Type == Symlink && len(fields) == 1:
		e.Target = fields[0]
	case (e.Type == Char || e.Type == Block) && len(fields) == 2:
		e.Major, e.Minor = n.uint32("major", fields[0], 10), n.uint32("minor", fields[1], 10)
	case (e.Type == Dir || e.Type == Fifo) && len(fields) == 0:
	default:
		return Entry{}, fmt.Errorf("a %s does not have %d fields", e.Type, len(words))
	}
	if n.err != nil {
		return Entry{}, n.err
	}
	if err := e.check(); err != nil {
		return Entry{}, err
	}
	if want := e.text(); line != want {
		return Entry{}, fmt.Errorf("%.80q is written %.80q in a list", line, want)
	}
	return e, nil
}

// numbers reads the numbers of a line and keeps the first error.
type numbers struct{ err error }

func (n *numbers) uint32(what, s string, base int) uint32 {
	v, err := strconv.ParseUint(s, base, 32)
	if err != nil && n.err == nil {
		n.err = fmt.Errorf("%s %q is not a number that fits", what, s)
	}
	return uint32(v)
}

func (n *numbers) int64(what, s string) int64 {
	v, err := strconv.ParseInt(s, 10, 64)
	if err != nil && n.err == nil {
		n.err = fmt.Errorf("%s %q is not a number that fits", what, s)
	}
	return v
}
