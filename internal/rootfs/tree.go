package rootfs

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// walk calls visit for everything below the folder host, sorted by name, parents first. rel begins with a slash. It opens
// folders one by one below root instead of using root.FS, which does not take names that are not UTF-8.
func walk(ctx context.Context, root *os.Root, host, rel string, visit func(host, rel string, info fs.FileInfo) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	names, err := readNames(root, host)
	if err != nil {
		return hostError(host, err)
	}
	for _, name := range names {
		path := host + "/" + name
		info, err := root.Lstat(path)
		if err != nil {
			return hostError(path, err)
		}
		if err := visit(path, rel+"/"+name, info); err != nil {
			return err
		}
		if info.IsDir() {
			if err := walk(ctx, root, path, rel+"/"+name, visit); err != nil {
				return err
			}
		}
	}
	return nil
}

func readNames(root *os.Root, host string) ([]string, error) {
	dir, err := root.Open(host)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	slices.Sort(names)
	return names, err
}

// treeEntry makes an entry of a file of a folder, owned by root. The content of a regular file is still missing.
func treeEntry(root *os.Root, host, path string, info fs.FileInfo) (Entry, error) {
	e := Entry{Path: path, Mode: modeOf(info)}
	switch info.Mode().Type() {
	case 0:
		e.Type = File
	case fs.ModeDir:
		e.Type = Dir
	case fs.ModeSymlink:
		target, err := root.Readlink(host)
		if err != nil {
			return e, hostError(host, err)
		}
		e.Type, e.Target = Symlink, target
	case fs.ModeNamedPipe:
		e.Type = Fifo
	case fs.ModeSocket:
		return e, fmt.Errorf("%s is a socket, which an image can't hold: remove it", word(host))
	default:
		return e, fmt.Errorf("%s is a device, which is not taken from a folder: say what it is with device(…)", word(host))
	}
	return e, nil
}

// modeOf returns the permission bits as st_mode has them; Go keeps setuid, setgid and sticky elsewhere.
func modeOf(info fs.FileInfo) uint32 {
	m := info.Mode()
	mode := uint32(m.Perm())
	for _, b := range []struct {
		bit  fs.FileMode
		unix uint32
	}{{fs.ModeSetuid, 0o4000}, {fs.ModeSetgid, 0o2000}, {fs.ModeSticky, 0o1000}} {
		if m&b.bit != 0 {
			mode |= b.unix
		}
	}
	return mode
}

// hostError puts an error of the operating system into one form: the path, then the reason.
func hostError(host string, err error) error {
	var reason error = err
	for {
		if e, ok := reason.(*fs.PathError); ok {
			reason = e.Err
			continue
		}
		break
	}
	if strings.Contains(reason.Error(), "path escapes from parent") {
		return fmt.Errorf("%s: a symbolic link leads out of the inputs, and is not followed", word(host))
	}
	return fmt.Errorf("%s: %w", word(host), reason)
}
