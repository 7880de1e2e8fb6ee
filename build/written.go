package build

import (
	"encoding/hex"
	"io/fs"
	"path/filepath"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// written is what an in-process step said of the files that it wrote: their digests, computed while the bytes were at
// hand, and how each looked when it was closed. It spares collect to read a kernel's tree again, and is believed only
// for a file that looks the same still.
type written struct {
	mu    sync.Mutex
	files map[string]writtenFile // by absolute path
}

type writtenFile struct {
	digest Digest
	looks  looks
}

// looks changes when a file's content does: a write sets both times, and no call can set the second.
type looks struct {
	dev, ino     uint64
	size         int64
	mode         uint32
	mtime, ctime unix.Timespec
}

func (w *written) add(path string, sum [32]byte, st unix.Stat_t) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.files == nil {
		w.files = map[string]writtenFile{}
	}
	w.files[filepath.Clean(path)] = writtenFile{
		Digest{hex.EncodeToString(sum[:]), st.Size},
		looks{uint64(st.Dev), st.Ino, st.Size, st.Mode, st.Mtim, st.Ctim},
	}
}

// digest is that of the file at path, which looks like info, or false.
func (w *written) digest(path string, info fs.FileInfo) (Digest, bool) {
	if w == nil {
		return Digest{}, false
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	f, known := w.files[path]
	if !ok || !known {
		return Digest{}, false
	}
	now := looks{uint64(st.Dev), st.Ino, st.Size, st.Mode, unix.Timespec(st.Mtim), unix.Timespec(st.Ctim)}
	return f.digest, f.looks == now
}
