package source

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Fetch brings p's file through apt: the package it was found in, or, for an
// upstream pin, a source package that carries upstream's very bytes.
func (a *apt) Fetch(ctx context.Context, p Pin, dst string, progress func(done, total int64)) error {
	kind, suite, pkg, deb, ok := p.aptPlace()
	var c candidate
	var err error
	if ok {
		c, err = a.locate(ctx, p, kind, suite, pkg, deb)
	} else {
		c, err = a.sameBytes(ctx, p)
	}
	if err != nil {
		return err
	}
	err = a.bring(ctx, c, dst, progress)
	var ae *aptError
	if errors.As(err, &ae) && ae.gone() {
		return &hintError{fmt.Errorf("%s %s is listed in %s, but its file is gone from the archive", c.pkg, c.deb, c.suite), anew}
	}
	return err
}

// anew is the way out when a pinned file has left the archive.
const anew = "to settle the version anew, remove its line from mini.lock"

// locate finds the pinned bytes in the suite. The package may have been rebuilt
// since (7.1.8-1 became 7.1.8-2 around the same tarball), so the sha256 counts.
func (a *apt) locate(ctx context.Context, p Pin, kind, suite, pkg, deb string) (candidate, error) {
	name := pkg
	if kind == kindDeb {
		name = p.Name
	}
	var have []string
	for _, force := range []bool{false, true} {
		list, err := a.candidates(ctx, suite, kind, name, force)
		if err != nil {
			return candidate{}, err
		}
		have = nil
		for _, c := range list {
			switch {
			case c.sha256 == p.SHA256:
				return c, nil
			case c.pkg == pkg && c.deb == deb:
				return candidate{}, &wrongBytesError{what: pkg + " " + deb + " of " + suite, want: p.SHA256, got: c.sha256}
			}
			have = append(have, c.version+" ("+suite+")")
		}
	}
	return candidate{}, &hintError{&ErrNotHere{Have: near(have, p.Version, maxHave)}, anew}
}

// sameBytes looks through the source packages for upstream's file. Debian keeps
// BusyBox's as it is; linux is repacked, so only whether the version is there can
// be said of it.
func (a *apt) sameBytes(ctx context.Context, p Pin) (candidate, error) {
	suites, err := a.suites()
	if err != nil {
		return candidate{}, err
	}
	var have []string
	var said []error
	for _, suite := range suites {
		list, err := a.candidates(ctx, suite, kindSrc, p.Name, false)
		if ctx.Err() != nil {
			return candidate{}, ctx.Err()
		}
		if err != nil {
			said = append(said, fmt.Errorf("%s: %w", suite, err))
			continue
		}
		for _, c := range list {
			if c.sha256 == p.SHA256 {
				return c, nil
			}
		}
		for _, c := range list {
			if c.version == p.Version {
				return candidate{}, &hintError{
					fmt.Errorf("has %s only in its own packing (%s), which is not taken without asking", c.version, suite),
					askDistro(p.Name, c.pin(Want{Name: p.Name})),
				}
			}
			have = append(have, c.version+" ("+suite+")")
		}
	}
	if len(have) == 0 && len(said) > 0 {
		return candidate{}, oneLine(said)
	}
	return candidate{}, &ErrNotHere{Have: near(have, p.Version, maxHave)}
}

// bring downloads c with apt-get, which uses the host's proxies and checks the
// file against the signed index, and moves it to dst. Unfinished downloads stay
// below StateDir, where apt goes on with them.
func (a *apt) bring(ctx context.Context, c candidate, dst string, progress func(done, total int64)) error {
	work := filepath.Join(a.c.StateDir, "fetch", c.sha256)
	if err := os.MkdirAll(work, 0o755); err != nil {
		return err
	}
	unlock, err := flock(ctx, work+".lock", false)
	if err != nil {
		return err
	}
	defer unlock()
	if err := os.MkdirAll(work, 0o755); err != nil { // the last holder may have removed it
		return err
	}
	dir := filepath.Join(a.c.StateDir, c.kind+"-"+c.suite)
	read, err := flock(ctx, filepath.Join(dir, "lock"), true)
	if err != nil {
		return err
	}
	defer read()
	stop := watch(work, c.size, progress)
	args := []string{"download", c.pkg + "=" + c.deb}
	if c.kind == kindSrc {
		args = []string{"source", "--download-only", "--only-source", "--tar-only", c.pkg + "=" + c.deb}
	}
	_, err = a.run(ctx, filepath.Join(dir, "apt.conf"), work, args...)
	stop()
	if err != nil {
		return err
	}
	file, err := findFile(work, c)
	if err != nil {
		return err
	}
	if err := move(file, dst); err != nil {
		return err
	}
	progress(c.size, c.size)
	return os.RemoveAll(work)
}

// findFile returns the file in dir that is c. Its name is apt's affair: it
// writes the colon of an epoch as %3a where the archive does not.
func findFile(dir string, c candidate) (string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	other := ""
	for _, e := range entries {
		if !e.Type().IsRegular() {
			continue
		}
		path := filepath.Join(dir, e.Name())
		sum, err := sumFile(path)
		if err != nil {
			return "", err
		}
		if sum == c.sha256 {
			return path, nil
		}
		other = sum
	}
	if other == "" {
		return "", fmt.Errorf("apt-get reported success, but did not bring %s", c.file)
	}
	_ = os.RemoveAll(dir)
	return "", &wrongBytesError{what: c.pkg + " " + c.deb + " of " + c.suite, want: c.sha256, got: other}
}

func sumFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	_, err = io.Copy(h, f)
	return hex.EncodeToString(h.Sum(nil)), err
}

// move renames file to dst after its contents are on disk, and copies where the
// two are on different file systems.
func move(file, dst string) error {
	if err := os.MkdirAll(filepath.Dir(dst), 0o755); err != nil {
		return err
	}
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Sync(); err != nil {
		return err
	}
	err = os.Rename(file, dst)
	if errors.Is(err, syscall.EXDEV) {
		err = copyTo(f, dst)
	}
	if err != nil {
		return err
	}
	return syncDir(filepath.Dir(dst))
}

func copyTo(f *os.File, dst string) (err error) {
	out, err := os.CreateTemp(filepath.Dir(dst), "."+filepath.Base(dst)+".*")
	if err != nil {
		return err
	}
	_, err1 := io.Copy(out, f)
	err = errors.Join(err1, out.Chmod(0o644), out.Sync(), out.Close())
	if err == nil {
		err = os.Rename(out.Name(), dst)
	}
	if err != nil {
		_ = os.Remove(out.Name())
	}
	return err
}

// watch reports the size of what lies in dir until stop is called.
func watch(dir string, total int64, progress func(done, total int64)) (stop func()) {
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-quit:
				return
			case <-tick.C:
				progress(min(sizeOf(dir), total), total)
			}
		}
	}()
	return func() { close(quit); <-done }
}

func sizeOf(dir string) (n int64) {
	_ = filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			if info, err := e.Info(); err == nil {
				n += info.Size()
			}
		}
		return nil
	})
	return n
}

// wrongBytesError says that a place has other bytes under the pinned name.
type wrongBytesError struct{ what, want, got string }

func (e *wrongBytesError) Error() string {
	return fmt.Sprintf("%s: wrong bytes, nothing kept: sha256 is %s, expected %s", e.what, e.got, e.want)
}

// WrongBytes marks the error as one that ends the search.
func (e *wrongBytesError) WrongBytes() bool { return true }
