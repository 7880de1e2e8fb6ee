package toolchain

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// treeDigest is the digest of directories, and what stat said of all files in them when it was made.
type treeDigest struct {
	Stats  string `json:"stats"`
	SHA256 string `json:"d"`
}

// tree is a directory to be digested.
type tree struct {
	path   string
	shared bool // only the headers of the C library and the kernel count
	own    bool // it is the compiler's: all count but those of other languages
}

// trees returns one digest of names and contents of all files in directories and below, and which paths of shared ones are
// left out. Only a stat of each is needed while nothing changes. What does not exist is empty. A link to a directory
// counts by its target, which is walked as well. What is neither file nor directory, or can't be read by this user (and
// so not by a compiler), counts by its name.
func (c *Digests) trees(ctx context.Context, trees []tree) (sum string, hidden []string, err error) {
	began := c.now()
	found, err := listTrees(ctx, trees)
	if err != nil {
		return "", nil, err
	}
	key := ""
	for _, t := range trees {
		key += t.path + "\x00"
	}
	stats := statsOf(found.files)
	c.mu.Lock()
	known, ok := c.kept.Trees[key]
	c.used[key] = true
	c.mu.Unlock()
	if ok && known.Stats == stats {
		return known.SHA256, found.hidden, nil
	}
	if sum, err = contentOf(ctx, found.files); err != nil {
		return "", nil, err
	}
	// A file that changes from here on gets a stamp that is not among the ones seen.
	racy := slices.ContainsFunc(found.files, func(f treeFile) bool { return f.regular && !f.stamp.settled(began) })
	if !racy {
		c.mu.Lock()
		c.kept.Trees[key] = treeDigest{stats, sum}
		c.dirty = true
		c.mu.Unlock()
	}
	return sum, found.hidden, nil
}

// statsOf digests what stat said.
func statsOf(files []treeFile) string {
	b := make([]byte, 0, 64*len(files))
	var in *treeDir
	for _, f := range files {
		if f.in != in {
			in = f.in
			b = append(append(append(b, 0), in.path...), 0)
		}
		b = append(append(b, f.base...), 0)
		b = append(append(b, f.link...), 0)
		for _, n := range []uint64{uint64(f.stamp.Size), uint64(f.stamp.MTime), uint64(f.stamp.CTime), f.stamp.Inode} {
			b = binary.LittleEndian.AppendUint64(b, n)
		}
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// contentOf digests names and contents, several files at a time.
func contentOf(ctx context.Context, files []treeFile) (string, error) {
	sums := make([]string, len(files))
	errs := make([]error, len(files))
	next := make(chan int)
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := range next {
				sums[i], errs[i] = files[i].sum()
			}
		})
	}
	for i := range files {
		if ctx.Err() != nil {
			break
		}
		next <- i
	}
	close(next)
	wg.Wait()
	if err := errors.Join(ctx.Err(), errors.Join(errs...)); err != nil {
		return "", err
	}
	h := sha256.New()
	for i, f := range files {
		h.Write([]byte(f.name() + "\x00" + sums[i] + "\n"))
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// sum stands for the content of one file in the digest of its tree.
func (f treeFile) sum() (string, error) {
	switch {
	case f.link != "":
		return "link", nil
	case !f.regular:
		return "special", nil
	}
	sum, err := hashFile(f.path())
	if errors.Is(err, os.ErrPermission) || errors.Is(err, os.ErrNotExist) {
		return "unreadable", nil
	}
	return sum, err
}

// listTrees lists the files of directories, in an order that depends on their names only.
func listTrees(ctx context.Context, trees []tree) (listing, error) {
	var roots []tree
	var tops []string
	for i, t := range trees {
		covered := func(other tree) bool { return !other.shared && below(t.path, other.path) }
		if !slices.ContainsFunc(trees[:i], func(o tree) bool { return o.path == t.path }) && !slices.ContainsFunc(trees, covered) {
			roots, tops = append(roots, t), append(tops, t.path)
		}
	}
	l := lister{free: make(chan struct{}, runtime.GOMAXPROCS(0)-1), tops: tops}
	var all listing
	for i := 0; i < len(roots); i++ {
		if err := ctx.Err(); err != nil {
			return listing{}, err
		}
		found := l.dir(&treeDir{name: strconv.Itoa(i), path: roots[i].path, shared: roots[i].shared, own: roots[i].own})
		all = all.with([]listing{found})
		for _, f := range found.files {
			known := func(r tree) bool { return f.link == r.path || !r.shared && below(f.link, r.path) }
			if f.link != "" && !slices.ContainsFunc(roots, known) {
				roots = append(roots, tree{path: f.link})
			}
		}
	}
	return all, nil
}

// below tells whether a path is inside of another.
func below(p, dir string) bool {
	rest, ok := strings.CutPrefix(p, filepath.Clean(dir))
	return ok && (strings.HasPrefix(rest, "/") || dir == "/" && p != "/")
}
