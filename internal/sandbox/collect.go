package sandbox

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// collect brings outputs that lie in an overlay into the action's directory itself; all others are there already. No
// process of the action is left when it runs. An output that is not there is passed over: the caller misses it in the
// same way whether or not there was an overlay.
func (w *world) collect(outputs []string) error {
	wanted := inOverlays(outputs, w.overlays)
	if len(wanted) == 0 {
		return nil
	}
	// The clone shows the directory without the overlays on it. It becomes a path only now, and os.Root keeps
	// what the action may have planted in it, such as links, from leading us elsewhere.
	under := graft{at: stageDir, fd: w.under, isDir: true}
	if err := under.attach(); err != nil {
		return err
	}
	to, err := os.OpenRoot(stageDir)
	if err != nil {
		return err
	}
	defer to.Close()
	from, err := os.OpenRoot(BuildDir)
	if err != nil {
		return err
	}
	defer from.Close()
	for _, path := range wanted {
		if err := bringOut(from, to, path); err != nil {
			return fmt.Errorf("output %s: %w", path, err)
		}
	}
	return nil
}

// inOverlays returns the part of each output that lies in an overlay: the output itself, or, where an output holds
// whole overlays, those.
func inOverlays(outputs, overlays []string) []string {
	var list []string
	for _, out := range outputs {
		for _, o := range overlays {
			switch {
			case within(out, o):
				list = append(list, out)
			case within(o, out):
				list = append(list, o)
			}
		}
	}
	return list
}

func bringOut(from, to *os.Root, path string) error {
	info, err := from.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := to.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	// An output inside another that was brought out before, or what lay under the mount: the last one counts. The
	// top of an overlay stays, as the place where it is mounted.
	if err := to.RemoveAll(path); err != nil && !errors.Is(err, unix.EBUSY) {
		return err
	}
	return copyEntry(from, to, path, info)
}
