package main

import (
	"fmt"
	"time"

	"mini/build"
	"mini/internal/reportpage"
)

// timelineOf is the last build, if it made half of the steps at least. A smaller one shows little, so then it is how long each
// step took the last time, begun as soon as what it needs is there.
func (r *reporter) timelineOf() reportpage.Timeline {
	kept := r.lastTimeline()
	spans := map[*build.Node]build.Span{}
	for _, span := range kept.Spans {
		if n := r.madeIn(span); n != nil {
			spans[n] = span
		}
	}
	if 2*len(spans) >= len(r.graph.Nodes) {
		r.facts = append(r.facts, reportpage.Fact{Name: "Last build", Value: round(lasted(spans)).String(), Note: fmt.Sprintf("%d of %d steps made", len(spans), len(r.graph.Nodes))})
		return r.bars(spans, fmt.Sprintf("The last build ended at %s and took %s. What it made is shown by the clock; the rest was there already.",
			kept.Ended.Format("15:04 on 2 January 2006"), round(lasted(spans))))
	}
	spans = r.composed()
	if len(spans) == 0 {
		return r.bars(spans, "How long the steps took is not known here.")
	}
	r.facts = append(r.facts, reportpage.Fact{Name: "Whole build", Value: round(lasted(spans)).String(), Note: "with processors enough"})
	return r.bars(spans, fmt.Sprintf("How long each step took when it was made the last time, begun as soon as what it needs is there: with processors enough it would all take %s.", round(lasted(spans))))
}

// bars are the steps of the graph, with those that are known on the clock.
func (r *reporter) bars(spans map[*build.Node]build.Span, note string) reportpage.Timeline {
	t := reportpage.Timeline{Note: note}
	whole := max(lasted(spans), 1)
	for _, n := range r.graph.Nodes {
		step := reportpage.Step{Title: n.Title, Place: n.Pos, Line: r.lineOf(n.Pos)}
		if span, made := spans[n]; made {
			step.Took, step.Critical = round(span.End-span.Start).String(), span.Critical
			step.From = 100 * float64(span.Start) / float64(whole)
			step.Width = max(100*float64(span.End-span.Start)/float64(whole), 0.3)
		} else {
			step.Note = "was there"
			if took := r.store.Took(n); took > 0 {
				step.Took = round(took).String()
			}
		}
		t.Steps = append(t.Steps, step)
	}
	return t
}

func lasted(spans map[*build.Node]build.Span) time.Duration {
	end := time.Duration(0)
	for _, s := range spans {
		end = max(end, s.End)
	}
	return end
}

// composed puts the steps one after the other as they need each other, by what each took the last time.
func (r *reporter) composed() map[*build.Node]build.Span {
	spans := map[*build.Node]build.Span{}
	waited := map[*build.Node]*build.Node{} // for the one that was ready last
	var last *build.Node
	for _, n := range r.graph.Nodes { // each behind those that it depends on
		var span build.Span
		need := func(d *build.Node) {
			if end := spans[d].End; end > span.Start {
				span.Start, waited[n] = end, d
			}
		}
		for _, in := range n.Inputs {
			if in.From != nil {
				need(in.From.Node)
			}
		}
		for _, d := range n.After {
			need(d)
		}
		span.End = span.Start + r.store.Took(n)
		spans[n] = span
		if last == nil || span.End > spans[last].End {
			last = n
		}
	}
	if lasted(spans) == 0 {
		return nil
	}
	for n := last; n != nil; n = waited[n] {
		span := spans[n]
		span.Critical = true
		spans[n] = span
	}
	return spans
}

// madeIn is the node that a span is of. Another graph of the same script may number its nodes otherwise; then the title tells,
// if it is one node's alone.
func (r *reporter) madeIn(span build.Span) *build.Node {
	var same []*build.Node
	for _, n := range r.graph.Nodes {
		if n.Title == span.Title {
			if r.graph.ID(n) == span.Node {
				return n
			}
			same = append(same, n)
		}
	}
	if len(same) == 1 {
		return same[0]
	}
	return nil
}
