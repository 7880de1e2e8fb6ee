package build

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// copyChecked copies a file and makes sure that the copy is what d says: the original may be a user's file that
// changed since it was looked at, or a damaged one of the store.
func copyChecked(from, to string, perm os.FileMode, d Digest) error {
	h := sha256.New()
	err := copyFile(from, to, perm, h)
	if err != nil {
		return err
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != d.Hash {
		return fmt.Errorf("%s changed while mini was reading it, or is damaged (sha256 %s, wanted %s); run mini again", from, got, d.Hash)
	}
	return nil
}

// copyTreeChecked copies a tree and makes sure that the copy is what root says.
func copyTreeChecked(ctx context.Context, from, to string, root Digest) error {
	if err := CopyTree(from, to); err != nil {
		return err
	}
	got, _, err := digestTree(ctx, to, nil)
	if err != nil {
		return err
	}
	if got.Digest.Hash != root.Hash {
		return fmt.Errorf("%s is damaged (its digest is %s, wanted %s); run mini again", from, got.Digest.Hash, root.Hash)
	}
	return nil
}

// permOf is the permission that a file is laid out with.
func permOf(exec bool) os.FileMode {
	if exec {
		return 0o755
	}
	return 0o644
}

func copyFile(from, to string, perm os.FileMode, also io.Writer) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, perm)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, io.TeeReader(in, also)); err != nil {
		out.Close()
		return fmt.Errorf("copy %s: %w", from, err)
	}
	if err := out.Chmod(perm); err != nil { // the umask has no say
		out.Close()
		return err
	}
	return out.Close()
}

func writeFile(to string, content []byte, perm os.FileMode) error {
	if err := os.WriteFile(to, content, perm); err != nil {
		return err
	}
	return os.Chmod(to, perm)
}

// Seed copies a content of another store into this one, so that what is made of it can be made here as well.
func (s *Store) Seed(ctx context.Context, from *Store, d Digest) error {
	if ok, err := s.hasBlob(ctx, d); ok || err != nil {
		return err
	}
	w, err := s.NewWork()
	if err != nil {
		return err
	}
	file := filepath.Join(w.Dir, "seed")
	err = copyChecked(from.BlobPath(d), file, 0o644, d)
	if err == nil {
		err = s.AdoptBlob(ctx, file, d)
	}
	return errors.Join(err, w.Remove())
}

// CopyTree copies a tree of the store, with its modification times: make decides by them. Permissions come out as 0755 and
// 0644, whatever the umask is; what is to be at to must not be there yet.
func CopyTree(from, to string) error {
	return filepath.WalkDir(from, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, p)
		if err != nil {
			return err
		}
		at := filepath.Join(to, rel)
		info, err := d.Info()
		if err != nil {
			return err
		}
		switch {
		case d.IsDir():
			return os.MkdirAll(at, 0o755)
		case d.Type()&fs.ModeSymlink != 0:
			target, err := os.Readlink(p)
			if err != nil {
				return err
			}
			if err := os.Symlink(target, at); err != nil {
				return err
			}
			return setTime(at, info.ModTime())
		}
		perm := os.FileMode(0o644)
		if info.Mode()&0o111 != 0 {
			perm = 0o755
		}
		if err := copyFile(p, at, perm, io.Discard); err != nil {
			return err
		}
		return setTime(at, info.ModTime())
	})
}

// setTime sets the modification time of the file itself, also when it is a link.
func setTime(path string, t time.Time) error {
	ts := unix.NsecToTimespec(t.UnixNano())
	return unix.UtimesNanoAt(unix.AT_FDCWD, path, []unix.Timespec{ts, ts}, unix.AT_SYMLINK_NOFOLLOW)
}

// within reports whether the clean path p is dir or below it.
func within(p, dir string) bool {
	return p == dir || strings.HasPrefix(p, path.Clean(dir)+"/")
}
