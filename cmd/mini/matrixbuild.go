package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"mini/build"
)

// buildRows builds all rows of a matrix in one run: what they share is made once, and a row that fails leaves the others
// alone. It ends with a table of them.
func (s *session) buildRows(ctx context.Context, rows []*row, out string) error {
	start := time.Now()
	run, results, err := s.makeRows(ctx, rows, nil)
	if err != nil {
		return err
	}
	folders := folderNames(rows)
	of := map[*row]*built{}
	for _, r := range whole(rows) {
		b := &built{}
		b.steps, b.built = run.CountOf(roots(r.targets))
		if out != "" {
			b.folder = filepath.Join(out, folders[r])
		}
		if b.images, r.err = s.finish(ctx, r, run, results, b.folder); r.err == nil {
			of[r] = b
		}
	}
	s.summarizeRows(run, rows, time.Since(start))
	s.display.Close()
	if err := s.printRows(rows, of, run); err != nil {
		return err
	}
	if out == "" {
		return s.app.failures(&s.flags.selection, rows, nil)
	}
	return s.app.failures(&s.flags.selection, rows, func(r *row) string { return filepath.Join(out, folders[r]) })
}

// makeRows makes the targets of all rows, with programs of the host besides those that the targets need. What goes wrong with
// one row is the row's error.
func (s *session) makeRows(ctx context.Context, rows []*row, more []string) (*build.Run, map[*build.Node]*build.Result, error) {
	if err := s.readyRows(ctx, rows, more); err != nil {
		return nil, nil, err
	}
	return s.makeReady(ctx, rows)
}

// readyRows makes sure that the host can make the targets of all rows, and resolves their sources. s.graph is of the rows that
// are whole then.
func (s *session) readyRows(ctx context.Context, rows []*row, more []string) error {
	targets := targetsOf(rows)
	if err := s.checkHost(ctx, targets, build.Merge(roots(targets)), more); err != nil {
		return err
	}
	if s.resolveRows(ctx, rows) {
		s.graph, s.known = build.Merge(roots(targetsOf(rows))), nil
	}
	return s.haveAll(ctx, roots(targetsOf(rows)))
}

// makeReady makes the targets of rows that readyRows has made ready.
func (s *session) makeReady(ctx context.Context, rows []*row) (*build.Run, map[*build.Node]*build.Result, error) {
	good := whole(rows)
	sets := make([][]*build.Node, len(good))
	for i, r := range good {
		sets[i] = roots(r.targets)
	}
	s.display.Expect(len(s.graph.Nodes))
	s.timeline = build.NewTrace(s.graph)
	run := s.newRun()
	results, errs := run.BuildEach(ctx, sets...)
	if ctx.Err() != nil {
		return nil, nil, ctx.Err()
	}
	s.matrix = nil
	for _, r := range good {
		s.matrix = append(s.matrix, r.paramTexts())
	}
	for i, r := range good {
		if r.err = s.taught(s.hintVersions(limitHint(errs[i])), r.script, r.targets, s.graph); r.err == nil {
			r.err = s.noteFindings(ctx, r.targets, results)
		}
	}
	return run, results, nil
}

// built is what came of a row.
type built struct {
	steps, built int // of those that the row needs, whoever needs them too
	images       []made
	folder       string
}

// resolveRows decides which bytes the rows' sources are, if that is open, and reports whether it was. They share a lock, so what
// one has found is known to the next; what one could not find is not looked for again.
func (s *session) resolveRows(ctx context.Context, rows []*row) (open bool) {
	failed := map[string]error{}
	for _, r := range whole(rows) {
		if len(r.wants) == 0 {
			continue
		}
		open = true
		key := ""
		for _, w := range r.wants {
			if _, ok := r.pin(w.Want); !ok {
				key += fmt.Sprintf("%v\n", w.Want)
			}
		}
		if r.err = failed[key]; r.err != nil && key != "" {
			continue
		}
		if r.err = s.app.resolve(ctx, r.script, s.places, s.note); r.err == nil {
			r.pick()
		}
		failed[key] = r.err
	}
	return open
}

// finish takes a row's results out, and remembers what they were made of.
func (s *session) finish(ctx context.Context, r *row, run *build.Run, results map[*build.Node]*build.Result, folder string) ([]made, error) {
	one := *s // what explains the results is told of the script as this row has it
	one.script, one.alone = r.script, s.flags.words(r.script, folder)
	images, err := one.outputs(ctx, r.targets, results)
	if err != nil {
		return nil, err
	}
	if folder != "" {
		if err := one.export(ctx, folder, r.targets, images, results); err != nil {
			return nil, fmt.Errorf("mini: %w", err)
		}
		if err := one.keepFor(run, folder, images); err != nil {
			return nil, fmt.Errorf("mini: %w", err)
		}
	}
	one.remember(ctx, run, r.targets)
	return images, nil
}

// fileName is a title without what shells, make or QEMU would take for something else.
func fileName(title string) string {
	name := strings.Map(func(c rune) rune {
		switch {
		case c == ' ':
			return '+'
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.ContainsRune("._=-", c):
			return c
		}
		return '_'
	}, title)
	return name[:min(len(name), 100)] // file systems end at 255
}

// folderNames gives each row a folder: its title.
func folderNames(rows []*row) map[*row]string {
	names := map[*row]string{}
	taken := map[string]bool{}
	for _, r := range rows {
		base := fileName(r.title)
		name := base
		for i := 2; taken[name]; i++ {
			name = fmt.Sprintf("%s-%d", base, i)
		}
		taken[name] = true
		names[r] = name
	}
	return names
}
