package build

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"time"
)

// traceEvent is one entry of the trace event format that Perfetto and Chrome's about:tracing read
// (https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU). Times are whole microseconds since the
// run's beginning, both ends rounded down, so that what lies in another still does so.
type traceEvent struct {
	Name  string         `json:"name"`
	Cat   string         `json:"cat,omitempty"`
	Phase string         `json:"ph"`
	Time  int64          `json:"ts"`
	Dur   *int64         `json:"dur,omitempty"`
	PID   int            `json:"pid"`
	TID   int            `json:"tid"`
	Scope string         `json:"s,omitempty"`
	Color string         `json:"cname,omitempty"`
	Args  map[string]any `json:"args,omitempty"`
}

// Rows of the timeline, from above.
const (
	criticalRow = 1
	eventRow    = 2 // hits
	slotRows    = 10
	fetchRows   = 10000
)

// WriteChrome writes the timeline as a file for ui.perfetto.dev or chrome://tracing: a row for each slot that nodes used
// side by side, the steps inside them, what was in the cache as points, the critical path on a row of its own, and
// counters of processors and memory. What has not ended by now ends now.
func (t *Trace) WriteChrome(w io.Writer) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	critical := t.critical()
	events := t.names()
	for _, s := range t.spans {
		events = append(events, t.spanEvents(s, now, slices.Contains(critical, s))...)
	}
	for _, e := range t.hits {
		events = append(events, traceEvent{Name: e.Title, Cat: string(e.Kind), Phase: "i", Scope: "t", Time: t.micros(e.Time), PID: 1,
			TID: eventRow, Args: map[string]any{"node": e.Node, "pos": e.Pos}})
	}
	events = append(events, t.criticalEvents(critical)...)
	events = append(events, t.counters(now)...)
	return json.NewEncoder(w).Encode(map[string]any{"traceEvents": events, "displayTimeUnit": "ms"})
}

func (t *Trace) micros(at time.Time) int64 { return max(at.Sub(t.begin).Microseconds(), 0) }

// names says what the rows are.
func (t *Trace) names() []traceEvent {
	rows := map[int]string{criticalRow: "critical path", eventRow: "from the cache"}
	for _, s := range t.spans {
		rows[s.tid()] = fmt.Sprintf("slot %d", s.row+1)
		if s.node.Fetch != nil {
			rows[s.tid()] = fmt.Sprintf("download %d", s.row+1)
		}
	}
	list := []traceEvent{{Name: "process_name", Phase: "M", PID: 1, Args: map[string]any{"name": "mini"}}}
	for _, tid := range sortedKeys(rows) {
		list = append(list,
			traceEvent{Name: "thread_name", Phase: "M", PID: 1, TID: tid, Args: map[string]any{"name": rows[tid]}},
			traceEvent{Name: "thread_sort_index", Phase: "M", PID: 1, TID: tid, Args: map[string]any{"sort_index": tid}})
	}
	return list
}

func sortedKeys[V any](m map[int]V) []int {
	var keys []int
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func (s *span) tid() int {
	if s.node.Fetch != nil {
		return fetchRows + s.row
	}
	return slotRows + s.row
}

// until is the end of the span, or now.
func (s *span) until(now time.Time) time.Time {
	if s.end.IsZero() {
		return now
	}
	return s.end
}

func (t *Trace) slice(name, cat string, tid int, start, end time.Time) traceEvent {
	dur := t.micros(end) - t.micros(start)
	return traceEvent{Name: name, Cat: cat, Phase: "X", Time: t.micros(start), Dur: &dur, PID: 1, TID: tid}
}

// spanEvents are a node and its steps.
func (t *Trace) spanEvents(s *span, now time.Time, critical bool) []traceEvent {
	end := s.until(now)
	node := t.slice(s.node.Title, "node", s.tid(), s.start, end)
	node.Args = map[string]any{
		"node": t.graph.ID(s.node), "pos": s.node.Pos, "waited_s": seconds(s.start.Sub(s.ready)), "critical": critical,
		"outcome": string(s.outcome),
	}
	if s.outcome == "" {
		node.Args["outcome"] = "ended before it was done"
	}
	if s.log != "" {
		node.Args["log"] = s.log
	}
	if s.usage != (Usage{}) {
		node.Args["user_s"], node.Args["system_s"] = seconds(s.usage.User), seconds(s.usage.Sys)
		node.Args["processors"] = s.processors()
		node.Args["peak_bytes"] = s.usage.Peak
	}
	if critical {
		node.Cat, node.Color = "node,critical", "terrible" // a red of Chrome's
	}
	list := []traceEvent{node}
	for i, p := range s.parts {
		until := end
		if i+1 < len(s.parts) {
			until = s.parts[i+1].start
		}
		e := t.slice(shorten(p.name, 60), "step", s.tid(), p.start, until)
		e.Args = map[string]any{"command": p.name}
		list = append(list, e)
	}
	return list
}

// criticalEvents repeat the critical path on a row of its own, with what it waited for in between.
func (t *Trace) criticalEvents(path []*span) []traceEvent {
	var list []traceEvent
	at := t.begin
	for _, s := range path {
		if t.micros(s.start) > t.micros(at) {
			list = append(list, t.slice("(waiting)", "critical", criticalRow, at, s.start))
		}
		list = append(list, t.slice(s.node.Title, "critical", criticalRow, s.start, s.end))
		at = s.end
	}
	return list
}

// processors is how many the node kept busy, on average.
func (s *span) processors() float64 {
	if took := s.end.Sub(s.start); took > 0 {
		return float64(s.usage.CPU()) / float64(took)
	}
	return 0
}

// counters add up what the nodes that run at a time used, on average or at most over their own time: nobody measured
// oftener. Steps of mini's own are not in it.
func (t *Trace) counters(now time.Time) []traceEvent {
	type change struct {
		at         int64
		nodes      int
		processors float64
		memory     int64
	}
	var changes []change
	for _, s := range t.spans {
		c := change{t.micros(s.start), 1, s.processors(), s.usage.Peak}
		changes = append(changes, c, change{t.micros(s.until(now)), -c.nodes, -c.processors, -c.memory})
	}
	slices.SortStableFunc(changes, func(a, b change) int { return int(a.at - b.at) })
	var list []traceEvent
	var sum change
	for i, c := range changes {
		sum = change{c.at, sum.nodes + c.nodes, sum.processors + c.processors, sum.memory + c.memory}
		if i+1 < len(changes) && changes[i+1].at == c.at {
			continue
		}
		count := func(name string, value any) {
			list = append(list, traceEvent{Name: name, Phase: "C", Time: sum.at, PID: 1, Args: map[string]any{"value": value}})
		}
		count("nodes at work", sum.nodes)
		count("processors in use", rounded(sum.processors))
		count("memory of the largest processes", sum.memory)
	}
	return list
}

func seconds(d time.Duration) float64 { return rounded(d.Seconds()) }

func rounded(x float64) float64 { return math.Round(x*1e6) / 1e6 }
