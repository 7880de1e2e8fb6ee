package build

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// everything is what gc removes when it may.
var everything = Limits{MaxSize: 0}

// age makes all that a store holds look as if it had been used that long ago.
func age(t *testing.T, s *Store, by time.Duration) {
	t.Helper()
	old := time.Now().Add(-by)
	things, err := s.Things(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, thing := range things {
		if thing.ref.hash == "" {
			continue
		}
		if err := os.Chtimes(s.usePath(thing.ref.table, thing.ref.hash), old, old); err != nil {
			t.Fatal(err)
		}
	}
}

func collect(t *testing.T, dir string, l Limits) *Collected {
	t.Helper()
	s, err := InspectStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.Collect(context.Background(), l)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestGCNeverTakesWhatARunningMiniMayUse(t *testing.T) {
	dir := t.TempDir()
	e, ran := newEngine(t, dir)
	mustBuild(t, e, everyUse("first"))
	ran.take()
	c := collect(t, dir, everything)
	if c.count() > 0 || c.InUse.Things == 0 || len(c.Running) != 1 {
		t.Errorf("beside a running mini it removed %v (%+v)", c.Removed, c)
	}
	// What the running mini has not used for long goes, unless it is used again in time.
	age(t, e.Store, 3*24*time.Hour)
	mustBuild(t, e, everyUse("first")) // a hit: nothing below it is looked at but the results
	if c = collect(t, dir, everything); c.Removed[KindTrees].Things != 1 || c.Removed[KindResults].Things != 0 {
		t.Errorf("removed %v", c.Removed)
	}
	if got := ran.take(); got != "" {
		t.Errorf("ran %q", got)
	}
	mustBuild(t, e, everyUse("second"))
	if got := ran.take(); got != "file tree user" {
		t.Errorf("what was removed must be made again: ran %q", got)
	}
	if err := e.Store.Close(); err != nil {
		t.Fatal(err)
	}
	if c = collect(t, dir, everything); c.InUse.Things != 0 || c.Left.Things > 3 {
		t.Errorf("when nobody runs, it leaves %+v", c)
	}
}

func TestGCTakesTheLeastRecentlyUsedFirst(t *testing.T) {
	dir := t.TempDir()
	e, _ := newEngine(t, dir)
	old := shellNode("old", "cp a old", []string{"old"}, text("a", strings.Repeat("old\n", 1<<18)))
	fresh := shellNode("fresh", "cp a fresh", []string{"fresh"}, text("a", strings.Repeat("new\n", 1<<18)))
	results := mustBuild(t, e, old)
	age(t, e.Store, 40*24*time.Hour)
	for n, r := range mustBuild(t, e, fresh) {
		results[n] = r
	}
	if err := e.Store.Close(); err != nil {
		t.Fatal(err)
	}
	for _, l := range []Limits{{MaxSize: 1 << 21, DryRun: true}, {OlderThan: 30 * 24 * time.Hour, MaxSize: -1, DryRun: true}, {MaxSize: 1 << 21}} {
		if c := collect(t, dir, l); c.Removed[KindContents].Things == 0 {
			t.Errorf("%+v removes %v", l, c.Removed)
		}
		_, err := os.Stat(e.Store.BlobPath(results[old].Outputs["old"].Digest))
		if gone := errors.Is(err, os.ErrNotExist); gone == l.DryRun {
			t.Errorf("%+v: the old content is gone: %v", l, gone)
		}
		if _, err := os.Stat(e.Store.BlobPath(results[fresh].Outputs["fresh"].Digest)); err != nil {
			t.Errorf("%+v: %v", l, err)
		}
	}
}

func TestGCKeepsWhatExportedFilesNeed(t *testing.T) {
	dir, out := t.TempDir(), t.TempDir()
	lock := filepath.Join(t.TempDir(), "mini.lock")
	if err := os.WriteFile(lock, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	e, ran := newEngine(t, dir)
	build := func() *Run {
		user := everyUse("first")
		run := e.NewRun(NewGraph([]*Node{user}))
		if _, err := run.Build(context.Background(), []*Node{user}); err != nil {
			t.Fatal(err)
		}
		if err := run.KeepFor(out, "x.star", lock, []*Artifact{{Node: user, Output: "all"}}); err != nil {
			t.Fatal(err)
		}
		return run
	}
	build()
	ran.take()
	if err := e.Store.Close(); err != nil {
		t.Fatal(err)
	}
	c := collect(t, dir, everything)
	if c.Removed[KindTrees].Things != 1 || c.Needed.Things == 0 || fmt.Sprint(c.Outputs) != fmt.Sprint([]string{out}) {
		t.Errorf("it removed %v and kept %+v for %v", c.Removed, c.Needed, c.Outputs)
	}
	store, err := OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	e.Store, e.Cache, ran.Executor.(*Local).Store = store, store, store
	build()
	if got := ran.take(); got != "" {
		t.Errorf("after gc ran %q", got)
	}
	if err := e.Store.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(lock); err != nil {
		t.Fatal(err)
	}
	if c = collect(t, dir, everything); c.Needed.Things > 0 || c.Removed[KindResults].Things != 3 {
		t.Errorf("without the lock it keeps %+v and removes %v", c.Needed, c.Removed)
	}
}

func TestGCLeavesADownloadThatGoesOn(t *testing.T) {
	dir := t.TempDir()
	s, err := OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	hash := strings.Repeat("ab", 32)
	part := filepath.Join(dir, "tmp", "fetch-"+hash+".part")
	if err := os.WriteFile(part, []byte("half"), 0o644); err != nil {
		t.Fatal(err)
	}
	lock, err := s.Lock(context.Background(), Digest{Hash: hash}, func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	past := time.Now().Add(-2 * partAge)
	if err := os.Chtimes(part, past, past); err != nil {
		t.Fatal(err)
	}
	s.sweep()
	collect(t, dir, everything)
	if _, err := os.Stat(part); err != nil {
		t.Errorf("a download that goes on was removed: %v", err)
	}
	if err := errors.Join(lock.Close(), s.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := InspectStore(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(part); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("nobody went on with it for four weeks, and it is still there: %v", err)
	}
}

// Processes share a cache while gc runs in between: each key is built once for each time that it was there.
func TestManyProcessesAndGC(t *testing.T) { manyProcesses(t, 3, 4, 1) }

func TestSoakManyProcessesAndGC(t *testing.T) {
	soak(t)
	manyProcesses(t, 8, 50, uint64(time.Now().UnixNano()))
}

func manyProcesses(t *testing.T, processes, rounds int, seed uint64) {
	dir := quickDir(t)
	c := child{What: "rounds", Cache: filepath.Join(dir, "cache"), Log: filepath.Join(dir, "log"), Rounds: rounds, Grain: 30 * time.Millisecond}
	type running struct {
		cmd       *exec.Cmd
		out, errs fmt.Stringer
	}
	var all []running
	for i := range processes {
		c.Seed = seed + uint64(i)
		cmd, out, errs := c.command(t)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		all = append(all, running{cmd, out, errs})
	}
	digests := map[string]string{}
	for i, r := range all {
		if err := r.cmd.Wait(); err != nil {
			t.Fatalf("seed %d, process %d: %v\n%s", seed, i, err, r.errs)
		}
		for _, line := range strings.Split(strings.TrimSpace(r.out.String()), "\n") {
			name, digest, _ := strings.Cut(line, " ")
			if old, seen := digests[name]; seen && old != digest {
				t.Errorf("seed %d: %s is %s and %s", seed, name, old, digest)
			}
			digests[name] = digest
		}
	}
	builds, removed := onceEach(t, c.Log, seed)
	nothingDamaged(t, c.Cache, fmt.Sprintf("seed %d", seed)).Close()
	t.Logf("seed %d: %d processes × %d rounds: %d builds, %d things removed in between; each key built once for each time it was there, %d digests equal",
		seed, processes, rounds, builds, removed, len(digests))
}

// onceEach fails if a key was built more often than it, or what it made, was removed.
func onceEach(t *testing.T, log string, seed uint64) (builds, removals int) {
	t.Helper()
	b, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	removed := map[string]int{}
	built := map[string]int{}
	made := map[string][]string{}
	for _, line := range strings.Split(strings.TrimSpace(string(b)), "\n") {
		f := strings.Fields(line)
		if f[0] == "gone" {
			removed[f[1]]++
			removals++
			continue
		}
		built[f[1]]++
		builds++
		made[f[1]] = append(f[2:], f[1])
	}
	for key, n := range built {
		times := 1
		for _, of := range made[key] {
			times += removed[of]
		}
		if n > times {
			t.Errorf("seed %d: %s was built %d times and was gone %d times", seed, key, n, times-1)
		}
	}
	return builds, removals
}

// rounds builds some of a dozen small graphs again and again, and removes what was not used for a moment.
func (c child) rounds(ctx context.Context) error {
	rnd := rand.New(rand.NewPCG(c.Seed, 0))
	for range c.Rounds {
		store, err := openStore(c.Cache, osDisk{}, c.Grain)
		if err != nil {
			return err
		}
		e := childEngine(store)
		e.Executor = &recorded{e.Executor, c.Log}
		var words []string
		for range 1 + rnd.IntN(2) {
			words = append(words, fmt.Sprint("word", rnd.IntN(6)))
		}
		for _, word := range words {
			root := everyUse(word)
			results, err := e.NewRun(NewGraph([]*Node{root})).Build(ctx, []*Node{root})
			if err != nil {
				return err
			}
			for _, r := range results {
				fmt.Println(word, r.Outputs["all"].Digest)
			}
		}
		if rnd.IntN(3) == 0 {
			gc := &Store{dir: c.Cache, disk: &removals{osDisk{}, c.Log}, grain: c.Grain, checked: map[string]bool{}}
			if _, err := gc.Collect(ctx, Limits{OlderThan: 2 * c.Grain, MaxSize: -1}); err != nil {
				return err
			}
		}
		if err := store.Close(); err != nil {
			return err
		}
	}
	return nil
}

// removals is a disk that writes down what gc takes out of the tables. It does so before the thing is gone: a key that is
// built the moment after must find it written.
type removals struct {
	disk
	log string
}

func (d *removals) Rename(from, to string) error {
	if strings.HasPrefix(filepath.Base(to), "gc-") {
		if err := appendLine(d.log, "gone "+filepath.Base(from)); err != nil {
			return err
		}
	}
	return d.disk.Rename(from, to)
}

// A disk of 20 MB fills up, for real.
func TestAFullDisk(t *testing.T) {
	c := child{What: "full", Cache: t.TempDir()}
	cmd, out, errs := c.command(t)
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNS}
	if os.Geteuid() != 0 {
		cmd.SysProcAttr.Cloneflags |= unix.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}}
	}
	if err := cmd.Start(); err != nil {
		t.Skipf("this host allows no mount namespace: %v", err)
	}
	err := cmd.Wait()
	if strings.Contains(errs.String(), "can't mount") {
		t.Skip(errs)
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, errs)
	}
	t.Logf("%s", out)
}

// full fills a small file system with what it builds, until there is no room, makes room by gc, and goes on.
func (c child) full(ctx context.Context) error {
	err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, "") // nothing of this reaches the host
	if err == nil {
		err = unix.Mount("tmpfs", c.Cache, "tmpfs", 0, "size=20m")
	}
	if err != nil {
		return fmt.Errorf("can't mount: %w", err)
	}
	dir := filepath.Join(c.Cache, "cache")
	build := func(i int) error {
		store, err := OpenStore(dir)
		if err != nil {
			return err
		}
		e := childEngine(store)
		e.Executor.(*Local).Sandbox = "off" // the sandbox has mounts of its own, and this is about the disk
		n := shellNode(fmt.Sprint("n", i), fmt.Sprintf("i=0\nwhile [ $i -lt 12 ]; do cat a; i=$((i+1)); done > big\necho %d >> big", i),
			[]string{"big"}, text("a", strings.Repeat(fmt.Sprintf("%07d\n", i), 1<<15)))
		_, err = e.NewRun(NewGraph([]*Node{n})).Build(ctx, []*Node{n})
		return errors.Join(err, store.Close())
	}
	full := 0
	for i := range 20 {
		err := build(i)
		if err == nil {
			continue
		}
		full++
		fmt.Println(i, err)
		if !strings.Contains(err.Error(), "the disk is full") || !strings.Contains(err.Error(), "mini gc") {
			return fmt.Errorf("build %d: the error doesn't say what to do: %w", i, err)
		}
		if err := wholeStoreError(ctx, dir); err != nil {
			return err
		}
		s, err := InspectStore(dir)
		if err != nil {
			return err
		}
		if _, err := s.Collect(ctx, Limits{MaxSize: 8 << 20}); err != nil {
			return fmt.Errorf("gc on a full disk: %w", err)
		}
		if err := build(i); err != nil {
			return fmt.Errorf("build %d after gc: %w", i, err)
		}
	}
	if full == 0 {
		return errors.New("it never got full")
	}
	fmt.Println("full", full, "times")
	return nil
}

// wholeStoreError is wholeStore for a disk that has no room for a run of its own.
func wholeStoreError(ctx context.Context, dir string) error {
	s, err := InspectStore(dir)
	if err != nil {
		return err
	}
	for _, t := range []table{contents, trees, results} {
		hashes, err := s.list(t)
		if err != nil {
			return err
		}
		for _, h := range hashes {
			if err := s.read(ctx, t, h); err != nil {
				return fmt.Errorf("%s %s: %w", t.noun(), h, err)
			}
		}
	}
	return nil
}
