package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"mini/build"
	"mini/internal/kconfig"

	"github.com/rogpeppe/go-internal/diff"
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
	case d.Text && d.Was == "":
		w.say("    %s is new:", what)
		w.texts(d)
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

// shortPath names a file as one would from here, where that is shorter.
func shortPath(file string) string {
	dir, err := os.Getwd()
	if err != nil {
		return file
	}
	if rel, err := filepath.Rel(dir, file); err == nil && len(rel) < len(file) {
		return rel
	}
	return file
}

// texts shows a configuration by its symbols and every other text by its lines.
func (w *explainer) texts(d build.Difference) {
	if strings.HasSuffix(d.Name, ".config") {
		was, err1 := kconfig.ParseConfig(d.Name, []byte(d.Was))
		is, err2 := kconfig.ParseConfig(d.Name, []byte(d.Is))
		if changes := kconfig.Diff(was, is); err1 == nil && err2 == nil && len(changes) > 0 {
			for _, c := range changes {
				w.say("        CONFIG_%s: %s, was %s", c.Symbol, symbolText(c.New), symbolText(c.Old))
			}
			return
		}
	}
	w.lines(d.Was, d.Is)
}

func symbolText(value string) string {
	switch value {
	case "":
		return "not given"
	case "n":
		return "not set"
	}
	return value
}

// maxLines bounds how much of a text is shown; --json has all of it.
const maxLines = 40

// lines shows what differs between two texts, with a little of what is around it.
func (w *explainer) lines(was, is string) {
	all := strings.Split(strings.TrimRight(string(diff.Diff("", lined(was), "", lined(is))), "\n"), "\n")
	shown := 0
	for _, line := range all[min(3, len(all)):] { // after the names of the two files
		if strings.HasPrefix(line, "@@") || strings.HasPrefix(line, `\ No newline`) {
			continue
		}
		if shown == maxLines {
			w.say("        … and more: --json has all of it")
			return
		}
		shown++
		fmt.Fprintln(w.out, "        "+clean(line))
	}
}

func lined(s string) []byte {
	if s != "" && !strings.HasSuffix(s, "\n") {
		s += "\n"
	}
	return []byte(s)
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func withoutTools(all []build.Difference) []build.Difference {
	return slices.DeleteFunc(slices.Clone(all), func(d build.Difference) bool { return d.Kind == build.PartTool })
}

// tools tells what of the host is not as it was. One upgraded compiler is the cause of many steps: it is told once.
func (w *explainer) tools(causes []*build.Reason) {
	nodes := map[string][]string{} // by what changed
	for _, r := range causes {
		for _, change := range toolChanges(r.Differences) {
			nodes[change] = append(nodes[change], r.ID)
		}
	}
	byNodes := map[string][]string{}
	for _, change := range sortedKeys(nodes) {
		of := strings.Join(nodes[change], ", ")
		byNodes[of] = append(byNodes[of], change)
	}
	for _, of := range sortedKeys(byNodes) {
		w.say("\non this machine, for %s", of)
		for _, change := range byNodes[of] {
			w.say("    %s", change)
		}
	}
}

// toolChanges puts the parts of each compiler together.
func toolChanges(all []build.Difference) []string {
	parts := map[string][]string{}
	for _, d := range all {
		if d.Kind != build.PartTool {
			continue
		}
		owner, part := toolName(d.Name)
		how := "changed"
		switch {
		case d.Name == "sandbox":
			how = "the sandbox was off and is on"
			if d.Is != "" {
				how = "the sandbox is off and was on"
			}
		case d.Was == "":
			how = "new"
		case d.Is == "":
			how = "not used any more"
		}
		key := how + "\x00" + owner
		parts[key] = append(parts[key], part)
	}
	var texts []string
	tools := map[string][]string{} // plain ones, by how
	for _, key := range sortedKeys(parts) {
		how, owner, _ := strings.Cut(key, "\x00")
		switch {
		case owner == "sandbox":
			texts = append(texts, how)
		case owner == "":
			tools[how] = parts[key]
		case how == "changed":
			texts = append(texts, fmt.Sprintf("%s changed (its %s): it was upgraded, or another one comes first on PATH", owner, strings.Join(parts[key], ", ")))
		case slices.Contains(parts[key], "driver") && how == "new":
			texts = append(texts, "the compiler "+owner+" is used now")
		case slices.Contains(parts[key], "driver"):
			texts = append(texts, "the compiler "+owner+" is not used any more")
		case how == "new":
			texts = append(texts, fmt.Sprintf("%s has parts that it had not: %s", owner, some(parts[key])))
		default:
			texts = append(texts, fmt.Sprintf("%s lacks parts that it had: %s", owner, some(parts[key])))
		}
	}
	for _, how := range sortedKeys(tools) {
		switch how {
		case "changed":
			texts = append(texts, "these programs changed: "+some(tools[how]))
		case "new":
			texts = append(texts, "these programs are used now: "+some(tools[how]))
		default:
			texts = append(texts, "these programs are not used any more: "+some(tools[how]))
		}
	}
	return texts
}

// toolName takes a property's name apart: "compiler:gcc:cc1" is part cc1 of gcc, "tool:ld" is the program ld.
func toolName(property string) (owner, part string) {
	kind, rest, _ := strings.Cut(property, ":")
	switch kind {
	case "compiler":
		owner, part, _ = strings.Cut(rest, ":")
		return owner, part
	case "tool":
		return "", rest
	}
	return property, rest
}

// some names the first of many.
func some(names []string) string {
	const most = 12
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
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
