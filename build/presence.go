package build

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// presence is the mark of one mini that uses the cache: a locked file running/NAME that says which process and since when,
// and, once it works on something, a directory tmp/NAME for that. Others see by the lock whether the process lives, however it ended.
type presence struct {
	name string
	lock *os.File
}

// arrive makes a presence. Nobody removes things while one is made, so whoever removes sees all there are.
func (s *Store) arrive() (*presence, error) {
	hold, err := s.holdCache(false)
	if err != nil {
		return nil, err
	}
	defer hold.Close()
	for try := 0; try < 100; try++ {
		name := fmt.Sprintf("%d-%d-%d", os.Getpid(), time.Now().UnixNano(), try)
		lock, err := s.disk.Lock(filepath.Join(s.dir, "running", name), true)
		if err != nil {
			return nil, err
		}
		if lock == nil {
			continue // somebody took it for a dead one between its making and its locking
		}
		p := &presence{name, lock}
		if _, err = fmt.Fprintf(lock, "%d %d\n", os.Getpid(), time.Now().UnixNano()); err != nil {
			return nil, errors.Join(err, s.disk.Remove(lock.Name()), lock.Close())
		}
		return p, nil
	}
	return nil, fmt.Errorf("somebody takes each new file in %s away", filepath.Join(s.dir, "running"))
}

func (p *presence) leave(s *Store) error {
	err := s.disk.RemoveAll(filepath.Join(s.dir, "tmp", p.name))
	return errors.Join(err, s.disk.Remove(p.lock.Name()), p.lock.Close())
}

// temp returns a new path in this process's own part of tmp.
func (s *Store) temp(kind string) (string, error) {
	if s.closed != nil {
		return "", s.closed
	}
	dir := filepath.Join(s.dir, "tmp", s.present.name)
	if err := s.disk.Mkdir(dir); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	return filepath.Join(dir, kind+"-"+strconv.FormatInt(s.temps.Add(1), 10)), nil
}

// holder is who has a lock.
type holder struct {
	pid   int
	since time.Time
}

// readHolder reads what a lock's file says of who has it. It may be just being written.
func readHolder(path string) (h holder, ok bool) {
	b, err := os.ReadFile(path)
	if err != nil {
		return h, false
	}
	var nanos int64
	if n, err := fmt.Sscanf(string(b), "%d %d\n", &h.pid, &nanos); err != nil || n != 2 {
		return h, false
	}
	h.since = time.Unix(0, nanos)
	return h, true
}

// others are the minis that use the cache at this moment, without this one.
func (s *Store) others() ([]holder, error) {
	names, err := readDirNames(filepath.Join(s.dir, "running"))
	if err != nil {
		return nil, err
	}
	var all []holder
	for _, name := range names {
		path := filepath.Join(s.dir, "running", name)
		if s.isMine(name) || s.isDead(path) {
			continue
		}
		h, ok := readHolder(path)
		if !ok { // it is damaged; the file's own time is no later than what it said
			if info, err := os.Lstat(path); err == nil {
				h.since = info.ModTime()
			}
		}
		all = append(all, h)
	}
	return all, nil
}

func (s *Store) isMine(name string) bool { return s.present != nil && s.present.name == name }

// isDead reports whether nobody has the lock at path.
func (s *Store) isDead(path string) bool {
	f, err := os.Open(path) // not disk.Lock, which would make it
	if err != nil {
		return true
	}
	defer f.Close()
	return unix.Flock(int(f.Fd()), unix.LOCK_SH|unix.LOCK_NB) == nil
}

// holdCache takes the lock of the whole cache: for many, to be sure that nothing is removed meanwhile, or exclusively, to
// remove. It is only held for moments.
func (s *Store) holdCache(exclusive bool) (*os.File, error) {
	path := filepath.Join(s.dir, "cache.lock")
	for start := time.Now(); ; time.Sleep(5 * time.Millisecond) {
		lock, err := s.disk.Lock(path, exclusive)
		if lock != nil || err != nil {
			return lock, err
		}
		if time.Since(start) > cachePatience {
			return nil, fmt.Errorf("somebody holds %s for more than %v: a mini gc that was stopped?", path, cachePatience)
		}
	}
}

const cachePatience = time.Minute

// partAge is how long a download that nobody continues is kept.
const partAge = 14 * 24 * time.Hour

// sweep removes what dead processes left. It is no error if something resists: the next run tries again.
func (s *Store) sweep() {
	tmp := filepath.Join(s.dir, "tmp")
	names, _ := readDirNames(tmp) // before the presences: those have a file in running/ first
	for _, name := range names {
		path := filepath.Join(tmp, name)
		if sum, ok := strings.CutPrefix(name, "fetch-"); ok {
			s.sweepDownload(path, sum)
			continue
		}
		mark := filepath.Join(s.dir, "running", name)
		if _, err := os.Lstat(mark); err == nil {
			continue
		}
		// Not of this kind: of an older mini, which may still run.
		if info, err := os.Lstat(path); err == nil && (strings.Count(name, "-") == 2 || time.Since(info.ModTime()) > useGrain) {
			_ = s.disk.RemoveAll(path)
		}
	}
	names, _ = readDirNames(filepath.Join(s.dir, "running"))
	for _, name := range names {
		if !s.isMine(name) {
			s.sweepPresence(name)
		}
	}
	names, _ = readDirNames(filepath.Join(s.dir, "locks"))
	for _, name := range names {
		path := filepath.Join(s.dir, "locks", name)
		if info, err := os.Lstat(path); err != nil || time.Since(info.ModTime()) < time.Minute {
			continue // somebody may be about to lock it
		}
		if lock, _ := s.disk.Lock(path, true); lock != nil {
			_ = s.disk.Remove(path)
			lock.Close()
		}
	}
}

// sweepPresence removes a dead process's work and then its mark.
func (s *Store) sweepPresence(name string) {
	path := filepath.Join(s.dir, "running", name)
	if !s.isDead(path) {
		return
	}
	lock, err := s.disk.Lock(path, true)
	if err != nil || lock == nil {
		return
	}
	defer lock.Close()
	if s.disk.RemoveAll(filepath.Join(s.dir, "tmp", name)) == nil {
		_ = s.disk.Remove(path)
	}
}

// sweepDownload removes a part of a download that nobody went on with for two weeks.
func (s *Store) sweepDownload(path, sum string) {
	info, err := os.Lstat(path)
	if err != nil || time.Since(info.ModTime()) < partAge {
		return
	}
	hash, _, _ := strings.Cut(sum, ".") // beside fetch-X lie fetch-X.part and others
	if lock, err := s.tryLock(hash); err == nil && lock != nil {
		_ = s.disk.RemoveAll(path)
		_ = lock.Close()
	}
}

func readDirNames(dir string) ([]string, error) {
	f, err := os.Open(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.Readdirnames(-1)
}
