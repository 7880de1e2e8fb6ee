package sandbox

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// open prepares an action without namespaces: links and copies in its directory instead of mounts, and a fence of
// Landlock if the order asks for it. This process adopts what the action orphans, so that it can end all of it.
func (o *order) open() (*world, error) {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return nil, os.NewSyscallError("prctl", err)
	}
	w := &world{dir: o.Dir, tools: filepath.Join(o.Scratch, "tools"), env: o.Env}
	if err := o.linkTools(w.tools); err != nil {
		return nil, err
	}
	if err := o.privateTmp(w); err != nil {
		return nil, err
	}
	for _, m := range o.Mounts {
		if err := place(w, m, o.Resume); err != nil {
			return nil, fmt.Errorf("mount %s: %w", m.Target, err)
		}
	}
	w.off = []string{"the command is not contained"}
	if o.Landlock {
		o.fenceIn(w)
	}
	if w.landABI == 0 {
		w.off = append(w.off, "it can read and write all that you can, the cache too")
	} else {
		w.off = append(w.off, "only Landlock keeps it from writing outside its directory; it sees the host's paths and processes")
	}
	if len(o.Veils) > 0 {
		w.off = append(w.off, "it finds headers and libraries of the host that it did not ask for")
	}
	if w.landABI < 4 {
		w.off = append(w.off, "it can use the network")
	} else {
		w.off = append(w.off, "it can use the network, but for TCP")
	}
	w.off = append(w.off, "a process of it that became another user may outlive it")
	return w, nil
}

func (o *order) linkTools(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, t := range o.Tools {
		err := os.Symlink(t.Path, filepath.Join(dir, t.Name))
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return nil
}

// privateTmp gives the action a directory for temporary files, unless its environment names one.
func (o *order) privateTmp(w *world) error {
	tmp := filepath.Join(o.Scratch, "tmp")
	if err := os.MkdirAll(tmp, 0o700); err != nil {
		return err
	}
	for _, e := range o.Env {
		if strings.HasPrefix(e, "TMPDIR=") {
			return nil
		}
	}
	w.env = append(w.env, "TMPDIR="+tmp)
	return nil
}

// place puts a link to the source, or a copy of it, where the mount would be. An empty directory or file may be there
// already, as the mount point of an attempt with namespaces.
func place(w *world, m Mount, resume bool) error {
	at := filepath.Join(w.dir, m.Target)
	if m.Kind == Writable {
		if err := os.MkdirAll(at, 0o755); err != nil {
			return err
		}
		w.copied = append(w.copied, m.Target)
		if names, err := os.ReadDir(at); resume && err == nil && len(names) > 0 {
			return nil // the copy, and what was done to it
		}
		return copyTree(m.Source, at)
	}
	if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
		return err
	}
	if info, err := os.Lstat(at); err == nil && (info.IsDir() || info.Size() == 0 || info.Mode()&fs.ModeSymlink != 0) {
		if err := os.Remove(at); err != nil {
			return err
		}
	}
	return os.Symlink(m.Source, at)
}

// fenceIn is the next best thing where there are no namespaces.
func (o *order) fenceIn(w *world) {
	abi, err := landlockABI()
	if err != nil {
		w.off = append(w.off, err.Error())
		return
	}
	w.landABI = abi
	// Landlock lets through what a capability allows by other ways, such as other processes' memory. An ordinary user
	// has none, and may not lower the bounding set.
	w.dropCaps = hasCaps(unix.CAP_SETPCAP)
	read := append([]string{"/proc", "/etc/passwd", "/etc/group", "/etc/hosts", "/etc/nsswitch.conf", w.tools}, systemNames...)
	read = append(append(read, etcNames...), o.HostDirs...)
	for _, t := range o.Tools {
		read = append(read, t.Path, t.Resolved)
	}
	for _, m := range o.Mounts {
		read = append(read, m.Source)
	}
	w.fence = fence{
		write: []string{w.dir, filepath.Join(o.Scratch, "tmp")}, devices: o.devices(),
		read: read, noTCP: true,
	}
}
