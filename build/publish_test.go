package build

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	rex "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
)

// A kill loses nothing of what the kernel has taken, so no kill shows a missing sync; only a power cut would. This
// disk follows what a power cut could take back, and complains of a name that would outlive what it stands for.
type carefulDisk struct {
	disk
	t   *testing.T
	dir string

	mu       sync.Mutex
	unsynced map[string]bool // files, and trees, that were written and not synced
	names    map[string]bool // directories of the tables in which a name is not synced yet
	seen     map[table]int   // what was published
}

func (d *carefulDisk) Create(path string) (diskFile, error) {
	d.mu.Lock()
	d.unsynced[path] = true
	d.mu.Unlock()
	return d.disk.Create(path)
}

func (d *carefulDisk) Mkdir(path string) error {
	d.mu.Lock()
	if !strings.HasPrefix(path, filepath.Join(d.dir, "tmp")) { // what is made there need not last
		d.names[filepath.Dir(path)] = true
	}
	d.mu.Unlock()
	return d.disk.Mkdir(path)
}

func (d *carefulDisk) Sync(path string) error {
	err := d.disk.Sync(path)
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.unsynced, path)
	delete(d.names, path)
	return err
}

func (d *carefulDisk) SyncAll(dir string) error {
	d.mu.Lock()
	before := make([]string, 0, len(d.unsynced))
	for path := range d.unsynced {
		before = append(before, path)
	}
	d.unsynced["all"] = false // trees are written by actions, which this disk does not see
	d.mu.Unlock()
	err := d.disk.SyncAll(dir)
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, path := range before {
		delete(d.unsynced, path)
	}
	return err
}

func (d *carefulDisk) Rename(from, to string) error {
	first, _, _ := strings.Cut(strings.TrimPrefix(to, d.dir+"/"), "/")
	in := table(first)
	if in == contents || in == trees || in == results {
		d.mu.Lock()
		d.seen[in]++
		_, synced := d.unsynced["all"]
		if in == trees && !synced {
			d.t.Errorf("the tree %s gets its name before it is synced", to)
		}
		if file := d.unsynced[from]; file {
			d.t.Errorf("%s gets its name before it is synced", to)
		}
		delete(d.unsynced, "all")
		for dir := range d.names {
			if in == results || strings.HasPrefix(filepath.Dir(to)+"/", dir+"/") {
				d.t.Errorf("%s gets its name while one in %s may be lost", to, dir)
			}
		}
		d.names[filepath.Dir(to)] = true
		d.mu.Unlock()
	}
	return d.disk.Rename(from, to)
}

func TestWhatIsPublishedOutlivesAPowerCut(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "cache")
	d := &carefulDisk{disk: osDisk{}, t: t, dir: dir, unsynced: map[string]bool{}, names: map[string]bool{}, seen: map[table]int{}}
	store, err := openStore(dir, d, useGrain)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	ctx := context.Background()
	work, err := store.NewWork()
	if err != nil {
		t.Fatal(err)
	}
	// One after the other, as the contents and the result of one action are.
	file, tree := filepath.Join(work.Dir, "file"), filepath.Join(work.Dir, "tree")
	if err := errors.Join(os.WriteFile(file, []byte("hi\n"), 0o644), os.Mkdir(tree, 0o755), os.WriteFile(filepath.Join(tree, "a"), nil, 0o644)); err != nil {
		t.Fatal(err)
	}
	d.unsynced[file] = true
	object, listing := treeOf(t, tree)
	action := digestBytes([]byte("action"))
	if err := errors.Join(
		store.PutBytes(ctx, action, []byte("action")),
		store.AdoptBlob(ctx, file, digestBytes([]byte("hi\n"))),
		store.PutBytes(ctx, object.Tree, listing),
		store.AdoptTree(ctx, tree, object.Digest),
		store.PutResult(ctx, action, &rex.ActionResult{OutputDirectories: []*rex.OutputDirectory{{
			Path: "tree", TreeDigest: object.Tree.message(), RootDirectoryDigest: object.Digest.message()}}}),
	); err != nil {
		t.Fatal(err)
	}
	if len(d.names) > 0 {
		t.Errorf("at the end a name may be lost in %v", d.names)
	}
	if d.seen[contents] != 3 || d.seen[trees] != 1 || d.seen[results] != 1 {
		t.Errorf("published %v", d.seen)
	}
}

// Who finds a lock's file and locks it when its name is gone has locked nobody out.
func TestALockIsHeldByOneAtATime(t *testing.T) {
	s, err := OpenStore(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var holders atomic.Int32
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for taken := 0; taken < 300; {
				lock, err := s.tryLock("key")
				if err != nil {
					t.Error(err)
					return
				}
				if lock == nil {
					continue
				}
				taken++
				if n := holders.Add(1); n != 1 {
					t.Errorf("%d hold the lock", n)
				}
				holders.Add(-1)
				if err := lock.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}

func TestInterruptedWorkIsSweptAndNeverUsed(t *testing.T) {
	dir := t.TempDir()
	open := func() (*Store, *Work) {
		s, err := OpenStore(dir)
		if err != nil {
			t.Fatal(err)
		}
		w, err := s.NewWork()
		if err != nil {
			t.Fatal(err)
		}
		return s, w
	}
	live, lives := open()
	defer live.Close()
	dead, died := open()
	if err := dead.present.lock.Close(); err != nil { // as the end of a process does
		t.Fatal(err)
	}
	next, work := open()
	defer next.Close()
	if _, err := os.Stat(died.Dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the work of a dead process is still there: %v", err)
	}
	if _, err := os.Stat(lives.Dir); err != nil {
		t.Errorf("the work of a live process is gone: %v", err)
	}
	if work.Dir == died.Dir || work.Dir == lives.Dir {
		t.Errorf("%s is used again", work.Dir)
	}
}

// A tree that is read where it lies has no copy that could be checked: its stamps tell, for each way in which it is read.
func TestATreeReadInPlaceIsCheckedByItsStamps(t *testing.T) {
	tree := shellNode("tree", "mkdir out\ncp a out/a", []string{"out"}, text("a", "hi\n"))
	in := func(mode InputMode) Input {
		return Input{Path: "in", From: &Artifact{Node: tree, Output: "out"}, Mode: mode}
	}
	for name, input := range map[string]Input{"mounted": in(ReadOnly), "overlaid": in(Overlaid)} {
		t.Run(name, func(t *testing.T) {
			e, ran := newEngine(t, t.TempDir())
			said := listen(e.Store)
			made := mustBuild(t, e, tree)
			ran.take()
			flip(t, filepath.Join(e.Store.TreePath(made[tree].Outputs["out"].Digest), "a"), 3)
			user := shellNode("user", "cat in/a > all", []string{"all"}, input)
			made = mustBuild(t, e, user)
			if got := readOutput(t, e, made[user], &Artifact{Node: user, Output: "all"}); got != "hi\n" {
				t.Errorf("made %q", got)
			}
			if got := ran.take(); got != "tree user user" {
				t.Errorf("ran %q", got)
			}
			if got := said.take(); len(got) != 1 {
				t.Errorf("said %q", got)
			}
		})
	}
}

// A download that waits for its server writes nothing for long: only its lock says that somebody is at it.
func TestGCLeavesADownloadThatStalls(t *testing.T) {
	dir := t.TempDir()
	first, err := OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	hash := strings.Repeat("ab", 32)
	part := filepath.Join(dir, "tmp", "fetch-"+hash+".part")
	if err := os.WriteFile(part, []byte("half"), 0o644); err != nil {
		t.Fatal(err)
	}
	const grain = time.Millisecond
	time.Sleep(20 * grain) // the part is older than the use that gc leaves alone
	s, err := openStore(dir, osDisk{}, grain)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	lock, err := s.Lock(context.Background(), Digest{Hash: hash}, func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	gc := &Store{dir: dir, disk: osDisk{}, grain: grain, checked: map[string]bool{}}
	if _, err := gc.Collect(context.Background(), everything); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(part); err != nil {
		t.Errorf("a download that goes on was removed: %v", err)
	}
	if err := lock.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := gc.Collect(context.Background(), everything); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(part); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("nobody is at it, and gc left it: %v", err)
	}
}

// Between gc's look at everything and its turn to remove, somebody begins to use what is old.
func TestGCLeavesWhatIsUsedSinceItLooked(t *testing.T) {
	dir := t.TempDir()
	e, ran := newEngine(t, dir)
	mustBuild(t, e, everyUse("first"))
	age(t, e.Store, 3*24*time.Hour)
	ran.take()
	looked := &faulty{osDisk{}, func(op, path string) error {
		if op == "lock" && filepath.Base(path) == "cache.lock" {
			mustBuild(t, e, everyUse("second"))
		}
		return nil
	}}
	gc := &Store{dir: dir, disk: looked, grain: useGrain, checked: map[string]bool{}}
	if _, err := gc.Collect(context.Background(), everything); err != nil {
		t.Fatal(err)
	}
	mustBuild(t, e, everyUse("third"))
	if got := ran.take(); got != "user user" {
		t.Errorf("ran %q: what the second user used was removed", got)
	}
}
