package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"mini/build"
)

// summarizeRows says how much was made. What was not made is not told to be from the cache when it is not there at all.
func (s *session) summarizeRows(run *build.Run, rows []*row, took time.Duration) {
	total, built := run.Count()
	good := len(whole(rows))
	text := fmt.Sprintf("%d steps for %d systems: %d built, %d from the cache, in %s", total, len(rows), built, total-built, round(took))
	switch {
	case good < len(rows):
		text = fmt.Sprintf("%d of %d systems failed; %d steps built, in %s", len(rows)-good, len(rows), built, round(took))
	case built == 0:
		text = fmt.Sprintf("nothing to do: all %d steps for %d systems are in the cache", total, len(rows))
	}
	if s.flags.verbose {
		text += s.criticalPath()
	}
	s.display.Event(build.Event{Kind: build.Summary, Time: time.Now(), Text: text, Done: int64(built), Total: int64(total), Elapsed: took})
}

// printRows ends the build of a matrix: a line for each row, or with --json one object.
func (s *session) printRows(rows []*row, of map[*row]*built, run *build.Run) error {
	if s.flags.json {
		return s.printRowsJSON(rows, of, run)
	}
	w := tabwriter.NewWriter(s.app.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "variant\tresult\tsteps\tbuilt\tcached\timages")
	for _, r := range rows {
		b := of[r]
		if b == nil {
			fmt.Fprintf(w, "%s\tfailed\t-\t-\t-\t\n", clean(r.title))
			continue
		}
		fmt.Fprintf(w, "%s\tok\t%d\t%d\t%d\t%s\n", clean(r.title), b.steps, b.built, b.steps-b.built, strings.Join(sizes(b.images), ", "))
	}
	return w.Flush()
}

// tableJSON is the last line of a matrix's build with --json, after those of the events.
type tableJSON struct {
	Kind  string    `json:"kind"`  // "table"
	Steps int       `json:"steps"` // of all rows together, each once
	Built int       `json:"built"`
	Rows  []rowJSON `json:"rows"`
}

type rowJSON struct {
	Title    string            `json:"title"`
	Variants []string          `json:"variants,omitempty"`
	Params   map[string]string `json:"params"`
	OK       bool              `json:"ok"`
	Error    string            `json:"error,omitempty"`
	Command  string            `json:"command"` // builds this row alone
	Steps    int               `json:"steps"`
	Built    int               `json:"built"`
	Cached   int               `json:"cached"`
	Folder   string            `json:"folder,omitempty"`
	Images   []imageJSON       `json:"images,omitempty"`
}

type imageJSON struct {
	Name   string `json:"name"`
	Size   int64  `json:"size,omitempty"` // bytes; of a file
	SHA256 string `json:"sha256"`
}

func (s *session) printRowsJSON(rows []*row, of map[*row]*built, run *build.Run) error {
	t := tableJSON{Kind: "table"}
	t.Steps, t.Built = run.Count()
	for _, r := range rows {
		j := rowJSON{Title: r.title, Variants: r.variants, Params: r.params, OK: r.err == nil}
		if r.program != nil {
			j.Params = r.paramTexts()
		}
		if r.err != nil {
			j.Error = r.err.Error()
		}
		folder := ""
		if b := of[r]; b != nil {
			folder = b.folder
			j.Steps, j.Built, j.Cached, j.Folder = b.steps, b.built, b.steps-b.built, b.folder
			for _, m := range b.images {
				j.Images = append(j.Images, imageJSON{m.name, m.size, m.object.Digest.Hash})
			}
		}
		j.Command = s.flags.commandLine(r.script, folder)
		t.Rows = append(t.Rows, j)
	}
	out := json.NewEncoder(s.app.stdout)
	out.SetEscapeHTML(false)
	return out.Encode(t)
}

// failures tells why rows failed, each reason once, with the command that shows it alone. folder is where a row's results
// would have gone, nil if there are none. The status is that of a script's error only if nothing else went wrong.
func (a *app) failures(c *selection, rows []*row, folder func(*row) string) error {
	var reasons []string
	of := map[string][]*row{}
	status := exitStatus(exitUsage)
	for _, r := range rows {
		if r.err == nil {
			continue
		}
		text := r.err.Error()
		if of[text] == nil {
			reasons = append(reasons, text)
		}
		of[text] = append(of[text], r)
		if usage := (usageError{}); !errors.As(r.err, &usage) && !isScriptError(r.err) {
			status = exitFailed
		}
	}
	if len(reasons) == 0 {
		return nil
	}
	for _, text := range reasons {
		var titles, commands []string
		for _, r := range of[text] {
			titles = append(titles, r.title)
			where := ""
			if folder != nil {
				where = folder(r)
			}
			commands = append(commands, "    "+c.commandLine(r.script, where))
		}
		fmt.Fprintf(a.stderr, "\n%s failed:\n%s\nto see it alone:\n%s\n",
			clean(strings.Join(titles, ", ")), clean(text), clean(strings.Join(commands, "\n")))
	}
	return status
}
