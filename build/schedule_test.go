package build

import (
	"context"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	rex "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
)

// began collects the order in which nodes began and ended.
func began(e *Engine) func() string {
	var mu sync.Mutex
	var list []string
	e.Emit = func(ev Event) {
		mu.Lock()
		defer mu.Unlock()
		if ev.Kind == Started || ev.Kind == Built {
			list = append(list, string(ev.Kind)+" "+ev.Node)
		}
	}
	return func() string {
		mu.Lock()
		defer mu.Unlock()
		return strings.Join(list, ", ")
	}
}

func TestTheLongestPathGoesFirst(t *testing.T) {
	e, _ := newEngine(t, t.TempDir())
	e.Jobs = 1
	path := func(name string, length int) *Node {
		n := shellNode(name+"1", "echo "+name+" > x", []string{"x"})
		for i := 2; i <= length; i++ {
			n = shellNode(name+string(rune('0'+i)), "cat y > x", []string{"x"}, from("y", n, "x", ""))
		}
		return n
	}
	// All begin at once with one slot; whichever comes first, the others are chosen.
	roots := []*Node{path("a", 1), path("b", 4), path("c", 2), path("d", 1), path("e", 3), path("g", 1)}
	e.Store.history().remember(roots[3], past{Elapsed: time.Hour})
	e.Store.history().remember(roots[5], past{Elapsed: 2 * time.Hour})
	roots[5].After = []*Node{path("f", 1)}
	order := began(e)
	s := e.NewRun(NewGraph(roots))
	held, err := s.schedule.Acquire(context.Background(), roots[0], nil) // until all wait
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for waiting := 0; waiting < 7; time.Sleep(time.Millisecond) {
			s.schedule.mu.Lock()
			waiting = len(s.schedule.waiting)
			s.schedule.mu.Unlock()
		}
		s.schedule.Release(held)
	}()
	if _, err := s.Build(context.Background(), roots); err != nil {
		t.Fatal(err)
	}
	if got := order(); !strings.HasPrefix(got, "started f1, built f1, started d1, built d1, started g1, built g1, started b1, built b1, ") {
		t.Errorf("the order was %s", got)
	}
	idle(t, s)
}

// A node that should come after others does so while they keep the processors busy.
func TestAHeldNodeWaitsWhileProcessorsAreBusy(t *testing.T) {
	e, _ := newEngine(t, t.TempDir())
	e.Jobs = 1
	check := shellNode("check", "sleep 0.4\necho > x", []string{"x"})
	check.Tools = append(check.Tools, "sleep")
	second := shellNode("second", "cat y > x", []string{"x"}, from("y", check, "x", ""))
	long := shellNode("long", "echo > x", []string{"x"})
	long.After = []*Node{second}
	order := began(e)
	r := e.NewRun(NewGraph([]*Node{long}))
	r.schedule.patience = 300 * time.Millisecond
	if _, err := r.Build(context.Background(), []*Node{long}); err != nil {
		t.Fatal(err)
	}
	if got := order(); got != "started check, built check, started second, built second, started long, built long" {
		t.Errorf("the order was %s", got)
	}
}

func TestAHeldNodeUsesWhatNobodyElseUses(t *testing.T) {
	one, two, long := makeNode("one", "make", "", ""), makeNode("two", "make", "", ""), shellNode("long", "", nil)
	s := newSchedule(NewGraph([]*Node{one, two, long}), 4, &history{t.TempDir()})
	s.patience = 100 * time.Millisecond
	var slots []*Slot
	acquire := func(n *Node, after <-chan struct{}) {
		t.Helper()
		slot, err := s.Acquire(context.Background(), n, after)
		if err != nil {
			t.Fatal(err)
		}
		slots = append(slots, slot)
	}
	acquire(one, nil)
	acquire(two, nil)
	time.Sleep(2 * s.patience) // both leave their tokens lying
	start := time.Now()
	acquire(long, make(chan struct{})) // what it should come after is never done
	if took := time.Since(start); took < s.patience {
		t.Errorf("it waited only %s: a check would not have been done", took)
	}
	for _, slot := range slots {
		s.Release(slot)
	}

	// A moment's pause of a make that is busy otherwise is not enough.
	slots = nil
	s = newSchedule(NewGraph([]*Node{one, long}), 2, &history{t.TempDir()})
	s.patience = 100 * time.Millisecond
	acquire(one, nil)
	takeToken(slots[0])
	time.AfterFunc(2*s.patience, func() {
		start = time.Now()
		if _, err := slots[0].Files()[1].WriteString("+"); err != nil {
			t.Error(err)
		}
	})
	acquire(long, make(chan struct{}))
	if took := time.Since(start); took < s.patience {
		t.Errorf("it waited only %s for a make to go on", took)
	}
}

// A failing check ends the compilation that began beside it.
// A make that goes from directory to directory never leaves a processor unused for long, and yet for a good part of its time.
func TestAHeldNodeUsesWhatIsUnusedBitByBit(t *testing.T) {
	one, long := makeNode("one", "make", "", ""), shellNode("long", "", nil)
	for name, test := range map[string]struct {
		used, unused time.Duration
		begins       bool
	}{
		"half of the time": {50 * time.Millisecond, 50 * time.Millisecond, true},
		"now and then":     {300 * time.Millisecond, time.Millisecond, false},
	} {
		s := newSchedule(NewGraph([]*Node{one, long}), 2, &history{t.TempDir()})
		s.patience = 400 * time.Millisecond
		slot, err := s.Acquire(context.Background(), one, nil)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		if test.begins {
			cancel()
			ctx, cancel = context.WithTimeout(context.Background(), time.Minute)
		}
		began := make(chan error)
		go func() {
			held, err := s.Acquire(ctx, long, make(chan struct{}))
			if err == nil {
				s.Release(held)
			}
			began <- err
		}()
		for done := false; !done; {
			if s.tryTake(slot) {
				time.Sleep(test.used)
				if _, err := slot.Files()[1].WriteString("+"); err != nil {
					t.Fatal(err)
				}
			}
			select {
			case err = <-began:
				done = true
			case <-time.After(test.unused):
			}
		}
		if (err == nil) != test.begins {
			t.Errorf("%s: %v", name, err)
		}
		cancel()
		s.Release(slot)
	}
}

// tryTake takes a token as the slot's make would, if one lies there.
func (s *schedule) tryTake(slot *Slot) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if slot.tokens.lying() == 0 {
		return false
	}
	_, err := slot.Files()[0].Read(make([]byte, 1))
	return err == nil
}

func TestAFailureEndsWhatElseRuns(t *testing.T) {
	e, _ := newEngine(t, t.TempDir())
	bad := shellNode("bad", "sleep 0.1\ncat missing", []string{"x"})
	long := shellNode("long", "sleep 1000", []string{"x"})
	for _, n := range []*Node{bad, long} {
		n.Tools = append(n.Tools, "sleep")
	}
	both := shellNode("both", "cat a b > x", []string{"x"}, from("a", long, "x", ""), from("b", bad, "x", ""))
	r := e.NewRun(NewGraph([]*Node{both}))
	_, err := r.Build(context.Background(), []*Node{both})
	if err == nil || !strings.Contains(err.Error(), "cat missing") {
		t.Errorf("got %v", err)
	}
	leftovers(t, e)
	idle(t, r)
}

func TestWithoutMemoryNothingElseBegins(t *testing.T) {
	one, two := shellNode("one", "", nil), shellNode("two", "", nil)
	h := &history{t.TempDir()}
	h.remember(two, past{Peak: 1 << 30, Elapsed: time.Second, CPU: 1500 * time.Millisecond})
	s := newSchedule(NewGraph([]*Node{one, two}), 2, h)
	var mu sync.Mutex
	bytes := int64(0)
	s.available = func() (int64, bool) {
		mu.Lock()
		defer mu.Unlock()
		return bytes, true
	}
	set := func(n int64) {
		mu.Lock()
		bytes = n
		mu.Unlock()
	}
	acquire := func(n *Node) *Slot {
		t.Helper()
		slot, err := s.Acquire(context.Background(), n, nil)
		if err != nil {
			t.Fatal(err)
		}
		return slot
	}
	first := acquire(one) // although there is no memory: nothing runs that could give any back
	// What began a moment ago counts as if it had grown already.
	for n, want := range map[int64]bool{0: false, 2 << 30: false, 2<<30 + 256<<20: true} {
		set(n)
		s.mu.Lock()
		if got := s.fits(&Slot{need: h.of(two).memory()}); got != want {
			t.Errorf("with %d bytes: %v", n, got)
		}
		s.mu.Unlock()
	}
	set(0)
	go func() {
		for waiting := 0; waiting < 1; time.Sleep(time.Millisecond) {
			s.mu.Lock()
			waiting = len(s.waiting)
			s.mu.Unlock()
		}
		s.Release(first)
	}()
	second := acquire(two)
	if s.free != 1 {
		t.Error("two began beside one")
	}
	// Memory that others give back is seen although nothing happens here.
	time.AfterFunc(50*time.Millisecond, func() { set(8 << 30) })
	s.Release(acquire(one))
	s.Release(second)
}

func TestAvailableMemoryIsRead(t *testing.T) {
	if n, ok := parseAvailable("MemTotal:  9 kB\nMemAvailable:   24244 kB\nX: 1\n"); n != 24244<<10 || !ok {
		t.Error(n, ok)
	}
	if n, ok := parseAvailable("MemTotal:  9 kB\n"); ok {
		t.Error(n, "is known")
	}
	if n, ok := AvailableMemory(); !ok || n <= 0 {
		t.Error(n, ok)
	}
}

func TestAcquireEndsWithItsContext(t *testing.T) {
	n := shellNode("n", "", nil)
	s := newSchedule(NewGraph([]*Node{n}), 1, &history{t.TempDir()})
	slot, err := s.Acquire(context.Background(), n, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errStopped)
	if _, err := s.Acquire(ctx, n, nil); err != errStopped {
		t.Error(err)
	}
	s.Release(slot)
	if s.free != 1 || len(s.waiting) != 0 {
		t.Error(s.free, s.waiting)
	}
}

// What a node should come after fails, and ends it by that: the node must not take the end for a leave to begin. Which of the two it
// notices first is chance.
func TestANodeThatIsEndedDoesNotBegin(t *testing.T) {
	n := shellNode("n", "", nil)
	s := newSchedule(NewGraph([]*Node{n}), 1, &history{t.TempDir()})
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errStopped)
	after := make(chan struct{})
	close(after)
	for range 50 {
		if slot, err := s.Acquire(ctx, n, after); err != errStopped {
			s.Release(slot)
			t.Fatalf("it began: %v", err)
		}
	}
}

// Who overtakes what it should come after is not done before that is.
func TestAnOvertakingNodeFailsWithWhatItOvertook(t *testing.T) {
	e, ran := newEngine(t, t.TempDir())
	e.Jobs = 2
	bad := shellNode("bad", "sleep 0.8\ncat missing", []string{"x"})
	bad.Tools = append(bad.Tools, "sleep")
	quick := shellNode("quick", "echo > x", []string{"x"})
	quick.After = []*Node{bad}
	r := e.NewRun(NewGraph([]*Node{quick}))
	r.schedule.patience = 100 * time.Millisecond
	if _, err := r.Build(context.Background(), []*Node{quick}); err == nil || !strings.Contains(err.Error(), "cat missing") {
		t.Errorf("got %v", err)
	}
	if got := ran.take(); got != "bad quick" {
		t.Errorf("ran %q", got)
	}
	idle(t, r)
}

// Where several sets are made side by side, what one of them has wrong ends only what nobody else needs.
func TestAFailingCheckEndsItsOwnNodeOnly(t *testing.T) {
	e, _ := newEngine(t, t.TempDir())
	e.Jobs = 3
	source := shellNode("source", "echo > x", []string{"x"})
	bad := shellNode("bad", "cat missing", []string{"x"})
	long := shellNode("long", "sleep 1000", []string{"x"})
	long.Tools = append(long.Tools, "sleep")
	one := shellNode("one", "cat y > x", []string{"x"}, from("y", source, "x", ""))
	long.After, one.After = []*Node{bad}, []*Node{bad}
	two := shellNode("two", "cat z > x", []string{"x"}, from("z", source, "x", ""))
	gone := mustBuild(t, e, source)[source].Outputs["x"].Digest
	if err := os.Remove(e.Store.BlobPath(gone)); err != nil {
		t.Fatal(err)
	}
	// The check fails while the source is being made.
	begun, failed := make(chan struct{}), make(chan struct{})
	begin, fail := sync.OnceFunc(func() { close(begun) }), sync.OnceFunc(func() { close(failed) })
	run := e.Executor
	e.Executor = executorFunc(func(ctx context.Context, job Job) (*rex.ActionResult, error) {
		switch job.ID {
		case "source":
			begin()
			<-failed
		case "bad":
			<-begun
		}
		return run.Execute(ctx, job)
	})
	e.Emit = func(ev Event) {
		if ev.Kind == Failed && ev.Node == "bad" {
			fail()
		}
	}
	r := e.NewRun(NewGraph([]*Node{one, two, long}))
	r.schedule.patience = 100 * time.Millisecond
	var wg sync.WaitGroup
	wg.Go(func() {
		_, errs := r.BuildEach(context.Background(), []*Node{one}, []*Node{long})
		for _, err := range errs {
			if err == nil || !strings.Contains(err.Error(), "cat missing") {
				t.Errorf("got %v", err)
			}
		}
	})
	<-begun // for one, and it is made for two as well
	if results, errs := r.BuildEach(context.Background(), []*Node{two}); results[two] == nil {
		t.Error(errs)
	}
	wg.Wait()
	idle(t, r)
}

// executorFunc is an Executor that is a function.
type executorFunc func(context.Context, Job) (*rex.ActionResult, error)

func (f executorFunc) Execute(ctx context.Context, job Job) (*rex.ActionResult, error) {
	return f(ctx, job)
}
