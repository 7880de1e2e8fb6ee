package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// scriptFiles lists the files that arguments of `mini fmt` or `mini lint` mean: a directory is all scripts below it, but
// for hidden directories and what mini vendor put there. What can't be read is told beside the rest.
func scriptFiles(args []string) (files []string, errs []error) {
	for _, arg := range args {
		info, err := os.Stat(arg)
		if err != nil || !info.IsDir() {
			files = append(files, arg) // whoever reads it says what is wrong
			continue
		}
		before := len(files)
		err = filepath.WalkDir(arg, func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				errs = append(errs, fmt.Errorf("mini: %w", err))
			case d.IsDir() && path != arg && (strings.HasPrefix(d.Name(), ".") || isVendored(path)):
				return fs.SkipDir
			case d.Type().IsRegular() && strings.HasSuffix(path, ".star"):
				files = append(files, path)
			}
			return nil
		})
		if err != nil {
			errs = append(errs, fmt.Errorf("mini: %w", err))
		}
		if len(files) == before {
			errs = append(errs, usagef("there is no script (*.star) in %s", arg))
		}
	}
	return files, errs
}

// isVendored reports whether a directory is what mini vendor fills: what is in there is not the user's, and a module whose
// layout changed has another checksum.
func isVendored(dir string) bool {
	text, err := os.ReadFile(filepath.Join(dir, vendorMark))
	return err == nil && string(text) == vendorMarkText
}

// like gives a new file the permissions of an old one, and its owner where that is allowed.
func like(out, old *os.File) error {
	info, err := old.Stat()
	if err != nil {
		return err
	}
	if owner, ok := info.Sys().(*syscall.Stat_t); ok {
		_ = out.Chown(int(owner.Uid), int(owner.Gid)) // only root may, and only for root it matters
	}
	return out.Chmod(info.Mode())
}

// writeWhole writes a file under another name first, beside where it is to be: whoever reads it meanwhile, and whoever looks after
// a crash, finds what was there or all of the new one.
func writeWhole(name string, write func(*os.File) error) error {
	out, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*")
	if err != nil {
		return err
	}
	defer os.Remove(out.Name()) // after the renaming there is none
	if err := errors.Join(write(out), out.Sync(), out.Close()); err != nil {
		return err
	}
	return os.Rename(out.Name(), name)
}
