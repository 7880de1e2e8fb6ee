package build

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"mini/internal/sandbox"

	"golang.org/x/sys/unix"
)

// makeNode runs a real make. Its compiler is a shell script.
func makeNode(name, steps, makefile, compiler string) *Node {
	n := shellNode(name, steps, []string{"out"}, text("Makefile", makefile), text("cc.sh", compiler))
	n.Tools = append(n.Tools, "make", "sh", "date", "sleep", "ls", "wc", "rm")
	return n
}

// compiles is a makefile with so many programs to compile, below a make of its own as kernels have it.
func compiles(n int) string {
	return fmt.Sprintf("all:\n\t@$(MAKE) --no-print-directory programs\nlist = $(addprefix p,$(shell i=0; while [ $$i -lt %d ]; do echo $$i; i=$$((i+1)); done))\nprograms: $(list)\n$(list):\n\t@sh cc.sh $@\n", n)
}

// clocked notes when it began and ended, in nanoseconds. What it notes lies within what it took.
func clocked(pause string) string {
	return "b=$(date +%s%N)\nsleep " + pause + "\necho $b $(date +%s%N) >> out\n"
}

// wholly runs a try that tells how many compilers ran at once. There must never be more than jobs, and that many must be
// seen: where processes begin slowly, as on a busy machine, with compilers that take longer.
func wholly(t *testing.T, jobs int, try func(compiler string) (atOnce int)) {
	t.Helper()
	for _, pause := range []string{"0.03", "0.1", "0.5"} {
		got := try(clocked(pause))
		if got == jobs {
			return
		}
		t.Logf("up to %d compilers ran at once, with -j%d and %s s for each", got, jobs, pause)
		if got > jobs || t.Failed() {
			break
		}
	}
	t.Error("the processors were not shared as they should be")
}

// overlap returns the largest number of intervals, one a line, that have a moment in common.
func overlap(t *testing.T, lines string) int {
	t.Helper()
	type edge struct{ at, by int64 }
	var edges []edge
	for line := range strings.Lines(lines) {
		f := strings.Fields(line)
		for i, by := range []int64{1, -1} {
			at, err := strconv.ParseInt(f[i], 10, 64)
			if err != nil || len(f) != 2 {
				t.Fatalf("%q: %v", line, err)
			}
			edges = append(edges, edge{at, by})
		}
	}
	slices.SortFunc(edges, func(a, b edge) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.by, b.by)) })
	var now, most int64
	for _, e := range edges {
		now += e.by
		most = max(most, now)
	}
	return int(most)
}

// idle fails if the budget of a run that is over isn't whole.
func idle(t *testing.T, r *Run) {
	t.Helper()
	s := r.schedule
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.free != s.slots || len(s.running)+len(s.waiting) != 0 {
		t.Errorf("%d of %d slots are free at the end; %d run, %d wait", s.free, s.slots, len(s.running), len(s.waiting))
	}
}

// openFiles counts our descriptors.
func openFiles(t *testing.T) int {
	t.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

func TestTwoMakesShareTheProcessors(t *testing.T) {
	for _, c := range []struct {
		mode  sandbox.Mode
		jobs  int
		first string // a step before make
	}{
		{sandbox.Auto, 4, "echo"},
		{sandbox.Off, 3, "echo"},
		{sandbox.Auto, 1, "echo"},
		// A token that nobody lent is worth nothing.
		{sandbox.Auto, 3, "echo ++++++++ >&4"},
	} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			wholly(t, c.jobs, func(compiler string) int {
				e, run := newEngine(t, t.TempDir())
				e.Jobs = c.jobs
				run.Executor.(*Local).Sandbox = c.mode
				var roots []*Node
				for _, name := range []string{"a", "b"} {
					roots = append(roots, makeNode(name, c.first+"\nmake", compiles(12), "# "+name+"\n"+compiler)) // two actions, not one
				}
				before := openFiles(t)
				r := e.NewRun(NewGraph(roots))
				results, err := r.Build(context.Background(), roots)
				if err != nil {
					t.Fatal(err)
				}
				all := ""
				for _, n := range roots {
					all += readOutput(t, e, results[n], &Artifact{Node: n, Output: "out"})
					log, err := os.ReadFile(e.Store.LogPath(results[n].Action.Digest))
					if err != nil || strings.Contains(string(log), "warning") {
						t.Errorf("%v, make says: %s", err, log)
					}
				}
				if n := strings.Count(all, "\n"); n != 24 {
					t.Errorf("%d of 24 programs were compiled", n)
				}
				idle(t, r)
				if after := openFiles(t); after > before {
					t.Errorf("%d descriptors before, %d after", before, after)
				}
				return overlap(t, all)
			})
		})
	}
}

// A make that is killed gives nothing back. The other one must get all that it had, and it gets that only when nothing
// of it runs any more.
func TestAKilledMakeTakesNoTokensAlong(t *testing.T) {
	e, _ := newEngine(t, t.TempDir())
	e.Jobs = 4
	killed := makeNode("killed", "make & make=$!\nuntil [ $(ls began.* 2>/dev/null | wc -l) -ge 2 ]\ndo sleep 0.01\ndone\nkill -9 $make\necho > out",
		compiles(9), "echo > began.$1\nsleep 1000\n")
	// Each tries for a moment to be one of four; when one was, the rest is done at once.
	other := makeNode("other", "make", compiles(60), `
[ -e out ] && exit
echo > now.$1
i=0
until [ -e out ] || [ $i -ge 20 ]; do
	[ $(ls now.* | wc -l) -ge 4 ] && echo > out
	sleep 0.05
	i=$((i + 1))
done
rm now.$1
`)
	e.Store.history().remember(killed, past{Elapsed: time.Hour}) // or the other one might be lent all
	roots := []*Node{killed, other}
	r := e.NewRun(NewGraph(roots))
	if _, err := r.Build(context.Background(), roots); err != nil {
		t.Fatal(err) // above all: that out was never made
	}
	idle(t, r)
}

func TestWhatAFailedOrEndedMakeHadComesBack(t *testing.T) {
	for name, steps := range map[string]string{
		"failed": "make",
		"ended":  "make & until [ -e began.p3 ]; do sleep 0.01; done; exit 7",
	} {
		t.Run(name, func(t *testing.T) {
			e, _ := newEngine(t, t.TempDir())
			e.Jobs = 4
			n := makeNode("n", steps, compiles(9), "echo > began.$1\n[ $1 = p3 ] && exit 1\nsleep 1000\n")
			if name == "failed" {
				n.Inputs[1].Data = []byte("[ $1 = p3 ] && exit 1\nsleep 0.1\n")
			}
			roots := []*Node{n}
			r := e.NewRun(NewGraph(roots))
			if _, err := r.Build(context.Background(), roots); err == nil {
				t.Error("it did not fail")
			}
			idle(t, r)
		})
	}
}

// takeToken is what a make does that wants one more job.
func takeToken(slot *Slot) {
	for b := make([]byte, 1); ; {
		if n, _ := slot.Files()[0].Read(b); n == 1 {
			return
		}
	}
}

func TestTokensThatLieGoToWhoTakesThem(t *testing.T) {
	one, two := makeNode("one", "make", "", ""), makeNode("two", "make", "", "")
	s := newSchedule(NewGraph([]*Node{one, two}), 8, &history{t.TempDir()})
	var slots []*Slot
	for _, n := range []*Node{one, two} {
		slot, err := s.Acquire(context.Background(), n, nil)
		if err != nil {
			t.Fatal(err)
		}
		slots = append(slots, slot)
	}
	for range 6 { // all that the two have not, although some were lent to the first
		takeToken(slots[1])
	}
	// A node that comes gets the first that comes back, before any make.
	back := make(chan *Slot)
	go func() {
		slot, err := s.Acquire(context.Background(), shellNode("three", "", nil), nil)
		if err != nil {
			t.Error(err)
		}
		back <- slot
	}()
	for waiting := 0; waiting < 1; time.Sleep(time.Millisecond) {
		s.mu.Lock()
		waiting = len(s.waiting)
		s.mu.Unlock()
	}
	if _, err := slots[1].Files()[1].WriteString("+"); err != nil {
		t.Fatal(err)
	}
	slots = append(slots, <-back)
	s.mu.Lock()
	lying := s.spare()
	s.mu.Unlock()
	if lying != 0 {
		t.Errorf("%d slots are unused", lying)
	}
	for _, slot := range slots {
		s.Release(slot)
	}
	if s.free != 8 {
		t.Errorf("%d of 8 slots are free at the end", s.free)
	}
}

// Nobody gains by giving back what it never had, nor by giving back what it has not taken.
func TestOnlyTakenTokensComeBack(t *testing.T) {
	j, err := newJobserver()
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		j.lend()
	}
	b := make([]byte, 1)
	if _, err := j.take.Read(b); err != nil {
		t.Fatal(err)
	}
	if n := j.returned(5); n != 1 {
		t.Errorf("of five that came back %d were believed; one was taken", n)
	}
	if n := j.recall(9); n != 2 {
		t.Errorf("%d were recalled of two", n)
	}
	if n := j.returned(1); n != 0 {
		t.Errorf("%d came back of none", n)
	}
	// If a make was quicker, recall must not wait; and a make must not find its end changed by that.
	if n, err := unix.Read(j.again, b); err != unix.EAGAIN {
		t.Errorf("reading the empty pipe: %d, %v", n, err)
	}
	if flags, err := unix.FcntlInt(j.take.Fd(), unix.F_GETFL, 0); err != nil || flags&unix.O_NONBLOCK != 0 {
		t.Errorf("the node's end has flags %#x, %v", flags, err)
	}
	j.lend()
	if lost := j.close(); lost != 1 {
		t.Errorf("%d never came back", lost)
	}
}

// A step says nothing of jobs, so a transcript has to.
func TestATranscriptsMakesRunJobs(t *testing.T) {
	wholly(t, 3, func(compiler string) int {
		n := makeNode("a", "make", compiles(12), compiler)
		dir := t.TempDir()
		cmd := exec.Command("sh", "-c", Transcript(NewGraph([]*Node{n})))
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "MAKEFLAGS=-j3")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		notes, err := os.ReadFile(filepath.Join(dir, "a", "out"))
		if err != nil {
			t.Fatal(err)
		}
		return overlap(t, string(notes))
	})
	text := Transcript(NewGraph([]*Node{makeNode("a", "make", compiles(12), clocked("0"))}))
	if !strings.Contains(text, `export MAKEFLAGS="${MAKEFLAGS--j$(nproc)}"`) {
		t.Errorf("without a wish, it does not use all processors:\n%s", text)
	}
}
