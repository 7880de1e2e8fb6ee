package build

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
)

// readTrace parses a trace as a viewer does, and fails where one would complain.
func readTrace(t *testing.T, tr *Trace) []traceEvent {
	t.Helper()
	var b bytes.Buffer
	if err := tr.WriteChrome(&b); err != nil {
		t.Fatal(err)
	}
	var file struct {
		TraceEvents     []traceEvent `json:"traceEvents"`
		DisplayTimeUnit string       `json:"displayTimeUnit"`
	}
	d := json.NewDecoder(&b)
	d.DisallowUnknownFields()
	if err := d.Decode(&file); err != nil {
		t.Fatal(err)
	}
	for _, e := range file.TraceEvents {
		if e.Phase == "" || e.Time < 0 || e.PID == 0 || e.Phase == "X" && (e.Dur == nil || *e.Dur < 0 || e.TID == 0) {
			t.Errorf("no viewer takes %+v", e)
		}
	}
	return file.TraceEvents
}

// slices returns the slices of a category, and fails if two on one row overlap without the one lying in the other.
func slicesOf(t *testing.T, events []traceEvent, cat string) []traceEvent {
	t.Helper()
	var list []traceEvent
	for i, e := range events {
		if e.Phase != "X" {
			continue
		}
		if strings.Split(e.Cat, ",")[0] == cat {
			list = append(list, e)
		}
		for _, o := range events[:i] {
			if o.Phase == "X" && o.TID == e.TID && o.Time < e.Time && e.Time < o.Time+*o.Dur && o.Time+*o.Dur < e.Time+*e.Dur {
				t.Errorf("%s and %s overlap on row %d", o.Name, e.Name, e.TID)
			}
		}
	}
	return list
}

func TestATraceShowsWhatRan(t *testing.T) {
	e, _ := newEngine(t, t.TempDir())
	e.Jobs = 2
	hit := shellNode("hit", "echo hit > x", []string{"x"})
	mustBuild(t, e, hit)

	busy := shellNode("busy", "sh busy.sh\necho > x", []string{"x"}, text("busy.sh", "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done"))
	side := shellNode("side", "cat y > x", []string{"x"}, from("y", hit, "x", ""))
	last := shellNode("last", "cat y z > x\necho more", []string{"x"}, from("y", busy, "x", ""), from("z", side, "x", ""))
	g := NewGraph([]*Node{last})
	tr := NewTrace(g)
	used := map[string]Usage{}
	e.Emit = func(ev Event) {
		tr.Event(ev)
		if ev.Kind == Built {
			used[ev.Node] = ev.Usage
		}
	}
	if _, err := e.NewRun(g).Build(context.Background(), []*Node{last}); err != nil {
		t.Fatal(err)
	}
	events := readTrace(t, tr)
	nodes := slicesOf(t, events, "node")
	if len(nodes) != 3 {
		t.Fatalf("%d nodes are shown", len(nodes))
	}
	// The counter's area is the processor time, but for the rounding of moments.
	var area, cpu float64
	var value float64
	var at int64
	for _, ev := range events {
		if ev.Phase == "C" && ev.Name == "processors in use" {
			area += value * float64(ev.Time-at)
			value, at = ev.Args["value"].(float64), ev.Time
		}
	}
	for _, n := range nodes {
		id := n.Args["node"].(string)
		if u := used[id]; u.CPU() <= 0 || u.Peak < 1<<20 {
			t.Errorf("%s took %+v", id, u)
		}
		for _, name := range []string{"user_s", "system_s", "processors", "peak_bytes", "waited_s", "log", "pos"} {
			if _, ok := n.Args[name]; !ok {
				t.Errorf("%s has no %s", id, name)
			}
		}
		cpu += float64(used[id].CPU()) / 1e3
	}
	if value != 0 || math.Abs(area-cpu) > cpu/100+float64(3*len(nodes)) {
		t.Errorf("the counter's area is %.0f µs and ends at %v; the nodes took %.0f µs", area, value, cpu)
	}
	// Steps fill their node to its end, and none is longer.
	steps := slicesOf(t, events, "step")
	for _, n := range nodes {
		var sum, end int64
		for _, s := range steps {
			if s.TID == n.TID && s.Time >= n.Time && s.Time <= n.Time+*n.Dur {
				sum += *s.Dur
				end = max(end, s.Time+*s.Dur)
			}
		}
		if sum > *n.Dur || end != n.Time+*n.Dur {
			t.Errorf("%s takes %d µs and its steps %d; it ends at %d and they at %d", n.Name, *n.Dur, sum, n.Time+*n.Dur, end)
		}
	}
	var critical []string
	for _, s := range slicesOf(t, events, "critical") {
		if s.Name != "(waiting)" {
			critical = append(critical, s.Name)
		}
	}
	if got := strings.Join(critical, " "); got != "busy last" {
		t.Errorf("the critical path is %s", got)
	}
	hits := 0
	for _, ev := range events {
		if ev.Phase == "i" && ev.Cat == "hit" && ev.Name == "hit" {
			hits++
		}
	}
	if hits != 1 {
		t.Errorf("%d hits are shown", hits)
	}
}

// at makes events of one moment after the other.
func at(tr *Trace, second int, node string, kind EventKind) {
	tr.Event(Event{Kind: kind, Node: node, Title: node, Time: tr.begin.Add(time.Duration(second) * time.Second)})
}

func TestTheCriticalPathIsWhatTheEndWaitedFor(t *testing.T) {
	a, b := shellNode("a", "", nil), shellNode("b", "", nil)
	cached := shellNode("cached", "", nil, from("x", b, "x", "")) // known only after b, and there already
	for range 50 {                                                // as is much else, by more ways than can be gone
		cached = shellNode("cached", "", nil, from("x", cached, "x", ""), from("y", cached, "x", ""))
	}
	c := shellNode("c", "", nil, from("x", a, "x", ""), from("y", cached, "x", ""))
	check := shellNode("check", "", nil) // c overtook it
	c.After = []*Node{check}
	other := shellNode("other", "", nil)
	tr := NewTrace(NewGraph([]*Node{c, other}))
	for i, n := range []string{"a", "b", "other"} {
		at(tr, i, n, Started)
	}
	at(tr, 3, "a", Built)
	at(tr, 4, "other", Built)
	at(tr, 5, "b", Built)
	at(tr, 5, "cached", Hit)
	at(tr, 7, "check", Started)
	at(tr, 8, "c", Started)
	at(tr, 9, "check", Built)
	at(tr, 20, "c", Built)
	path, whole := tr.CriticalPath()
	if whole != 20*time.Second || len(path) != 2 {
		t.Fatal(path, whole)
	}
	if l := path[0]; l.Node != b || l.Waited != time.Second || l.Elapsed != 4*time.Second {
		t.Errorf("first comes %v", l)
	}
	if l := path[1]; l.Node != c || l.Waited != 3*time.Second || l.Elapsed != 12*time.Second {
		t.Errorf("then %v", l)
	}
	sum := time.Duration(0)
	for _, l := range path {
		sum += l.Waited + l.Elapsed
	}
	if sum != whole {
		t.Errorf("the parts are %s, the whole %s", sum, whole)
	}
}

func TestATraceOfALoopStaysSmall(t *testing.T) {
	tr := NewTrace(NewGraph([]*Node{shellNode("a", "", nil)}))
	at(tr, 0, "a", Started)
	for range 100000 {
		at(tr, 1, "a", Step)
	}
	at(tr, 2, "a", Storing)
	at(tr, 3, "a", Built)
	steps := slicesOf(t, readTrace(t, tr), "step")
	if last := steps[len(steps)-1]; len(steps) > maxParts+1 || last.Time != 2e6 || *last.Dur != 1e6 {
		t.Errorf("%d steps, the last %+v", len(steps), last)
	}
}

// A build that was interrupted or failed leaves a timeline too.
func TestATraceOfAnEndedBuild(t *testing.T) {
	tr := NewTrace(NewGraph([]*Node{shellNode("a", "", nil), shellNode("b", "", nil), shellNode("c", "", nil)}))
	at(tr, 0, "a", Started)
	at(tr, 0, "b", Started)
	at(tr, 0, "b", Failed)
	at(tr, 0, "c", Started) // on the row that b left
	rows := map[string]int{}
	for _, n := range slicesOf(t, readTrace(t, tr), "node") {
		rows[n.Name] = n.TID
		want := map[string]string{"a": "ended before it was done", "b": "failed", "c": "ended before it was done"}[n.Name]
		if n.Args["outcome"] != want {
			t.Errorf("%s: %v", n.Name, n.Args["outcome"])
		}
	}
	if rows["b"] != rows["c"] || rows["a"] == rows["b"] {
		t.Errorf("they are on rows %v", rows)
	}
}

// Spans are what was made, with what the end waited for; what was there and what did not end is not among them.
func TestSpans(t *testing.T) {
	a, b, c := &Node{Name: "a", Title: "A"}, &Node{Name: "b", Title: "B"}, &Node{Name: "c", Title: "C"}
	b.Inputs = []Input{{Path: "a", From: &Artifact{Node: a, Output: "x"}}}
	tr := NewTrace(NewGraph([]*Node{b, c}))
	at := func(s int) time.Time { return tr.begin.Add(time.Duration(s) * time.Second) }
	for _, e := range []Event{
		{Kind: Started, Node: "c", Time: at(0)}, {Kind: Started, Node: "a", Time: at(1)}, {Kind: Built, Node: "c", Time: at(2)},
		{Kind: Built, Node: "a", Time: at(3)}, {Kind: Started, Node: "b", Time: at(4)},
	} {
		tr.Event(e)
	}
	if got := tr.Spans(); len(got) != 2 {
		t.Errorf("what has not ended is told: %+v", got)
	}
	tr.Event(Event{Kind: Built, Node: "b", Time: at(9)})
	want := []Span{{"c", "C", 0, 2 * time.Second, false}, {"a", "A", time.Second, 3 * time.Second, true}, {"b", "B", 4 * time.Second, 9 * time.Second, true}}
	if got := tr.Spans(); !slices.Equal(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}
