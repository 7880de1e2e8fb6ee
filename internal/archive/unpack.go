package archive

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// Limits that hold when Options says 0. A Linux tree has 1.5 GB and 80,000 files.
const (
	defaultMaxBytes = 64 << 30
	defaultMaxFiles = 5_000_000
)

const readBuffer = 128 << 10 // bytes; the xz decoder in Go is ten times slower on small reads

// Options say what to unpack and within which limits.
type Options struct {
	Member   string                  // for a .deb: path of a tarball inside its data.tar.*, such as "usr/src/linux-source-6.1.tar.xz"; it is streamed, never stored
	Strip    int                     // leading path components to drop; 1 for the usual top directory
	XZ       string                  // path of the host's xz program; "" for the decoder in Go, 2.5 times slower
	Progress func(done, total int64) // bytes read of the archive file; called from one goroutine at a time, and not after Unpack returned
	// Wrote, when set, learns of each regular file what was written and how it looked then: a caller that wants the
	// digests of a tree need not read again those files that still look so. It is called from several goroutines at
	// once, once for each file; a later call for a name, which an archive may repeat, replaces the one before.
	Wrote    func(name string, sum Sum, stat unix.Stat_t)
	MaxBytes int64 // content bytes that may be written; 0 means 64 GiB
	MaxFiles int64 // files, links and directories that may be created; 0 means 5 million
}

// A Sum is the SHA-256 of a file's content.
type Sum = [sha256.Size]byte

// Stats say what was unpacked.
type Stats struct {
	Files  int64  // regular files, symbolic and hard links; directories don't count
	Bytes  int64  // content of the regular files
	TopDir string // the one first path component of all entries, before Strip; "" if they differ
}

// Unpack writes the tree in file into dir, which must exist and be empty. The
// format is found by content: tar, plain or packed by gzip, bzip2, xz or zstd,
// or a .deb. Regular files become 0644 or 0755 by the owner's x bit whatever the
// umask, directories 0755; modification times are kept, also of directories and
// links. A name that repeats replaces the one before.
//
// Refused, with the entry's name: names and links that lead out of the tree, a
// path through a link, a file in a directory's place or the reverse, devices and
// other special files. An archive that is cut short or damaged is an error, as
// is one that exceeds the limits. After an error the content of dir is undefined
// and should be thrown away. Nothing is synced to disk.
func Unpack(ctx context.Context, file, dir string, o Options) (Stats, error) {
	stats, err := unpack(ctx, file, dir, o)
	if err != nil {
		if ctx.Err() != nil {
			return stats, ctx.Err() // the reason, where all else only follows from it
		}
		return stats, fmt.Errorf("%s: %w", filepath.Base(file), err)
	}
	return stats, nil
}

func unpack(ctx context.Context, file, dir string, o Options) (stats Stats, err error) {
	if o.MaxBytes <= 0 {
		o.MaxBytes = defaultMaxBytes
	}
	if o.MaxFiles <= 0 {
		o.MaxFiles = defaultMaxFiles
	}
	in, err := openInput(ctx, file, o.Progress)
	if err != nil {
		return stats, err
	}
	defer in.Close()

	ctx, cancel := context.WithCancel(ctx)
	u := &unpacker{ctx: ctx, o: o}
	defer u.stages.Wait() // runs after cancel: nothing works on when Unpack returns
	defer cancel()
	if u.out, err = newSink(ctx, dir, o.Wrote); err != nil {
		return stats, err
	}
	u.tree = newTree(o)

	err = u.read(bufio.NewReaderSize(in, readBuffer))
	// A writer's error comes first: reading then fails with no more than "cancelled".
	if werr := u.out.finish(); werr != nil {
		err = werr
	}
	if err == nil {
		err = u.tree.checkLinks()
	}
	if err == nil {
		err = u.out.setDirTimes(u.tree.dirTimes)
	}
	if cerr := u.out.close(); err == nil {
		err = cerr
	}
	return u.tree.stats, err
}

// An unpacker is one call of Unpack.
type unpacker struct {
	ctx    context.Context
	o      Options
	out    *sink
	tree   *tree
	stages sync.WaitGroup
}

func (u *unpacker) read(in *bufio.Reader) error {
	head, err := in.Peek(len(arMagic))
	if err != nil && err != io.EOF {
		return err
	}
	switch {
	case len(head) == 0:
		return errors.New("the file is empty")
	case string(head) == arMagic:
		return u.readDeb(in)
	case u.o.Member != "":
		return fmt.Errorf("%q was to be taken out of a Debian package, but this is none", u.o.Member)
	}
	return u.readTar(in, u.extract)
}

// streamLimit bounds what a decompressor may put out: the content and, for each
// file, a header with a long name. It stops bombs that hide between the files.
func (u *unpacker) streamLimit() int64 {
	const perFile, slack = 4 << 10, 16 << 20
	if u.o.MaxFiles > (math.MaxInt64-u.o.MaxBytes-slack)/perFile {
		return math.MaxInt64
	}
	return u.o.MaxBytes + u.o.MaxFiles*perFile + slack
}

// openInput opens the archive file and reports how far it was read.
func openInput(ctx context.Context, file string, progress func(done, total int64)) (*input, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("not a regular file")
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return &input{File: f, ctx: ctx, total: info.Size(), progress: progress}, nil
}

// progressStep is how many bytes are read between two reports.
const progressStep = 1 << 20

type input struct {
	*os.File
	ctx                   context.Context
	done, reported, total int64
	progress              func(done, total int64)
}

func (in *input) Read(p []byte) (int, error) {
	if err := in.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := in.File.Read(p)
	in.done += int64(n)
	if in.progress != nil && (in.done-in.reported >= progressStep || err == io.EOF && in.done != in.reported) {
		in.reported = in.done
		in.progress(in.done, in.total)
	}
	return n, err
}

// WriteTo hides the file's own, which would pass by the counting in Read.
func (in *input) WriteTo(w io.Writer) (int64, error) {
	return io.Copy(w, struct{ io.Reader }{in})
}

// oneLine keeps errors that quote data or a program's output on one line.
func oneLine(err error) error {
	if text := err.Error(); strings.ContainsAny(text, "\r\n") {
		return fmt.Errorf("%q", text)
	}
	return err
}
