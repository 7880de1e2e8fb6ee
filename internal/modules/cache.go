package modules

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

// Config is what the package has to know of the world. Its texts have the meaning that the go command gives to the
// environment variables of the same name (https://go.dev/ref/mod#environment-variables).
type Config struct {
	// Dir is where modules are kept, an absolute path; it is made when it is needed.
	Dir string
	// Proxy is the list of places to ask (GOPROXY).
	Proxy string
	// NoProxy has patterns of modules that no proxy is asked for, and NoSumDB of those whose checksums are in no public
	// database (GONOPROXY, GONOSUMDB).
	NoProxy, NoSumDB string
	// SumDB is the checksum database (GOSUMDB): off, a name, name+key, or either with an address behind it.
	SumDB string
	// Get brings what an address has (http, https or file) into a file. The error of what isn't there must be
	// fs.ErrNotExist; what has more than limit bytes must not be read to its end.
	Get func(ctx context.Context, url, dst string, limit int64) error
	// Git is the program for modules that no proxy serves, "" if there is none, and GitEnv is its environment.
	Git    string
	GitEnv []string
	// Offline says who forbids to ask anything of the network, e.g. --offline; "" if nobody does.
	Offline string
	// Note is told what is being brought. It may be nil.
	Note func(text string)
}

// Cache keeps modules, unpacked, and brings those that it doesn't have. It may be used by several goroutines.
type Cache struct {
	config Config
	db     *database

	mu       sync.Mutex
	trees    map[module.Version]*Tree
	vendored map[string]*Tree // by their directories
}

// NewCache prepares a cache. It asks nobody anything yet.
func NewCache(c Config) *Cache {
	if c.Note == nil {
		c.Note = func(string) {}
	}
	cache := &Cache{config: c, trees: map[module.Version]*Tree{}, vendored: map[string]*Tree{}}
	cache.db = newDatabase(cache)
	return cache
}

// MissingError says that a module is not here and may not be brought.
type MissingError struct {
	Version module.Version
	Offline string // who forbids it
}

func (e *MissingError) Error() string {
	return fmt.Sprintf("%s is not on this machine, and %s forbids to bring it", e.Version, e.Offline)
}

// place is where a module lies: the list of its files in sums, and the files below files.
func (c *Cache) place(v module.Version) (string, error) {
	path, err := module.EscapePath(v.Path)
	if err != nil {
		return "", err
	}
	version, err := module.EscapeVersion(v.Version)
	return filepath.Join(c.config.Dir, filepath.FromSlash(path)+"@"+version), err
}

// Tree returns a module's files. With a sum they are those that it is the checksum of; without, they are compared with
// the checksum database if they are brought now.
func (c *Cache) Tree(ctx context.Context, v module.Version, sum string) (*Tree, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t := c.trees[v]; t != nil && (sum == "" || t.Sum == sum) {
		return t, nil
	}
	here, err := c.here(v)
	if err != nil {
		return nil, err
	}
	switch {
	case here != nil && (sum == "" || here.Sum == sum):
		c.trees[v] = here
		return here, nil
	case here != nil && c.config.Offline != "":
		return nil, &wrongSumError{v, sum, here.Sum, "what is in the cache"}
	case c.config.Offline != "":
		return nil, &MissingError{v, c.config.Offline}
	}
	t, err := c.bring(ctx, v, sum)
	if err == nil {
		c.trees[v] = t
	}
	return t, err
}

// Has reports whether a module is in the cache with this checksum.
func (c *Cache) Has(v module.Version, sum string) bool {
	t, err := c.here(v)
	return err == nil && t != nil && t.Sum == sum
}

// CopyTo copies a module, as the cache has it, into the directory of another cache; one that it doesn't have is left out.
func (c *Cache) CopyTo(dir string, v module.Version) error {
	here, err := c.here(v)
	if here == nil || err != nil {
		return err
	}
	place, err := c.place(v)
	if err != nil {
		return err
	}
	inside, err := filepath.Rel(c.config.Dir, place)
	if err != nil {
		return err
	}
	return os.CopyFS(filepath.Join(dir, inside), os.DirFS(place))
}

// here is the tree that the cache has, nil if there is none. The list of its files is what its checksum is about; the
// files are compared with it when they are used.
func (c *Cache) here(v module.Version) (*Tree, error) {
	place, err := c.place(v)
	if err != nil {
		return nil, err
	}
	list, err := os.ReadFile(filepath.Join(place, "sums"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	t, err := newTree(v, filepath.Join(place, "files"), list)
	if err != nil {
		return nil, nil // it is brought again
	}
	noteUse(filepath.Join(place, "sums"))
	return t, nil
}

// noteUse tells who tidies the cache up that a module is in use, once a day. Where that can't be written it isn't kept
// either.
func noteUse(file string) {
	if info, err := os.Stat(file); err == nil && time.Since(info.ModTime()) > 24*time.Hour {
		now := time.Now()
		_ = os.Chtimes(file, now, now)
	}
}

// wrongSumError says that a module isn't what it was when it was locked.
type wrongSumError struct {
	version   module.Version
	want, got string
	where     string // who has the other files
}

func (e *wrongSumError) Error() string { return e.told(LockName).Error() }

// told is the error for a user who knows the lock's line by this name.
func (e *wrongSumError) told(lock string) *Error {
	return &Error{
		Msg: fmt.Sprintf("%s has another checksum than %s says:\n    %-9s  %s\n    here       %s (%s)", e.version, lock, LockName, e.want, e.got, e.where),
		Hint: "Nothing of it was used. Either somebody published other files under the same version, or mini.lock was changed by hand, or the place is not to be trusted.\n" +
			"If mini.lock is wrong, restore it from version control; to take another version: mini get " + e.version.Path + "@VERSION",
		Err: e,
	}
}

// bring downloads a module, checks it, and unpacks it into the cache.
func (c *Cache) bring(ctx context.Context, v module.Version, sum string) (*Tree, error) {
	if err := os.MkdirAll(c.config.Dir, 0o755); err != nil {
		return nil, err
	}
	work, err := os.MkdirTemp(c.config.Dir, ".new-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(work)
	archive := filepath.Join(work, "module.zip")
	c.config.Note("module " + v.String())
	from, err := c.download(ctx, v, archive)
	if err != nil {
		return nil, err
	}
	files := filepath.Join(work, "unpacked", "files")
	if err := zip.Unzip(files, v, archive); err != nil {
		return nil, errorf("the place may be damaged, or the connection: try again, or ask another place (GOPROXY)",
			"%s from %s is not the zip of a module: %v", v, from, unwrapped(err))
	}
	list, err := listed(v, files)
	if err != nil {
		return nil, err
	}
	got := sumOf(list)
	if sum == "" {
		sum, err = c.db.lookup(ctx, v)
		if err != nil {
			return nil, err
		}
		if sum != "" && sum != got {
			return nil, errorf("nothing of it was used; the place is not to be trusted, or the author moved the tag after it was first seen",
				"%s has another checksum than the database %s says:\n    database  %s\n    here      %s (%s)", v, c.db.name(), sum, got, from)
		}
	} else if sum != got {
		return nil, &wrongSumError{v, sum, got, from}
	}
	if err := os.WriteFile(filepath.Join(work, "unpacked", "sums"), list, 0o444); err != nil {
		return nil, err
	}
	place, err := c.place(v)
	if err != nil {
		return nil, err
	}
	t, err := newTree(v, filepath.Join(place, "files"), list)
	if err != nil {
		return nil, err
	}
	return t, c.publish(t, filepath.Join(work, "unpacked"), place, filepath.Join(work, "old"))
}

// publish puts a directory in its place in one step. What is there already stays if it is as good: another mini was quicker,
// and may be reading it.
func (c *Cache) publish(t *Tree, from, to, old string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	err := os.Rename(from, to)
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	if here, _ := c.here(t.Version); here != nil && here.Sum == t.Sum {
		return nil
	}
	if err := os.Rename(to, old); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.Rename(from, to)
}
