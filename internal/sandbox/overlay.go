package sandbox

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
)

// cloneSources clones the sources of all Mounts. All are read-only, those of Writable mounts too: an overlay never
// writes to what lies below it, and this way nothing else can.
func (g *gathered) cloneSources(mounts []Mount) error {
	for i, m := range mounts {
		at := filepath.Join(BuildDir, m.Target)
		if m.Kind == Writable {
			at = filepath.Join(stageDir, lowerName(i))
		}
		c, err := clone(m.Source, at, attrReadOnly)
		if err != nil {
			return err
		}
		g.sources = append(g.sources, c)
	}
	return nil
}

// hang attaches the action's directory and the mounts inside it, in their order.
func (o *order) hang(w *world, g *gathered) error {
	if err := g.build.attach(); err != nil {
		return err
	}
	if err := g.scratch.attach(); err != nil {
		return err
	}
	for i, m := range o.Mounts {
		if err := g.sources[i].attach(); err != nil {
			return fmt.Errorf("mount %s: %w", m.Target, err)
		}
		if m.Kind == ReadOnly {
			continue
		}
		at := filepath.Join(BuildDir, m.Target)
		if err := mountPoint(at, true); err != nil {
			return fmt.Errorf("mount %s: %w", m.Target, err)
		}
		err := overlay(i, at)
		if err == nil {
			w.overlays = append(w.overlays, m.Target)
			continue
		}
		w.copied, w.copyWhy = append(w.copied, m.Target), err.Error()
		if names, err := os.ReadDir(at); o.Resume && err == nil && len(names) > 0 {
			continue // the copy, and what was done to it
		}
		if err := copyTree(filepath.Join(stageDir, lowerName(i)), at); err != nil {
			return fmt.Errorf("mount %s: copying it: %w", m.Target, err)
		}
	}
	return nil
}

func lowerName(i int) string { return "lower" + strconv.Itoa(i) }

// overlay lays a writable layer over the staged source of mount i. The layer lives in the scratch directory, under a
// fixed name. All paths are the stage's own, so none can hold the colons and commas that options are made of.
//
// "userxattr" is what a user namespace may use (Documentation/filesystems/overlayfs.rst): the overlay's own notes are
// then in the user.overlay name space, and directories of the source are not renamed but copied by mv.
func overlay(i int, at string) error {
	lower := filepath.Join(stageDir, lowerName(i))
	upper := filepath.Join(stageDir, "scratch", "upper"+strconv.Itoa(i))
	work := filepath.Join(stageDir, "scratch", "work"+strconv.Itoa(i))
	for _, dir := range []string{upper, work} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	// The top of the merged tree is the top of the upper layer: it must look like the source's.
	if err := copyMeta(lower, upper); err != nil {
		return err
	}
	options := fmt.Sprintf("lowerdir=%s,upperdir=%s,workdir=%s,userxattr", lower, upper, work)
	if err := unix.Mount("overlay", at, "overlay", unix.MS_NOSUID|unix.MS_NODEV, options); err != nil {
		return fmt.Errorf("this host refuses overlays there: %w", err)
	}
	return nil
}

// tidy lets the caller remove its scratch directory: an overlay leaves a directory of mode 0 in its work directory, which
// stops anyone but root. It runs in the caller, as an init that was killed cannot do it.
func tidy(o *order) {
	for i := range o.Mounts {
		os.Chmod(filepath.Join(o.Scratch, "work"+strconv.Itoa(i), "work"), 0o700) // mostly it isn't there
	}
}
