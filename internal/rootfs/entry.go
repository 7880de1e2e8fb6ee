package rootfs

import (
	"errors"
	"fmt"
	"path"
	"strings"
)

// Type says what is at a path. The letters are those of find's %y.
type Type byte

// The types of entries. Sockets are no part of an image: a program makes them when it runs.
const (
	File    Type = 'f'
	Dir     Type = 'd'
	Symlink Type = 'l'
	Char    Type = 'c'
	Block   Type = 'b'
	Fifo    Type = 'p'
)

// String is the type in words.
func (t Type) String() string {
	switch t {
	case File:
		return "file"
	case Dir:
		return "directory"
	case Symlink:
		return "symbolic link"
	case Char:
		return "character device"
	case Block:
		return "block device"
	case Fifo:
		return "fifo"
	}
	return fmt.Sprintf("type %q", byte(t))
}

// An Entry is one path of a root filesystem. Fields that mean nothing for its type are zero.
type Entry struct {
	Path         string // absolute and clean: /bin/busybox
	Type         Type
	Mode         uint32 // permission bits with setuid, setgid and sticky; 0777 for a symbolic link
	UID, GID     uint32
	Major, Minor uint32 // of a device
	Target       string // of a symbolic link, as it is stored
	SHA256       string // of a file's content, 64 lower-case hexadecimal digits
	Size         int64  // of a file's content, in bytes

	// Origin says who put the entry there, such as distro.star:6:18. It serves messages only: it is no part of the
	// list's text, so that moving a line in a script changes no image.
	Origin string
}

// The kernel's own limits (include/uapi/linux/limits.h): a path with its zero byte, one name, and a link's target.
const (
	pathMax = 4096
	nameMax = 255
)

// normal returns e with the fields cleared that mean nothing for its type, so that equal things compare equal.
func (e Entry) normal() Entry {
	n := Entry{Path: e.Path, Type: e.Type, Mode: e.Mode, UID: e.UID, GID: e.GID, Origin: e.Origin}
	switch e.Type {
	case File:
		n.SHA256, n.Size = e.SHA256, e.Size
	case Symlink:
		n.Target, n.Mode = e.Target, 0o777 // the only mode Linux shows
	case Char, Block:
		n.Major, n.Minor = e.Major, e.Minor
	}
	return n
}

// same tells whether two normal entries are the same thing, wherever they come from.
func (e Entry) same(o Entry) bool {
	e.Path, e.Origin = o.Path, o.Origin
	return e == o
}

// check says what is wrong with e.
func (e Entry) check() error {
	if err := checkPath(e.Path); err != nil {
		return err
	}
	if e.Mode&^0o7777 != 0 {
		return fmt.Errorf("%s: mode %#o has bits beyond 07777: the type of an entry is not part of its mode", word(e.Path), e.Mode)
	}
	if e.Path == "/" && e.Type != Dir {
		return fmt.Errorf("/ can only be a directory, not a %s", e.Type)
	}
	switch e.Type {
	case File:
		if len(e.SHA256) != 64 || strings.Trim(e.SHA256, "0123456789abcdef") != "" {
			return fmt.Errorf("%s: %q is not the sha256 of a file", word(e.Path), e.SHA256)
		}
		if e.Size < 0 {
			return fmt.Errorf("%s: size %d is negative", word(e.Path), e.Size)
		}
	case Symlink:
		return checkTarget(e.Path, e.Target)
	case Dir, Char, Block, Fifo:
	default:
		return fmt.Errorf("%s: unknown %s", word(e.Path), e.Type)
	}
	return nil
}

func checkPath(p string) error {
	switch {
	case p == "":
		return errors.New(`a path is empty: write where the entry belongs, such as "/etc/motd"`)
	case strings.IndexByte(p, 0) >= 0:
		return fmt.Errorf("path %s contains a zero byte", word(p))
	case p[0] != '/':
		return fmt.Errorf("path %s must be absolute: write %s", word(p), word(path.Clean("/"+p)))
	case path.Clean(p) != p:
		return fmt.Errorf("path %s is roundabout: write %s", word(p), word(path.Clean(p)))
	case len(p) >= pathMax:
		return fmt.Errorf("path %.40s… has %d bytes: Linux takes %d at most", word(p), len(p), pathMax-1)
	}
	for name := range strings.SplitSeq(p, "/") {
		if len(name) > nameMax {
			return fmt.Errorf("the name %.40s… has %d bytes: Linux takes %d at most", word(name), len(name), nameMax)
		}
	}
	return nil
}

func checkTarget(p, target string) error {
	switch {
	case target == "":
		return fmt.Errorf("the symbolic link %s has no target", word(p))
	case strings.IndexByte(target, 0) >= 0:
		return fmt.Errorf("the target of the symbolic link %s contains a zero byte", word(p))
	case len(target) >= pathMax:
		return fmt.Errorf("the target of the symbolic link %s has %d bytes: Linux takes %d at most", word(p), len(target), pathMax-1)
	}
	return nil
}
