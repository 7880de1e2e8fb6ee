package cpio

import (
	"fmt"
	"io"
	"math"
	"path"
	"strings"
)

// File types, the type bits of st_mode (inode(7)).
const (
	TypeMask    = 0o170000
	TypeSocket  = 0o140000
	TypeSymlink = 0o120000
	TypeRegular = 0o100000
	TypeBlock   = 0o060000
	TypeDir     = 0o040000
	TypeChar    = 0o020000
	TypeFIFO    = 0o010000
)

const (
	trailerName = "TRAILER!!!"
	pathMax     = 4096 // PATH_MAX, the terminating NUL included
	nameMax     = 255  // NAME_MAX of ramfs and tmpfs, per path component
	maxField    = math.MaxUint32
	maxMajor    = 1<<12 - 1 // what the kernel's MKDEV has room for
	maxMinor    = 1<<20 - 1
	noID        = math.MaxUint32 // (uid_t)-1 means "leave as it is" to chown
)

// An Entry is one member of an archive: all that the kernel is told about a
// file. Each entry is a file of its own; hard links are not represented.
type Entry struct {
	Name         string                        // relative and clean: no leading "/" or "./", no ".."; "." is the root itself
	Mode         uint32                        // st_mode: type bits and permissions
	UID, GID     uint32                        // owner
	MTime        uint32                        // seconds since 1970; 0 in reproducible images
	Major, Minor uint32                        // number of a device node
	Size         int64                         // bytes of a regular file
	Open         func() (io.ReadCloser, error) // content of a regular file; not used when Size is 0, nil in what a Reader returns
	Linkname     string                        // target of a symbolic link
}

func (e *Entry) kind() uint32    { return e.Mode & TypeMask }
func (e *Entry) isDevice() bool  { return e.kind() == TypeBlock || e.kind() == TypeChar }
func (e *Entry) isRegular() bool { return e.kind() == TypeRegular }

// check says what the kernel, or the 8 hexadecimal digits of a header field,
// could not take of this entry, looked at by itself.
func (e *Entry) check() error {
	if err := checkName(e.Name); err != nil {
		return err
	}
	if e.Mode&^(TypeMask|0o7777) != 0 {
		return fmt.Errorf("%q: mode %#o has bits that no file has", e.Name, e.Mode)
	}
	if e.UID == noID || e.GID == noID {
		return fmt.Errorf("%q: owner %d:%d: 4294967295 is no user or group", e.Name, e.UID, e.GID)
	}
	switch e.kind() {
	case TypeRegular, TypeDir, TypeSymlink, TypeBlock, TypeChar, TypeFIFO, TypeSocket:
	default:
		return fmt.Errorf("%q: mode %#o is of no known file type; set the type bits", e.Name, e.Mode)
	}
	if e.Name == "." && e.kind() != TypeDir {
		return fmt.Errorf(`".": the root can only be a directory`)
	}
	if err := e.checkSize(); err != nil {
		return err
	}
	if err := e.checkTarget(); err != nil {
		return err
	}
	return e.checkDevice()
}

func (e *Entry) checkSize() error {
	switch {
	case e.Size < 0:
		return fmt.Errorf("%q: size %d is negative", e.Name, e.Size)
	case e.Size > maxField:
		return fmt.Errorf("%q: %d bytes; a newc archive holds files below 4 GiB only", e.Name, e.Size)
	case e.Size != 0 && !e.isRegular():
		return fmt.Errorf("%q: only a regular file has content (size %d)", e.Name, e.Size)
	}
	return nil
}

func (e *Entry) checkTarget() error {
	if e.kind() != TypeSymlink {
		if e.Linkname != "" {
			return fmt.Errorf("%q: only a symbolic link has a target (%q)", e.Name, e.Linkname)
		}
		return nil
	}
	switch {
	case e.Linkname == "":
		return fmt.Errorf("%q: the symbolic link has no target", e.Name)
	case len(e.Linkname) >= pathMax:
		return fmt.Errorf("%q: the link's target has %d bytes; the kernel takes %d", e.Name, len(e.Linkname), pathMax-1)
	case strings.Contains(e.Linkname, "\x00"):
		return fmt.Errorf("%q: the link's target %q contains a NUL byte", e.Name, e.Linkname)
	}
	return nil
}

func (e *Entry) checkDevice() error {
	switch {
	case !e.isDevice() && (e.Major != 0 || e.Minor != 0):
		return fmt.Errorf("%q: only a device node has a device number (%d:%d)", e.Name, e.Major, e.Minor)
	case e.Major > maxMajor || e.Minor > maxMinor:
		return fmt.Errorf("%q: device number %d:%d is out of range; the kernel takes up to %d:%d",
			e.Name, e.Major, e.Minor, maxMajor, maxMinor)
	}
	return nil
}

// checkName is strict about spelling because the kernel is not: it would make
// "a//b" and "./a/b" the same file as "a/b", and the last one wins unseen.
func checkName(name string) error {
	switch {
	case name == "":
		return fmt.Errorf("an entry has no name")
	case strings.Contains(name, "\x00"):
		return fmt.Errorf("%q: the name contains a NUL byte", name)
	case name == trailerName:
		return fmt.Errorf("%q: this name marks the end of an archive and can't be a file's", name)
	case strings.HasPrefix(name, "/"):
		return fmt.Errorf("%q: names are relative; drop the leading slash", name)
	case len(name) >= pathMax:
		return fmt.Errorf("%q…: the name has %d bytes; the kernel takes %d", name[:40], len(name), pathMax-1)
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == ".." {
			return fmt.Errorf(`%q: names must not contain ".."`, name)
		}
		if len(part) > nameMax {
			return fmt.Errorf("%q…: a part of the name has %d bytes; the kernel takes %d", name[:40], len(part), nameMax)
		}
	}
	if clean := path.Clean(name); clean != name {
		return fmt.Errorf("%q: write the name as %q", name, clean)
	}
	return nil
}
