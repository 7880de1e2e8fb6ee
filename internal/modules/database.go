package modules

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"golang.org/x/mod/module"
	"golang.org/x/mod/sumdb"
)

// The checksum database that is asked unless GOSUMDB says otherwise. Its key is that which cmd/go has built in.
const (
	defaultDatabase = "sum.golang.org"
	defaultKey      = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
)

// database knows which checksum the first who ever asked for a version was given: a log that can only grow, and whose
// answers come with a proof.
type database struct {
	cache *Cache
	key   string
	url   string // "" if none is given
	off   bool
	err   error // of a GOSUMDB that makes no sense

	mu     sync.Mutex
	client *sumdb.Client
	ctx    context.Context // of the lookup under way
	base   string          // where it answers, once that is known
	broken string          // what a misbehaving server did
}

func newDatabase(c *Cache) *database {
	d := &database{cache: c}
	words := strings.Fields(c.config.SumDB)
	switch {
	case len(words) == 0:
		d.key = defaultKey
	case words[0] == "off":
		d.off = true
	case len(words) > 2:
		d.err = fmt.Errorf("GOSUMDB=%q has more than a name and an address", c.config.SumDB)
	default:
		d.key = words[0]
		if len(words) == 2 {
			d.url = strings.TrimRight(words[1], "/")
		}
		if d.key == defaultDatabase {
			d.key = defaultKey
		} else if d.key == "sum.golang.google.cn" {
			d.key, d.url = defaultKey, "https://sum.golang.google.cn"
		} else if !strings.Contains(d.key, "+") {
			d.err = fmt.Errorf("the key of the checksum database %s is not known; GOSUMDB takes it as NAME+HASH+KEY", d.key)
		}
	}
	return d
}

func (d *database) name() string {
	name, _, _ := strings.Cut(d.key, "+")
	return name
}

// lookup is the checksum of a version; "" if nobody is to be asked for it.
func (d *database) lookup(ctx context.Context, v module.Version) (string, error) {
	if d.off || module.MatchPrefixPatterns(d.cache.config.NoSumDB, v.Path) {
		return "", nil
	}
	if d.err != nil {
		return "", errorf("", "%v", d.err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.client == nil {
		d.client = sumdb.NewClient((*databaseOps)(d))
	}
	d.ctx = ctx
	lines, err := d.client.Lookup(v.Path, v.Version)
	if d.broken != "" {
		return "", errorf("do not use it; set GOSUMDB only if you know a better one", "the checksum database %s contradicts itself: %s", d.name(), d.broken)
	}
	if err != nil {
		if ctx.Err() != nil {
			return "", context.Cause(ctx)
		}
		return "", &Error{
			Msg:  fmt.Sprintf("the checksum of %s could not be looked up in %s: %v", v, d.name(), err),
			Hint: "that is for public modules; for others set GONOSUMDB=" + v.Path + ", or GOPRIVATE, which also passes by the proxies", Err: err}
	}
	for _, line := range lines {
		if sum, found := strings.CutPrefix(line, v.Path+" "+v.Version+" "); found {
			return sum, nil
		}
	}
	return "", errorf("", "the checksum database %s doesn't say what %s is", d.name(), v)
}

// databaseOps is what the client of the database does with the world; see sumdb.ClientOps.
type databaseOps database

// ReadRemote asks the database, through the first proxy that passes questions on to it.
func (o *databaseOps) ReadRemote(path string) ([]byte, error) {
	if o.base == "" {
		base, err := o.findBase()
		if err != nil {
			return nil, err
		}
		o.base = base
	}
	return o.cache.get(o.ctx, o.base+path)
}

func (o *databaseOps) findBase() (string, error) {
	name := (*database)(o).name()
	direct := o.url
	if direct == "" {
		direct = "https://" + name
	}
	for _, p := range o.cache.config.places("") {
		switch p.url {
		case "off":
			return "", errOff
		case "direct":
			return direct, nil
		}
		base := p.url + "/sumdb/" + name
		_, err := o.cache.get(o.ctx, base+"/supported")
		if err == nil {
			return base, nil
		}
		if !errors.Is(err, fs.ErrNotExist) && !p.more {
			return "", err
		}
	}
	return direct, nil
}

func (o *databaseOps) dir() string { return filepath.Join(o.cache.config.Dir, ".sumdb") }

// ReadConfig implements sumdb.ClientOps.
func (o *databaseOps) ReadConfig(file string) ([]byte, error) {
	if file == "key" {
		return []byte(o.key), nil
	}
	text, err := o.ReadCache(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // nothing is known of it yet
	}
	return text, err
}

// WriteConfig implements sumdb.ClientOps. Two minis that write at once both have seen a true state of the log; whichever
// is kept, the next lookup goes on from it.
func (o *databaseOps) WriteConfig(file string, old, new []byte) error {
	now, err := o.ReadConfig(file)
	if err != nil {
		return err
	}
	if !bytes.Equal(now, old) {
		return sumdb.ErrWriteConflict
	}
	return o.write(file, new)
}

// ReadCache implements sumdb.ClientOps.
func (o *databaseOps) ReadCache(file string) ([]byte, error) {
	return os.ReadFile(filepath.Join(o.dir(), filepath.FromSlash(file)))
}

// WriteCache implements sumdb.ClientOps. It is only a memory: without it the database is asked again.
func (o *databaseOps) WriteCache(file string, data []byte) { _ = o.write(file, data) }

func (o *databaseOps) write(file string, data []byte) error {
	name := filepath.Join(o.dir(), filepath.FromSlash(file))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".new-")
	if err != nil {
		return err
	}
	_, err1 := f.Write(data)
	if err := errors.Join(err1, f.Close()); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return os.Rename(f.Name(), name)
}

// Log implements sumdb.ClientOps.
func (o *databaseOps) Log(string) {}

// SecurityError implements sumdb.ClientOps.
func (o *databaseOps) SecurityError(msg string) { o.broken = msg }
