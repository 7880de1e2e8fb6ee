package archive

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
)

// extract creates what the tar stream lists, in its order.
func (u *unpacker) extract(tr *tar.Reader) error {
	for first := true; ; first = false {
		if err := u.out.ctx.Err(); err != nil {
			return err
		}
		h, err := tr.Next()
		if err == io.EOF && first {
			return errors.New("the archive is empty")
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if h.Typeflag == tar.TypeXGlobalHeader {
			continue // git writes the commit's id into one
		}
		if err := u.entry(h, tr); err != nil {
			return err
		}
	}
}

func (u *unpacker) entry(h *tar.Header, content io.Reader) error {
	name, err := u.tree.place(h.Name)
	if err != nil {
		return err
	}
	if name == "" {
		// Gone with the components to strip. That is right for the directories on
		// the way; anything else would be lost without a word.
		if h.Typeflag != tar.TypeDir && u.o.Strip > 0 {
			return refuse(h.Name, "does not lie deep enough to drop %d leading components of its name", u.o.Strip)
		}
		if h.Typeflag != tar.TypeDir {
			return refuse(h.Name, "has the name of the tree itself but is no directory")
		}
		return nil
	}
	switch h.Typeflag {
	case tar.TypeDir:
		return u.directory(h, name)
	case tar.TypeReg:
		return u.file(h, name, content)
	case tar.TypeSymlink:
		return u.symlink(h, name)
	case tar.TypeLink:
		return u.hardlink(h, name)
	case tar.TypeChar, tar.TypeBlock:
		return refuse(h.Name, "is a device node; source archives have none")
	case tar.TypeFifo:
		return refuse(h.Name, "is a named pipe; source archives have none")
	}
	return refuse(h.Name, "is of type %q, which source archives have not", h.Typeflag)
}

func (u *unpacker) directory(h *tar.Header, name string) error {
	if err := u.parents(h.Name, name); err != nil {
		return err
	}
	fresh, err := u.tree.addDir(h, name)
	if err != nil || !fresh {
		return err
	}
	return u.out.mkdir(name)
}

func (u *unpacker) file(h *tar.Header, name string, content io.Reader) error {
	if err := u.claim(h, name, regular); err != nil {
		return err
	}
	if err := u.tree.addBytes(h); err != nil {
		return err
	}
	mode := uint32(0o644)
	if h.Mode&0o100 != 0 {
		mode = 0o755
	}
	return u.out.file(header{name, mode, h.ModTime}, h.Size, content)
}

func (u *unpacker) symlink(h *tar.Header, name string) error {
	if err := u.claim(h, name, symlink); err != nil {
		return err
	}
	if err := u.tree.addLink(h, name); err != nil {
		return err
	}
	return u.out.symlink(h.Linkname, name, h.ModTime)
}

// hardlink links to a file that is already there. To a symbolic link is refused:
// the same relative target means something else from another directory.
func (u *unpacker) hardlink(h *tar.Header, name string) error {
	target, err := u.tree.place(h.Linkname)
	if err != nil {
		return refuse(h.Name, "is a hard link to a bad name: %v", err)
	}
	if u.tree.kinds[target] != regular || target == name {
		return refuse(h.Name, "is a hard link to %q, which is no file that came before it", h.Linkname)
	}
	if err := u.claim(h, name, regular); err != nil {
		return err
	}
	u.out.settle() // the target may still be on its way to the disk
	return u.out.link(target, name)
}

// claim makes the place for something that is not a directory: its parents are
// there, and what had the name before is gone.
func (u *unpacker) claim(h *tar.Header, name string, k kind) error {
	if err := u.parents(h.Name, name); err != nil {
		return err
	}
	replaced, err := u.tree.addFile(h, name, k)
	if err != nil || !replaced {
		return err
	}
	u.out.settle() // a writer may not have created it yet
	return u.out.remove(name)
}

// parents makes sure that the directories above name are directories, made here:
// nothing is ever created through a link.
func (u *unpacker) parents(shown, name string) error {
	missing, err := u.tree.addParents(shown, name)
	if err != nil {
		return err
	}
	for _, dir := range missing {
		if err := u.out.mkdir(dir); err != nil {
			return err
		}
	}
	return nil
}

// An entryError is a refusal that names the entry.
type entryError struct{ text string }

func (e *entryError) Error() string { return e.text }

func refuse(entry, format string, args ...any) error {
	if len(entry) > 200 {
		entry = entry[:200] + "…"
	}
	return &entryError{fmt.Sprintf("refused: %q ", entry) + fmt.Sprintf(format, args...)}
}
