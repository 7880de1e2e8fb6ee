package step

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"mini/internal/compress"
	"mini/internal/cpio"
	"mini/internal/rootfs"

	"github.com/spf13/pflag"
)

// Unpacked is what the kernel makes of an initramfs that something else packed.
type Unpacked struct {
	Size    int64          `json:"size"`    // of the file
	Formats []string       `json:"formats"` // how its parts are packed, one after the other; "" is not
	Entries []rootfs.Entry `json:"entries"` // as they come
	Trouble string         `json:"trouble,omitempty"`
	// Unknown says why nobody has looked into all of it; Files are the bytes of the files seen until then.
	Unknown string `json:"unknown,omitempty"`
	Files   int64  `json:"files"`
}

// What is looked into has bounds: a small archive can unpack to very much.
const (
	mostUnpacked = 1 << 30 // bytes
	mostEntries  = 200_000
)

// initramfsStep writes down what the kernel finds in an initramfs, and the contents of its files, each under its SHA-256.
func initramfsStep(*pflag.FlagSet) action {
	return func(ctx context.Context, env Env, args []string) error {
		f, err := os.Open(env.path(args[0]))
		if err != nil {
			return err
		}
		defer f.Close()
		dir := contentDir(env.path(args[2]))
		if err := os.Mkdir(string(dir), 0o755); err != nil {
			return err
		}
		u := &unpacker{Unpacked: Unpacked{Formats: []string{}, Entries: []rootfs.Entry{}}, dir: dir, most: mostUnpacked, many: mostEntries, links: map[string][]int{}}
		if err := u.archive(ctx, f); err != nil {
			return err
		}
		text, err := json.Marshal(u.Unpacked)
		if err != nil {
			return err
		}
		fmt.Fprintf(env.Log, "%d entries\n", len(u.Entries))
		return os.WriteFile(env.path(args[1]), append(text, '\n'), 0o644)
	}
}

// unpacker goes through an initramfs as unpack_to_rootfs of the kernel's init/initramfs.c does.
type unpacker struct {
	Unpacked
	dir   contentDir
	most  int64 // bytes that are looked at
	many  int   // entries
	read  int64
	links map[string][]int // entries that are the same file, by its first name
}

// An archive that the kernel can't unpack, or that nobody looks into further, is no reason for the step to fail.
type (
	troubleError string
	unknownError string
)

func (e troubleError) Error() string { return string(e) }
func (e unknownError) Error() string { return string(e) }

func (u *unpacker) archive(ctx context.Context, f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	u.Size = info.Size()
	for at := int64(0); at < u.Size && err == nil; {
		at, err = u.part(ctx, f, at)
	}
	trouble, unknown := troubleError(""), unknownError("")
	switch {
	case errors.As(err, &trouble):
		u.Trouble = string(trouble)
	case errors.As(err, &unknown):
		u.Unknown = string(unknown)
	default:
		return err
	}
	return nil
}

// part goes through archives that are not packed, and then one that is. It returns where that ends.
func (u *unpacker) part(ctx context.Context, f *os.File, at int64) (int64, error) {
	rest := func() *io.SectionReader { return io.NewSectionReader(f, at, u.Size-at) }
	plain := cpio.NewLoose(u.bounded(ctx, rest()), at)
	before := len(u.Entries)
	if err := u.entries(ctx, plain); err != nil {
		return 0, err
	}
	if len(u.Entries) > before {
		u.Formats = append(u.Formats, "")
	}
	if at = plain.Offset(); at == u.Size {
		return at, nil
	}
	head := make([]byte, 8)
	n, err := f.ReadAt(head, at)
	if err != nil && err != io.EOF {
		return 0, err
	}
	format := compress.KernelFormat(head[:n])
	switch {
	case format == "":
		return 0, troubleError("invalid magic at start of compressed archive")
	case format == "xz" && n == len(head) && head[7] > 1: // the checksum's kind; the kernel is built with that of 32 bits alone
		return 0, troubleError("the checksum of its xz is of a kind that the kernel doesn't know; pack it with xz --check=crc32")
	}
	u.Formats = append(u.Formats, format)
	if compress.Detect(head[:n]) != format {
		return 0, unknownError("it is packed with " + format)
	}
	packed, taken, err := compress.NewPart(ctx, rest(), format)
	if err != nil {
		return 0, troubleOr(ctx, err)
	}
	defer packed.Close()
	in := u.bounded(ctx, packed)
	if err := u.entries(ctx, cpio.NewLoose(in, 0)); err != nil {
		return 0, err
	}
	if _, err := in.Peek(1); err == nil {
		return 0, troubleError("junk within compressed archive")
	} else if err != io.EOF {
		return 0, troubleOr(ctx, err)
	}
	return at + taken(), nil
}

// troubleOr is an error of the archive, unless it is one of this machine's disk, nobody wants to know it any more, or it is known
// for what it is.
func troubleOr(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, new(*fs.PathError)), errors.As(err, new(unknownError)):
		return err
	}
	return troubleError(err.Error())
}

// bounded reads no more than is looked at.
func (u *unpacker) bounded(ctx context.Context, r io.Reader) *bufio.Reader {
	return bufio.NewReaderSize(readerFunc(func(p []byte) (int, error) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		if u.read >= u.most {
			return 0, u.tooMuch()
		}
		n, err := r.Read(p)
		u.read += int64(n)
		return n, err
	}), 64<<10)
}

func (u *unpacker) tooMuch() error {
	return unknownError(fmt.Sprintf("it unpacks to more than %d MiB", u.most>>20))
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// entries takes what a Loose has.
func (u *unpacker) entries(ctx context.Context, l *cpio.Loose) error {
	for {
		e, content, err := l.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return troubleOr(ctx, err)
		}
		switch {
		case len(u.Entries) == u.many:
			return unknownError(fmt.Sprintf("it has more than %d files", u.many))
		case u.read+e.Size > u.most: // nothing of it is written
			u.Files += e.Size
			return u.tooMuch()
		}
		if err := u.add(ctx, e, content); err != nil {
			return err
		}
	}
}

// add takes one entry.
func (u *unpacker) add(ctx context.Context, e *cpio.Entry, content io.Reader) error {
	one := rootfs.Entry{Path: "/" + e.Name, Mode: e.Mode & 0o7777, UID: e.UID, GID: e.GID, Major: e.Major, Minor: e.Minor, Size: e.Size}
	switch e.Mode & cpio.TypeMask {
	case cpio.TypeRegular:
		one.Type = rootfs.File
	case cpio.TypeDir:
		one.Type = rootfs.Dir
	case cpio.TypeSymlink:
		one.Type, one.Target = rootfs.Symlink, e.Linkname
	case cpio.TypeChar:
		one.Type = rootfs.Char
	case cpio.TypeBlock:
		one.Type = rootfs.Block
	default:
		one.Type = rootfs.Fifo
	}
	if one.Path == "/" && one.Type != rootfs.Dir || one.Type == rootfs.Symlink && one.Target == "" ||
		slices.ContainsFunc(strings.Split(e.Name, "/"), func(name string) bool { return len(name) > 255 }) {
		return nil // no system has such a file
	}
	if one.Type != rootfs.File {
		u.Entries = append(u.Entries, one)
		return nil
	}
	sum, err := u.keep(content)
	if err != nil {
		return troubleOr(ctx, err)
	}
	one.SHA256 = sum
	u.Files += e.Size
	first := one.Path
	if e.Linkname != "" {
		first = "/" + e.Linkname
	}
	same := append(u.links[first], len(u.Entries))
	u.links[first], u.Entries = same, append(u.Entries, one)
	from := one
	if e.Size == 0 { // the content of several names came with the first, or comes with the last
		from = u.Entries[same[0]]
	}
	for _, i := range same {
		u.Entries[i].SHA256, u.Entries[i].Size = from.SHA256, from.Size
	}
	return nil
}

// keep writes a content under its SHA-256.
func (u *unpacker) keep(content io.Reader) (string, error) {
	out, err := os.CreateTemp(string(u.dir), "part-")
	if err != nil {
		return "", err
	}
	defer os.Remove(out.Name())
	defer out.Close()
	hash := sha256.New()
	if _, err := io.Copy(io.MultiWriter(out, hash), content); err != nil {
		return "", err
	}
	if err := out.Chmod(0o644); err != nil {
		return "", err
	}
	sum := hex.EncodeToString(hash.Sum(nil))
	return sum, os.Rename(out.Name(), u.dir.path(sum))
}
