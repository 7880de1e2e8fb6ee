package sandbox

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"time"

	"golang.org/x/sys/unix"
)

// copyTree copies the directory at from into the one at to: types, modes, modification times, links as they are. Never
// hard links: a write through one would reach the original. Owners are not kept, there is only one.
func copyTree(from, to string) error {
	src, err := os.OpenRoot(from)
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := os.OpenRoot(to)
	if err != nil {
		return err
	}
	defer dst.Close()
	info, err := src.Lstat(".")
	if err != nil {
		return err
	}
	return copyDir(src, dst, ".", info)
}

// copyEntry copies what is at name in src to the same name in dst.
func copyEntry(src, dst *os.Root, name string, info fs.FileInfo) error {
	switch info.Mode().Type() {
	case 0:
		return copyFile(src, dst, name, info)
	case fs.ModeDir:
		if err := dst.Mkdir(name, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		return copyDir(src, dst, name, info)
	case fs.ModeSymlink:
		return copyLink(src, dst, name, info)
	}
	return fmt.Errorf("%s is neither a file, a directory nor a link (%s)", name, info.Mode().Type())
}

// copyDir copies what is in a directory, and only then its mode, which may forbid writing, and its time, which every
// new entry changes.
func copyDir(src, dst *os.Root, name string, info fs.FileInfo) error {
	d, err := src.Open(name)
	if err != nil {
		return err
	}
	entries, err := d.ReadDir(-1)
	d.Close()
	if err != nil {
		return err
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			return err
		}
		if err := copyEntry(src, dst, path.Join(name, e.Name()), info); err != nil {
			return err
		}
	}
	return setMeta(dst, name, info)
}

func copyFile(src, dst *os.Root, name string, info fs.FileInfo) error {
	in, err := src.Open(name)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := dst.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	// Two files that share their blocks until one is written to, on file systems that know such a thing.
	if unix.IoctlFileClone(int(out.Fd()), int(in.Fd())) != nil {
		if _, err := io.Copy(out, in); err != nil {
			out.Close()
			return err
		}
	}
	if err := out.Close(); err != nil {
		return err
	}
	return setMeta(dst, name, info)
}

func copyLink(src, dst *os.Root, name string, info fs.FileInfo) error {
	target, err := src.Readlink(name)
	if err != nil {
		return err
	}
	if err := dst.Symlink(target, name); err != nil {
		return err
	}
	dir, err := dst.Open(path.Dir(name))
	if err != nil {
		return err
	}
	defer dir.Close()
	err = unix.UtimesNanoAt(int(dir.Fd()), path.Base(name), times(info.ModTime()), unix.AT_SYMLINK_NOFOLLOW)
	return os.NewSyscallError("utimensat", err)
}

func setMeta(dst *os.Root, name string, info fs.FileInfo) error {
	if err := dst.Chmod(name, info.Mode()&(fs.ModePerm|fs.ModeSetuid|fs.ModeSetgid|fs.ModeSticky)); err != nil {
		return err
	}
	return dst.Chtimes(name, info.ModTime(), info.ModTime())
}

// copyMeta gives the directory to the mode and modification time of from.
func copyMeta(from, to string) error {
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	if err := os.Chmod(to, info.Mode()&(fs.ModePerm|fs.ModeSticky)); err != nil {
		return err
	}
	return os.Chtimes(to, info.ModTime(), info.ModTime())
}

// times are nanoseconds: make compares them all.
func times(t time.Time) []unix.Timespec {
	ts, err := unix.TimeToTimespec(t)
	if err != nil {
		ts = unix.Timespec{}
	}
	return []unix.Timespec{ts, ts}
}
