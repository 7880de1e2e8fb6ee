package rootfs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"runtime"

	"golang.org/x/sync/errgroup"
)

// pending is a file whose place is known and whose content has to be read.
type pending struct {
	entry  *Entry
	host   string // relative to the inputs
	origin string
}

// hashFiles reads all files, a few at a time, and completes their entries. Of several errors the first in the order of
// the files counts, so that a message does not depend on which goroutine is quicker.
func hashFiles(ctx context.Context, root *os.Root, files []pending) error {
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	errs := make([]error, len(files))
	for i, f := range files {
		if ctx.Err() != nil {
			break
		}
		group.Go(func() error {
			sum, size, err := hashFile(ctx, root, f.host)
			if err != nil && ctx.Err() == nil {
				errs[i] = at(f.origin, hostError(f.host, err))
				return nil // the others go on: one of them may hold the first error
			}
			f.entry.SHA256, f.entry.Size = sum, size
			return ctx.Err()
		})
	}
	if err := group.Wait(); err != nil {
		return err // the context's: those of files are in errs
	}
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// hashFile returns the SHA-256 and the number of bytes that were really read, which is what an archive will hold.
func hashFile(ctx context.Context, root *os.Root, host string) (string, int64, error) {
	f, err := root.Open(host)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, reader{ctx, f})
	return hex.EncodeToString(h.Sum(nil)), n, err
}

// reader stops reading when its context ends.
type reader struct {
	ctx context.Context
	r   io.Reader
}

func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}
