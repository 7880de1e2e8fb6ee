package archive

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
)

// A .deb is an ar archive of three members, debian-binary, control.tar.* and
// data.tar.* (deb(5)). An ar header is 60 bytes of text (ar(5)).
const (
	arMagic      = "!<arch>\n"
	arHeaderSize = 60
	arHeaderEnd  = "`\n"
)

// readDeb unpacks a package's data, or the one tarball in it that was asked for.
func (u *unpacker) readDeb(in io.Reader) error {
	walk := u.extract
	if u.o.Member != "" {
		walk = u.extractMember
	}
	if _, err := io.CopyN(io.Discard, in, int64(len(arMagic))); err != nil {
		return err
	}
	found := false
	for {
		m, err := nextMember(in)
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if strings.HasPrefix(m.name, "data.tar") {
			if found {
				return errors.New("the Debian package has two data members")
			}
			found = true
			if err := u.readTar(m, walk); err != nil {
				return fmt.Errorf("%s: %w", m.name, err)
			}
		}
		if err := m.skip(); err != nil {
			return err
		}
	}
	if !found {
		return errors.New("not a Debian package: there is no data.tar in it")
	}
	return nil
}

// extractMember unpacks the tarball named Options.Member, read out of its tar
// stream as it goes by.
func (u *unpacker) extractMember(tr *tar.Reader) error {
	want := path.Clean(strings.TrimLeft(u.o.Member, "/"))
	var others []string
	found := false
	for {
		h, err := tr.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		name := path.Clean(strings.TrimLeft(h.Name, "/"))
		if name != want || found {
			if strings.Contains(path.Base(name), ".tar") && len(others) < 5 {
				others = append(others, name)
			}
			continue
		}
		if h.Typeflag != tar.TypeReg {
			return refuse(h.Name, "is not a regular file")
		}
		found = true
		if err := u.readTar(tr, u.extract); err != nil {
			return fmt.Errorf("%s: %w", path.Base(want), err)
		}
	}
	if !found {
		err := fmt.Errorf("%q is not in the package", want)
		if others != nil {
			err = fmt.Errorf("%w; tarballs in it are %s", err, strings.Join(others, ", "))
		}
		return err
	}
	return nil
}

// A member is the content of one file in an ar archive; reading it past the
// archive's end is io.ErrUnexpectedEOF.
type member struct {
	in   io.Reader
	name string
	left int64
	pad  int64
}

func nextMember(in io.Reader) (*member, error) {
	head := make([]byte, arHeaderSize)
	if n, err := io.ReadFull(in, head); err == io.EOF && n == 0 {
		return nil, io.EOF
	} else if err != nil {
		return nil, fmt.Errorf("the Debian package is cut short: %w", err)
	}
	size, err := strconv.ParseUint(string(bytes.TrimRight(head[48:58], " ")), 10, 62)
	if err != nil || string(head[58:]) != arHeaderEnd {
		return nil, errors.New("the Debian package is damaged: a member's header makes no sense")
	}
	name := strings.TrimSuffix(strings.TrimRight(string(head[:16]), " "), "/")
	return &member{in: in, name: name, left: int64(size), pad: int64(size & 1)}, nil
}

func (m *member) Read(p []byte) (int, error) {
	if m.left == 0 {
		return 0, io.EOF
	}
	n, err := m.in.Read(p[:min(int64(len(p)), m.left)])
	m.left -= int64(n)
	if err == io.EOF && m.left > 0 {
		err = fmt.Errorf("the Debian package is cut short: %w", io.ErrUnexpectedEOF)
	} else if err == io.EOF {
		err = nil
	}
	return n, err
}

// skip goes past what is left, and past the byte that pads to an even offset.
func (m *member) skip() error {
	if _, err := io.Copy(io.Discard, m); err != nil {
		return err
	}
	if n, err := io.CopyN(io.Discard, m.in, m.pad); n < m.pad {
		return fmt.Errorf("the Debian package is cut short: %w", err)
	}
	return nil
}
