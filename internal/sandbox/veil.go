package sandbox

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// A veil is a directory of the host of which the action does not see everything.
type veil struct {
	Dir    string   // its real path
	Hidden []string // clean paths below it, parents before what lies in them
}

// veils gathers what Spec.Hide names by the topmost directory that holds any of it: one mount each, since an overlay
// shows nothing that is mounted below it. What does not exist needs no hiding. Links on the way are followed, the last
// name is not: a hidden link says nothing of what it leads to.
func veils(hide []string) ([]veil, error) {
	var paths []string
	real := map[string]string{} // some hundred names lie in a handful of directories
	for _, p := range hide {
		if !filepath.IsAbs(p) || strings.ContainsRune(p, 0) || filepath.Clean(p) != p || filepath.Dir(p) == "/" {
			return nil, fmt.Errorf("hidden path %q: want a clean absolute path below a directory", p)
		}
		dir, known := real[filepath.Dir(p)]
		if !known {
			var err error
			dir, err = filepath.EvalSymlinks(filepath.Dir(p))
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return nil, fmt.Errorf("hidden path %s: %w", p, err)
			}
			real[filepath.Dir(p)] = dir
		}
		if dir == "" {
			continue // there is no such directory
		}
		p = filepath.Join(dir, filepath.Base(p))
		if _, err := os.Lstat(p); err == nil {
			paths = append(paths, p)
		}
	}
	dirs := make([]string, 0, len(paths))
	for _, p := range paths {
		dirs = append(dirs, filepath.Dir(p))
	}
	slices.Sort(dirs)
	var all []veil
	for _, d := range dirs {
		if len(all) == 0 || !slices.ContainsFunc(all, func(v veil) bool { return within(d, v.Dir) }) {
			all = append(all, veil{Dir: d})
		}
	}
	slices.Sort(paths)
	for _, p := range slices.Compact(paths) {
		i := slices.IndexFunc(all, func(v veil) bool { return within(p, v.Dir) })
		v := &all[i]
		rel := strings.TrimPrefix(p, v.Dir+"/")
		// Sorting by text puts a-b between a and a/b, so all that came before is looked at.
		if !slices.ContainsFunc(v.Hidden, func(h string) bool { return within(rel, h) }) {
			v.Hidden = append(v.Hidden, rel)
		}
	}
	return all, nil
}

// cloneVeiled clones the directories under veils that the action would see.
func (g *gathered) cloneVeiled(all []veil) error {
	for _, v := range all {
		if !g.shows(v.Dir) {
			continue
		}
		c, err := clone(v.Dir, filepath.Join(stageDir, "shown"+strconv.Itoa(len(g.veiled))), attrReadOnly)
		if err != nil {
			return err
		}
		g.veils, g.veiled = append(g.veils, v), append(g.veiled, c)
	}
	if len(g.veiled) == 0 {
		return nil
	}
	fd, err := newMount("tmpfs", attrWritable, [2]string{"mode", "0755"})
	g.whiteouts = graft{filepath.Join(stageDir, "veil"), fd, true}
	return err
}

// drawVeils lays an overlay over each directory whose upper layer says of the hidden names that they are gone: a
// character device of number 0, which anybody may make (Documentation/filesystems/overlayfs.rst, "whiteouts").
func (g *gathered) drawVeils() error {
	if len(g.veiled) == 0 {
		return nil
	}
	if err := g.whiteouts.attach(); err != nil {
		return err
	}
	for i, v := range g.veils {
		if err := g.veiled[i].attach(); err != nil {
			return err
		}
		if err := drawVeil(v, filepath.Join(g.whiteouts.at, strconv.Itoa(i)), g.veiled[i].at); err != nil {
			return fmt.Errorf("hiding a part of %s: %w", v.Dir, err)
		}
	}
	return nil
}

func drawVeil(v veil, layer, shown string) error {
	if err := os.Mkdir(layer, 0o755); err != nil {
		return err
	}
	for _, h := range v.Hidden {
		at := filepath.Join(layer, h)
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			return err
		}
		if err := unix.Mknod(at, unix.S_IFCHR, 0); err != nil {
			return &os.PathError{Op: "mknod", Path: at, Err: err}
		}
	}
	options := fmt.Sprintf("lowerdir=%s:%s", layer, shown)
	err := unix.Mount("overlay", v.Dir, "overlay", unix.MS_RDONLY|unix.MS_NOSUID|unix.MS_NODEV, options)
	if err != nil {
		return fmt.Errorf("this host refuses overlays there: %w", err)
	}
	return nil
}
