package sandbox

import (
	"io/fs"
	"os"
	"path/filepath"
)

// RemoveAll removes a directory that an action wrote to, its Dir or its Scratch. It differs from os.RemoveAll where the
// action left directories that their owner may not write to, which stop everyone but root. Links are not followed. No
// process may be at work in it.
func RemoveAll(path string) error {
	err := os.RemoveAll(path)
	if err == nil {
		return nil
	}
	// What cannot be walked or changed is reported by the second removal, in its own words.
	filepath.WalkDir(path, func(p string, d fs.DirEntry, _ error) error {
		if d != nil && d.IsDir() {
			os.Chmod(p, 0o700)
		}
		return nil
	})
	return os.RemoveAll(path)
}
