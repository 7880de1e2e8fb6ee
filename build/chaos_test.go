package build

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A mini that is killed at a random moment leaves no process and nothing wrong behind, and the next one ends as if
// nothing had been.
func TestKilledAtRandomMoments(t *testing.T) { killRandomly(t, 2, 1) }

func TestSoakKilledAtRandomMoments(t *testing.T) {
	soak(t)
	killRandomly(t, 300, uint64(time.Now().UnixNano()))
}

func killRandomly(t *testing.T, n int, seed uint64) {
	adoptOrphans(t)
	rnd := rand.New(rand.NewPCG(seed, 0))
	c := child{What: "real", Source: realSource(t)}
	c.Cache = filepath.Join(quickDir(t), "cache")
	start := time.Now()
	want := c.mustRun(t)
	took := time.Since(start)
	killed, late := 0, 0
	for i := 0; killed < n; i++ {
		c.Cache = filepath.Join(quickDir(t), "cache")
		// Up to three kills before it may end: what the first one left is what the second one finds.
		for range 1 + rnd.IntN(3) {
			cmd, _, _ := c.command(t)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Duration(rnd.Int64N(int64(took * 3 / 4))))
			_ = cmd.Process.Kill()
			if err := cmd.Wait(); err == nil {
				late++ // it was quicker
			} else {
				killed++
			}
			noOrphans(t, fmt.Sprintf("seed %d, cache %d", seed, i))
		}
		afterKill(t, c, want, fmt.Sprintf("seed %d, cache %d", seed, i))
	}
	t.Logf("seed %d: %d kills (%d more came too late): 0 corrupt, 0 processes left, all digests equal", seed, killed, late)
}

// Killed before each rename, each sync and everything else that the store does.
func TestKilledAtAnOperationOfTheStore(t *testing.T) { killAtOperations(t, "small", "", 29) }

func TestSoakKilledAtEachOperationOfTheStore(t *testing.T) {
	soak(t)
	killAtOperations(t, "small", "", 1)
	killAtOperations(t, "real", "rename sync syncfs", 1)
}

func killAtOperations(t *testing.T, what, only string, stride int) {
	adoptOrphans(t)
	c := child{What: what, Source: realSource(t), KillOnly: only, CountOps: true}
	c.Cache = filepath.Join(quickDir(t), "cache")
	want, count, _ := strings.Cut(c.mustRun(t), "operations ")
	total, err := strconv.Atoi(strings.TrimSpace(count))
	if err != nil {
		t.Fatal(err)
	}
	c.CountOps = false
	killed := 0
	for at := 1; at <= total; at += stride {
		c.Cache, c.KillAt = filepath.Join(quickDir(t), "cache"), at
		cmd, _, errs := c.command(t)
		err := cmd.Run()
		if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
			killed++
		} else if err != nil { // nodes run side by side, so the last operations may not come to be
			t.Fatalf("operation %d: %v\n%s", at, err, errs)
		}
		when := fmt.Sprintf("killed at operation %d of %d", at, total)
		noOrphans(t, when)
		c.KillAt = 0
		afterKill(t, c, want, when)
	}
	t.Logf("%s build, killed %d times, at every %d. operation (%s) of about %d: 0 corrupt, all digests equal", what, killed, stride, only, total)
}

// afterKill makes sure that a cache is as it should be whatever happened to who used it: all that is published is whole, and
// the next run ends as one does that nobody killed.
func afterKill(t *testing.T, c child, want, when string) {
	t.Helper()
	wholeStore(t, c.Cache, when)
	if got := c.mustRun(t); got != want {
		t.Fatalf("%s: the next run made\n%swant\n%s", when, got, want)
	}
	for _, dir := range []string{"tmp", "running", "damaged"} {
		left, err := readDirNames(filepath.Join(c.Cache, dir))
		if err != nil || len(left) > 0 {
			t.Fatalf("%s: left in %s: %v, %v", when, dir, left, err)
		}
	}
	if err := os.RemoveAll(c.Cache); err != nil {
		t.Fatal(err)
	}
}

// wholeStore fails if anything that is published in a cache is damaged, or a result names what is not there.
func wholeStore(t *testing.T, dir, when string) {
	t.Helper()
	ctx := context.Background()
	s := nothingDamaged(t, dir, when)
	defer s.Close()
	hashes, err := s.list(results)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range hashes {
		r, err := s.Result(ctx, Digest{Hash: h})
		if err != nil || r == nil {
			t.Fatalf("%s: result %s: %v", when, h, err)
		}
		for _, o := range newResult(nil, r).Outputs {
			if ok, err := s.Has(ctx, o); err != nil || !ok {
				t.Fatalf("%s: result %s names %v, which is not there: %v", when, h, o.Digest, err)
			}
		}
	}
}

func nothingDamaged(t *testing.T, dir, when string) *Store {
	t.Helper()
	s, err := OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	if v, err := s.Verify(context.Background(), nil); err != nil || len(v.Damaged) > 0 {
		t.Fatalf("%s: damaged: %q, %v", when, v.Damaged, err)
	}
	return s
}

// quickDir is a directory in memory, where there is one: syncing takes no time there, and what is tested is not whether the
// disk keeps its word.
func quickDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "mini-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// adoptOrphans makes this process the parent of processes that lose theirs, so that noOrphans sees them.
func adoptOrphans(t *testing.T) {
	t.Helper()
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { _ = unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0) })
}

// noOrphans fails if processes are still there that this one did not start. They get a moment: the kernel ends the inside
// of a sandbox when its init ends, and that takes until each is scheduled.
func noOrphans(t *testing.T, when string) {
	t.Helper()
	var left []string
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if left = children(t); len(left) == 0 {
			return
		}
	}
	t.Fatalf("%s: processes left: %v", when, left)
}

// children lists the processes whose parent is this one, and buries the dead.
func children(t *testing.T) (alive []string) {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range stats {
		b, err := os.ReadFile(path)
		if err != nil {
			continue // it ended
		}
		end := strings.LastIndexByte(string(b), ')') // pid (comm) state ppid …, and comm may hold anything
		fields := strings.Fields(string(b[end+1:]))
		if len(fields) < 2 || fields[1] != strconv.Itoa(os.Getpid()) {
			continue
		}
		if fields[0] == "Z" {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
			_, _ = syscall.Wait4(pid, nil, syscall.WNOHANG, nil)
			continue
		}
		alive = append(alive, string(b[:end+1]))
	}
	return alive
}

// Each operation of the store fails once, in each way: nothing wrong is published, and the error says what failed and, of a
// full disk, what to do.
func TestAFailingDisk(t *testing.T) { failOperations(t, 41) }

func TestSoakAFailingDisk(t *testing.T) {
	soak(t)
	failOperations(t, 1)
}

func failOperations(t *testing.T, stride int) {
	run := func(dir string, fault *failAt) (string, error) {
		store, err := openStore(dir, &faulty{osDisk{}, fault.before}, useGrain)
		if err != nil {
			return "", err
		}
		defer store.Close()
		e := childEngine(store)
		user := everyUse("first")
		results, err := e.NewRun(NewGraph([]*Node{user})).Build(context.Background(), []*Node{user})
		if err != nil {
			return "", err
		}
		var out strings.Builder
		printOutputs(&out, results)
		return out.String(), nil
	}
	count := &failAt{}
	want, err := run(filepath.Join(quickDir(t), "cache"), count)
	if err != nil {
		t.Fatal(err)
	}
	tried, failed := 0, 0
	for _, errno := range []syscall.Errno{unix.ENOSPC, unix.EIO} {
		for at := 1; at <= count.count; at += stride {
			dir := filepath.Join(quickDir(t), "cache")
			fault := &failAt{at: at, err: errno}
			got, err := run(dir, fault)
			when := fmt.Sprintf("%v at operation %d of %d (%s)", errno, at, count.count, fault.hit)
			tried++
			switch {
			case err == nil && got != want:
				t.Fatalf("%s: made\n%s, want\n%s", when, got, want)
			case err != nil:
				failed++
				clearError(t, err, errno, dir, when)
			}
			if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
				continue // it could not even be made
			}
			wholeStore(t, dir, when)
			if got, err := run(dir, &failAt{}); err != nil || got != want {
				t.Fatalf("%s: the next run made\n%s%v", when, got, err)
			}
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Logf("%d operations failed (every %d. of %d, ENOSPC with short writes, and EIO): %d runs ended with an error, %d went well all the same; 0 corrupt",
		tried, stride, count.count, failed, tried-failed)
}

// clearError fails if an error of the disk doesn't say what, where, and what to do.
func clearError(t *testing.T, err error, errno syscall.Errno, dir, when string) {
	t.Helper()
	text := err.Error()
	if !errors.Is(err, errno) || !strings.Contains(text, dir) {
		t.Errorf("%s: the error is not clear: %v", when, err)
	}
	if errno == unix.ENOSPC && (!strings.Contains(text, "the disk is full") || !strings.Contains(text, "mini gc")) {
		t.Errorf("%s: the error doesn't say what to do: %v", when, err)
	}
}
