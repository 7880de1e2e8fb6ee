package failure

import (
	"fmt"
	"strings"
)

// maxAdvice is how many causes are told of a failure: who gets more than two reads none.
const maxAdvice = 2

// Advice says of the known causes that the report shows what each means on this host and what to do, in a sentence or two
// each; none if no cause is known.
func (r Report) Advice(h Host) []string {
	var all []string
	done := map[string]bool{}
	tell := func(c record, line, begin string) {
		if done[c.name] || len(all) == maxAdvice {
			return
		}
		if text := c.says(c.pattern.FindStringSubmatch(line), h, r); text != "" {
			done[c.name] = true
			all = append(all, begin+text)
		}
	}
	for _, line := range r.Lines {
		if text := h.own(line); text != "" {
			return []string{text} // whatever else the lines may mean in general, it is this
		}
	}
	for _, line := range r.Lines {
		if c, ok := match(line); ok {
			tell(c, line, "")
		}
	}
	if len(all) > 0 {
		return all
	}
	for _, c := range records {
		if line := r.said[c.name]; line != "" {
			tell(c, line, fmt.Sprintf("the log also says %q: ", shortened(line, 100)))
		}
	}
	return all
}

// Is reports whether a cause is among what the command said, by the name of its record.
func (r Report) Is(name string) bool {
	for _, line := range r.Lines {
		if c, ok := match(line); ok && c.name == name {
			return true
		}
	}
	return r.said[name] != ""
}

// match is the first record that fits a line: they go from the particular to the general.
func match(line string) (record, bool) {
	for _, c := range records {
		if c.pattern.MatchString(line) {
			return c, true
		}
	}
	return record{}, false
}

// lookEverywhere notes what tells of a cause even if the command goes on after it and fails of something else.
func (f *Finder) lookEverywhere(line string) {
	for _, c := range records {
		if c.everywhere == "" || !strings.Contains(line, c.everywhere) || f.asked[c.name] != "" || !c.pattern.MatchString(line) || step(line) {
			continue
		}
		if f.asked == nil {
			f.asked = map[string]string{}
		}
		f.asked[c.name] = line
	}
}
