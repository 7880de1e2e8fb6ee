package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"sort"
	"strings"

	"mini/build"
)

// explainer says explanations in words.
type explainer struct {
	out  io.Writer
	told map[*build.Node]bool // causes of earlier targets of the same call
}

func (w *explainer) say(format string, args ...any) {
	fmt.Fprintln(w.out, clean(fmt.Sprintf(format, args...)))
}

func (w *explainer) explain(e *explanation) {
	name := e.Script + ":" + e.Target
	if !e.Built {
		if e.Again == 0 {
			w.say("%s was never built from here, but nothing would be built: all %d steps are in the cache", name, e.Steps)
		} else {
			w.say("%s was never built: %s would be made", name, count(e.Again+e.Pending, "step"))
		}
		return
	}
	params := paramChanges(e)
	switch {
	case len(e.Reasons) == 0 && e.node != "":
		w.say("%s of %s: nothing differs from the last build", e.node, name)
	case len(e.Reasons) == 0 && e.Again == 0:
		w.say("%s: nothing would be built, and nothing differs from the last build%s", name, params)
	case e.Again == 0:
		w.say("%s: nothing would be built; what differs from the last build is in the cache too%s", name, params)
	default:
		follow := ""
		if e.Pending > 0 {
			follow = fmt.Sprintf(", %d more may follow", e.Pending)
		}
		w.say("%s: %s would be made again%s%s", name, count(e.Again, "step"), follow, params)
	}
	var causes, echoes []*build.Reason
	again := 0
	for _, r := range e.Reasons {
		switch {
		case !r.Root():
			echoes = append(echoes, r)
		case w.told[r.Node]:
			again++
		default:
			w.told[r.Node] = true
			causes = append(causes, r)
		}
	}
	w.tools(causes)
	for _, group := range alike(causes) {
		w.cause(group)
	}
	if again > 0 {
		w.say("\n%s told above", count(again, "cause"))
	}
	w.follows(echoes)
}

// paramChanges says which parameters had other values.
func paramChanges(e *explanation) string {
	var was, is []string
	for name, now := range e.Params {
		if old, ok := e.LastParams[name]; ok && old != now {
			was, is = append(was, name+"="+old), append(is, name+"="+now)
		}
	}
	if len(was) == 0 {
		return ""
	}
	sort.Strings(was)
	sort.Strings(is)
	return fmt.Sprintf(" (the last build had %s, this is %s)", strings.Join(was, " "), strings.Join(is, " "))
}

func count(n int, of string) string {
	if n == 1 {
		return "1 " + of
	}
	return fmt.Sprintf("%d %ss", n, of)
}

// alike puts causes together that say the same, each group in the order of its first.
func alike(causes []*build.Reason) [][]*build.Reason {
	var groups [][]*build.Reason
	at := map[string]int{}
	for _, r := range causes {
		own := *r
		own.ID, own.Title, own.Pos, own.Because, own.Status = "", "", "", nil, ""
		own.Differences = withoutTools(r.Differences)
		if len(own.Differences) == 0 && len(r.Differences) > 0 {
			continue // told with the tools
		}
		key, _ := json.Marshal(own)
		if i, ok := at[string(key)]; ok {
			groups[i] = append(groups[i], r)
			continue
		}
		at[string(key)] = len(groups)
		groups = append(groups, []*build.Reason{r})
	}
	return groups
}

func (w *explainer) cause(group []*build.Reason) {
	r := group[0]
	var names []string
	for _, g := range group {
		names = append(names, g.ID)
	}
	title := fmt.Sprintf("%s, %s", r.Title, r.Pos)
	if len(group) > 1 {
		title = "alike"
	}
	fmt.Fprintf(w.out, "\n%s (%s)%s\n", strings.Join(names, ", "), clean(title), inCache(r))
	switch {
	case r.New:
		w.say("    is new: the last build had no such step")
	case r.Gone:
		w.say("    is as it was, but what it made is not in the cache any more")
	case r.Forgotten:
		w.say("    differs, but what its key was made of is not in the cache any more")
	}
	for _, d := range withoutTools(r.Differences) {
		w.difference(d)
	}
}

// inCache marks a step that differs and need not be made: somebody built it in this form before.
func inCache(r *build.Reason) string {
	if r.Status == build.StatusHit {
		return ", made before and in the cache"
	}
	return ""
}

func (w *explainer) difference(d build.Difference) {
	switch d.Kind {
	case build.PartSteps:
		w.say("    its steps:")
		w.lines(d.Was, d.Is)
	case build.PartEnv:
		w.say("    the setting %s is %s, was %s", d.Name, orNone(d.Is), orNone(d.Was))
	case build.PartOutput:
		if d.Was == "" {
			w.say("    it makes %s as well", d.Name)
		} else {
			w.say("    it doesn't make %s any more", d.Name)
		}
	case build.PartRecipe:
		w.say("    mini does this step in another way: %s, was %s", orNone(d.Is), orNone(d.Was))
	case build.PartSource:
		if d.Is == "" {
			w.say("    which bytes it is has to be found out again; they were %s", d.Was)
		} else {
			w.say("    is %s\n    was %s", d.Is, d.Was)
		}
	case build.PartMoved:
		w.say("    the input %s is at %s now, with the same bytes", d.Was, d.Is)
	case build.PartInput:
		w.input(d)
	}
}

func (w *explainer) input(d build.Difference) {
	what := "the input " + d.Name
	switch {
	case d.File != "":
		what = "the file " + shortPath(d.File)
	case d.Label != "":
		what = fmt.Sprintf("the input %s (%s)", d.Name, d.Label)
	}
	switch {
	case d.Text:
		w.say("    %s:", what)
		w.texts(d)
	case d.From != "" && d.Was == "":
		w.say("    %s is new, from %s", what, d.From)
	case d.Was == "":
		w.say("    %s is new", what)
	case d.Is == "":
		w.say("    %s is not read any more", what)
	case d.From != "":
		w.say("    %s, from %s, is another file or came out different", what, d.From)
	default:
		w.say("    %s has other content", what)
	}
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// follows lists what has no reason of its own.
func (w *explainer) follows(echoes []*build.Reason) {
	var names []string
	for _, r := range echoes {
		if r.Status != build.StatusHit {
			names = append(names, r.ID)
		}
	}
	if len(names) == 1 {
		r := echoes[slices.IndexFunc(echoes, func(r *build.Reason) bool { return r.ID == names[0] })]
		w.say("\nwhat follows from it: %s, unless %s comes out as before", names[0], strings.Join(r.Because, " or "))
	} else if len(names) > 1 {
		w.say("\nwhat follows from it, each unless what it reads comes out as before:\n    %s", strings.Join(names, ", "))
	}
}

func sortedKeys[V any](m map[string]V) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
