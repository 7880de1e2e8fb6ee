package bloat

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// An archive begins with one of these (ar(5); GNU's thin archives hold only the names of their members).
const (
	arMagic   = "!<arch>\n"
	thinMagic = "!<thin>\n"
	arHeader  = 60
)

// member is one file of an archive.
type member struct {
	name string // as the archive has it: of a thin archive a path from where the archive lies
	data []byte // nil in a thin archive
}

// members reads an archive of GNU's or BSD's kind. What an archive says of sizes is not believed further than its end.
func members(b []byte) (list []member, thin bool, err error) {
	switch {
	case bytes.HasPrefix(b, []byte(arMagic)):
	case bytes.HasPrefix(b, []byte(thinMagic)):
		thin = true
	default:
		return nil, false, errors.New("it is no archive of ar")
	}
	b = b[len(arMagic):]
	var names string // GNU's table of long names
	for len(b) > 0 {
		if len(b) < arHeader || string(b[58:60]) != "`\n" {
			return nil, thin, errors.New("a header of the archive is damaged")
		}
		name := strings.TrimRight(string(b[:16]), " ")
		size, err := strconv.ParseInt(strings.TrimSpace(string(b[48:58])), 10, 64)
		if err != nil || size < 0 {
			return nil, thin, fmt.Errorf("member %q of the archive has no size", name)
		}
		b = b[arHeader:]
		if index := name == "/" || name == "/SYM64/" || strings.HasPrefix(name, "__.SYMDEF"); thin && !index && name != "//" {
			if name, err = longName(name, names); err != nil {
				return nil, thin, err
			}
			list = append(list, member{name: name})
			continue
		}
		if size > int64(len(b)) {
			return nil, thin, fmt.Errorf("member %q of the archive is cut off", name)
		}
		data := b[:size]
		b = b[min(size+size%2, int64(len(b))):]
		switch {
		case name == "//":
			names = string(data)
		case name == "/" || name == "/SYM64/" || strings.HasPrefix(name, "__.SYMDEF"):
		case strings.HasPrefix(name, "#1/"): // BSD's long names stand before the content
			n, err := strconv.Atoi(name[3:])
			if err != nil || n < 0 || n > len(data) {
				return nil, thin, fmt.Errorf("member %q of the archive has no name", name)
			}
			list = append(list, member{strings.TrimRight(string(data[:n]), "\x00"), data[n:]})
		default:
			if name, err = longName(name, names); err != nil {
				return nil, thin, err
			}
			list = append(list, member{name, data})
		}
	}
	return list, thin, nil
}

// longName finds "/123" in the table of names, and takes the slash off the end of any other. Behind the number may be a colon
// and more, of an archive in an archive, or what GNU ar of Debian 12 writes: "/3715          /".
func longName(name, names string) (string, error) {
	if !strings.HasPrefix(name, "/") {
		return strings.TrimSuffix(name, "/"), nil
	}
	digits := name[1:]
	if end := strings.IndexAny(digits, " :"); end >= 0 {
		digits = digits[:end]
	}
	at, err := strconv.Atoi(digits)
	if err != nil || at < 0 || at >= len(names) {
		return "", fmt.Errorf("member %q of the archive has no name", name)
	}
	name, _, _ = strings.Cut(names[at:], "\n")
	return strings.TrimSuffix(name, "/"), nil
}

// mostNested is how deep archives may lie in archives. The kernel's are flat, or two deep.
const mostNested = 16

// eachObject calls f for every object of an archive, with its path below the root of fsys as far as it has one.
func eachObject(fsys fs.FS, archive string, f func(name string, r io.ReaderAt) error) error {
	b, err := fs.ReadFile(fsys, archive)
	if err != nil {
		return err
	}
	return eachMember(fsys, archive, b, mostNested, f)
}

func eachMember(fsys fs.FS, archive string, b []byte, deep int, f func(string, io.ReaderAt) error) error {
	list, thin, err := members(b)
	if err != nil {
		return fmt.Errorf("%s: %w", archive, err)
	}
	for _, m := range list {
		name := path.Join(path.Dir(archive), m.name)
		if thin {
			if m.data, err = fs.ReadFile(fsys, name); err != nil {
				return fmt.Errorf("%s: %w", archive, err)
			}
		}
		if _, _, err := members(m.data); err == nil {
			if deep == 0 {
				return fmt.Errorf("%s: archives in archives without end", archive)
			}
			err = eachMember(fsys, name, m.data, deep-1, f)
			if err != nil {
				return err
			}
			continue
		}
		if err := f(name, bytes.NewReader(m.data)); err != nil {
			return err
		}
	}
	return nil
}
