package build

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// A stamp is what the file system says of an object without its bytes being read: one digest of type and permissions, size, times
// and inode numbers, of a file or of all that is in a tree. While it stays as it was when the object was put, nobody wrote to it: a
// program can set a modification time back but not the time of the last change (ctime). The number of the device is
// left out, since it can be another after each start of the machine.
//
// Stamps lie apart, below stamps/. One that is missing, damaged or different proves nothing: a cache that was copied or restored has
// other inodes. Then the bytes are looked at, and the new stamp is noted.
type stamp struct {
	sum   [sha256.Size]byte
	files int64 // how many names there are, directories included
	bytes int64 // what they take up on the disk
}

func (s stamp) String() string {
	return fmt.Sprintf("mini stamp 1 %d %d %x\n", s.files, s.bytes, s.sum)
}

// parseStamp reads what String wrote.
func parseStamp(text string) (s stamp, ok bool) {
	var sum []byte
	n, err := fmt.Sscanf(text, "mini stamp 1 %d %d %x\n", &s.files, &s.bytes, &sum)
	if err != nil || n != 3 || len(sum) != len(s.sum) {
		return stamp{}, false
	}
	copy(s.sum[:], sum)
	return s, s.String() == text
}

// stampFile looks at one file.
func stampFile(path string) (stamp, error) {
	s, _, err := stampUsed(path)
	return s, err
}

// stampUsed also tells when the file was changed last (its mtime), which is when a result was used.
func stampUsed(path string) (stamp, time.Time, error) {
	var st unix.Stat_t
	if err := unix.Lstat(path, &st); err != nil {
		return stamp{}, time.Time{}, &os.PathError{Op: "lstat", Path: path, Err: err}
	}
	s := stamp{sum: sha256.Sum256(appendStat(nil, &st)), files: 1, bytes: st.Blocks * 512}
	return s, time.Unix(st.Mtim.Unix()), nil
}

func appendStat(b []byte, st *unix.Stat_t) []byte {
	for _, v := range []int64{
		int64(st.Mode), st.Size, st.Mtim.Nano(), st.Ctim.Nano(), int64(st.Ino),
	} {
		b = binary.LittleEndian.AppendUint64(b, uint64(v))
	}
	return b
}

// stampTree looks at all names of a tree, directories side by side: a kernel's source has 80,000, and this is done each
// time that an action is about to use it.
func stampTree(ctx context.Context, dir string) (stamp, error) {
	t := &treeStamper{ctx: ctx, of: map[string]stamp{}, todo: []string{"."}, busy: 0}
	t.wake = sync.NewCond(&t.mu)
	var workers sync.WaitGroup
	for range max(2, runtime.GOMAXPROCS(0)) {
		workers.Go(func() { t.work(dir) })
	}
	workers.Wait()
	if t.err != nil {
		return stamp{}, t.err
	}
	var dirs []string
	for d := range t.of {
		dirs = append(dirs, d)
	}
	sort.Strings(dirs)
	h := sha256.New()
	all := stamp{}
	for _, d := range dirs {
		s := t.of[d]
		fmt.Fprintf(h, "%s\x00%s", d, s.sum[:])
		all.files += s.files
		all.bytes += s.bytes
	}
	h.Sum(all.sum[:0])
	return all, nil
}

type treeStamper struct {
	ctx  context.Context
	mu   sync.Mutex
	wake *sync.Cond
	todo []string // directories nobody has looked at, relative to the tree
	busy int      // directories somebody looks at, which may bring more
	of   map[string]stamp
	err  error
}

func (t *treeStamper) work(root string) {
	for {
		t.mu.Lock()
		for len(t.todo) == 0 && t.busy > 0 && t.err == nil {
			t.wake.Wait()
		}
		if len(t.todo) == 0 || t.err != nil {
			t.mu.Unlock()
			return
		}
		rel := t.todo[len(t.todo)-1]
		t.todo = t.todo[:len(t.todo)-1]
		t.busy++
		t.mu.Unlock()

		s, subs, err := stampDir(root, rel)
		if err == nil {
			err = t.ctx.Err()
		}

		t.mu.Lock()
		t.busy--
		t.of[rel] = s
		t.todo = append(t.todo, subs...)
		if t.err == nil {
			t.err = err
		}
		t.wake.Broadcast()
		t.mu.Unlock()
	}
}

// stampDir looks at a directory and its names, and returns which of them are directories.
func stampDir(root, rel string) (s stamp, subs []string, err error) {
	path := filepath.Join(root, rel)
	f, err := os.Open(path)
	if err != nil {
		return s, nil, err
	}
	defer f.Close()
	names, err := f.Readdirnames(-1)
	if err != nil {
		return s, nil, err
	}
	sort.Strings(names)
	var st unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &st); err != nil {
		return s, nil, &os.PathError{Op: "fstat", Path: path, Err: err}
	}
	record := appendStat(make([]byte, 0, 64*(len(names)+1)), &st)
	s.files, s.bytes = 1, st.Blocks*512
	for _, name := range names {
		if err := unix.Fstatat(int(f.Fd()), name, &st, unix.AT_SYMLINK_NOFOLLOW); err != nil {
			return s, nil, &os.PathError{Op: "lstat", Path: filepath.Join(path, name), Err: err}
		}
		if st.Mode&unix.S_IFMT == unix.S_IFDIR { // looks at itself later
			subs = append(subs, strings.TrimPrefix(rel+"/"+name, "./"))
			continue
		}
		record = append(append(record, name...), 0)
		record = appendStat(record, &st)
		s.files++
		s.bytes += st.Blocks * 512
	}
	s.sum = sha256.Sum256(record)
	return s, subs, nil
}
