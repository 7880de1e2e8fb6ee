package build

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Limits say what Collect removes. What exceeds either goes.
type Limits struct {
	OlderThan time.Duration // what was not used for longer; 0 for no limit
	MaxSize   int64         // bytes that the whole cache may take up: the least recently used goes first; negative for no limit
	DryRun    bool          // only say
}

// Space counts things and the bytes that they take up.
type Space struct{ Things, Bytes int64 }

func (u *Space) add(bytes int64) { u.Things++; u.Bytes += bytes }

// Collected is what Collect did.
type Collected struct {
	Removed map[Kind]Space
	Left    Space    // all that is still there
	Needed  Space    // would have gone, but the files of Outputs need it
	Outputs []string // the output directories whose needs are kept
	InUse   Space    // would have gone, but a running mini may use it
	Running []string // in words
}

// Collect removes what exceeds the limits. It never removes what a running mini may use: while one runs, whatever was
// used within a day of the start of the oldest stays. And it never removes what exported outputs need.
//
// Nobody waits for it longer than it takes to rename some hundred things, and it waits for nobody: see Store.use for the
// other side.
func (s *Store) Collect(ctx context.Context, limits Limits) (*Collected, error) {
	things, err := s.Things(ctx)
	if err != nil {
		return nil, err
	}
	c := &garbage{store: s, limits: limits, start: time.Now(), found: &Collected{Removed: map[Kind]Space{}}}
	if c.needs, c.found.Outputs, err = s.needed(); err != nil {
		return nil, err
	}
	for _, t := range things {
		c.found.Left.add(t.Bytes)
	}
	defer c.empty()
	for len(things) > 0 {
		if err := ctx.Err(); err != nil {
			return c.found, err
		}
		n := min(len(things), 256)
		if err := c.batch(things[:n]); err != nil {
			return c.found, s.explain(err)
		}
		c.empty()
		things = things[n:]
	}
	return c.found, nil
}

type garbage struct {
	store  *Store
	limits Limits
	start  time.Time
	needs  map[ref]bool
	found  *Collected
	aside  []string // renamed and not deleted yet
}

// batch removes what is to go of some things. Meanwhile no mini can begin, and none can begin to use what it has not
// used for long.
func (c *garbage) batch(things []Thing) error {
	hold, err := c.store.holdCache(true)
	if err != nil {
		return err
	}
	defer hold.Close()
	running, err := c.store.others()
	if err != nil {
		return err
	}
	c.found.Running = nil
	var horizon time.Time // what was used after it may be in use
	for _, h := range running {
		if from := h.since.Add(-c.store.grain); horizon.IsZero() || from.Before(horizon) {
			horizon = from
		}
		c.found.Running = append(c.found.Running, fmt.Sprintf("process %d since %s", h.pid, h.since.Format("2006-01-02 15:04:05")))
	}
	for _, t := range things {
		if !c.goes(t) {
			continue
		}
		if c.needs[t.ref] {
			c.found.Needed.add(t.Bytes)
			continue
		}
		if len(running) > 0 && !t.Used.Before(horizon) {
			c.found.InUse.add(t.Bytes)
			continue
		}
		if err := c.remove(t, len(running) > 0); err != nil {
			return err
		}
	}
	return nil
}

// goes reports whether a thing exceeds a limit.
func (c *garbage) goes(t Thing) bool {
	switch t.Kind {
	case KindWork, KindNotes:
		return false
	case KindOld:
		return true
	}
	old := c.limits.OlderThan > 0 && c.start.Sub(t.Used) > c.limits.OlderThan
	over := c.limits.MaxSize >= 0 && c.found.Left.Bytes > c.limits.MaxSize
	return old || over
}

// remove renames a thing into tmp: it is gone at once for everybody, and what happens to this process can leave no part of
// it in its place.
func (c *garbage) remove(t Thing, others bool) error {
	s := c.store
	used := changed(t.Path)
	if t.ref.hash != "" {
		used = s.lastUse(t.ref.table, t.ref.hash)
	}
	if used.After(t.Used) {
		return nil // somebody used it since we looked
	}
	if t.Kind.kept() && others {
		c.found.InUse.add(t.Bytes)
		return nil
	}
	if t.Kind == KindDownloads || t.Kind == KindKept {
		name := keptLock(filepath.Base(t.Path)) // of somebody who looks at what failed
		if t.Kind == KindDownloads {
			name, _, _ = strings.Cut(strings.TrimPrefix(filepath.Base(t.Path), "fetch-"), ".")
		}
		lock, err := s.tryLock(name)
		if err != nil {
			return err
		}
		if lock == nil {
			c.found.InUse.add(t.Bytes)
			return nil
		}
		defer lock.Close()
	}
	if !c.limits.DryRun {
		aside := filepath.Join(s.dir, "tmp", fmt.Sprintf("gc-%d-%d", c.start.UnixNano(), c.found.count()))
		if err := s.disk.Rename(t.Path, aside); errors.Is(err, os.ErrNotExist) {
			return nil
		} else if err != nil {
			return err
		}
		c.aside = append(c.aside, aside)
		if t.ref.hash != "" && t.ref.table != results {
			_ = s.disk.Remove(s.stampPath(t.ref.table, t.ref.hash)) // a stamp without its object proves nothing
		}
	}
	u := c.found.Removed[t.Kind]
	u.add(t.Bytes)
	c.found.Removed[t.Kind] = u
	c.found.Left.Things--
	c.found.Left.Bytes -= t.Bytes
	return nil
}

// empty deletes what was renamed. What it can't delete the next run sweeps.
func (c *garbage) empty() {
	for _, path := range c.aside {
		_ = c.store.disk.RemoveAll(path)
	}
	c.aside = nil
}

// count is how many things were removed.
func (c *Collected) count() (n int64) {
	for _, u := range c.Removed {
		n += u.Things
	}
	return n
}
