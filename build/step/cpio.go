package step

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"mini/internal/compress"
	"mini/internal/cpio"
	"mini/internal/rootfs"

	"github.com/spf13/pflag"
)

// cpioStep writes a root filesystem's list as an archive that the kernel unpacks. Nothing is staged on disk and
// nobody needs to be root: owners and devices are numbers in the archive's headers.
func cpioStep(flags *pflag.FlagSet) action {
	format := flags.String("compress", "", "gzip, xz, zstd or lz4")
	quick := flags.Bool("quick", false, "pack with zstd, as it is done fastest")
	pad := flags.Int64("pad", 0, "fill up with zeros to a multiple of this size, in bytes; the kernel reads over them")
	init := flags.String("init", "", "refuse a list from which the kernel could not start this program")
	return func(ctx context.Context, env Env, args []string) error {
		list, err := readList(env.path(args[0]))
		if err != nil {
			return fmt.Errorf("%s: %w", args[0], err)
		}
		content := contentDir(env.path(args[1]))
		if *init != "" {
			if err := checkInit(list, content, *init); err != nil {
				return err
			}
		}
		out, err := os.Create(env.path(args[2]))
		if err != nil {
			return err
		}
		defer out.Close()
		buffered := bufio.NewWriterSize(out, 1<<20)
		packed, err := compress.NewWriter(buffered, *format)
		if *quick {
			packed, err = compress.NewQuickWriter(buffered)
		}
		if err != nil {
			return err
		}
		if err := writeArchive(ctx, packed, list, content); err != nil {
			return err
		}
		if err := packed.Close(); err != nil {
			return err
		}
		if err := buffered.Flush(); err != nil {
			return err
		}
		if *pad > 0 {
			info, err := out.Stat()
			if err != nil {
				return err
			}
			if err := out.Truncate((info.Size() + *pad - 1) / *pad * *pad); err != nil {
				return err
			}
		}
		return out.Close()
	}
}

func writeArchive(ctx context.Context, w io.Writer, list rootfs.List, content contentDir) error {
	archive := cpio.NewWriter(w)
	for _, e := range list {
		if err := ctx.Err(); err != nil {
			return err
		}
		if e.Path == "/" { // the kernel's rootfs has its root already
			continue
		}
		if err := archive.Write(ctx, archiveEntry(e, content)); err != nil {
			return err
		}
	}
	return archive.Close()
}

// archiveEntry carries no times: the same list is the same archive, whenever it is written.
func archiveEntry(e rootfs.Entry, content contentDir) cpio.Entry {
	return cpio.Entry{
		Name: strings.TrimPrefix(e.Path, "/"), Mode: fileType[e.Type] | e.Mode, UID: e.UID, GID: e.GID,
		Major: e.Major, Minor: e.Minor, Linkname: e.Target, Size: e.Size,
		Open: func() (io.ReadCloser, error) { return os.Open(content.path(e.SHA256)) },
	}
}

// fileType gives the S_IFMT bits of st_mode (inode(7)), which are newc's as well.
var fileType = map[rootfs.Type]uint32{
	rootfs.Fifo: 0o010000, rootfs.Char: 0o020000, rootfs.Dir: 0o040000,
	rootfs.Block: 0o060000, rootfs.File: 0o100000, rootfs.Symlink: 0o120000,
}

// contentDir holds files by their SHA-256.
type contentDir string

func (c contentDir) path(sha256 string) string { return filepath.Join(string(c), sha256) }
