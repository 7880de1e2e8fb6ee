package main

import (
	"context"
	"maps"
	"slices"
	"strings"
)

// maxRows bounds a matrix: each row is an evaluation of the script, and a slip of the keyboard makes very many.
const maxRows = 1000

// row is one system of a matrix: the script under its variants and parameters.
type row struct {
	*script
	title   string // "tiny arch=i386"; "" if there is no matrix
	targets []target
	choose  func(*row) ([]target, error) // picks them; nil: as the command line says
	err     error                        // why there is nothing of it
}

// rows evaluates the script that the arguments name: once, or once for each row of the matrix. An error of one row is
// its own.
func (a *app) rows(ctx context.Context, c *selection, args []string) ([]*row, error) {
	return a.chosenRows(ctx, c, args, nil)
}

// chosenRows is rows with choose to pick their targets.
func (a *app) chosenRows(ctx context.Context, c *selection, args []string, choose func(*row) ([]target, error)) ([]*row, error) {
	s, err := parseScript(c, args)
	if err != nil {
		return nil, err
	}
	if len(c.matrix) == 0 {
		r := &row{script: s, choose: choose}
		r.evaluate(ctx, a)
		return []*row{r}, r.err
	}
	s.quiet = true // its rows will say the same
	baseErr := a.evaluate(ctx, s)
	if s.program == nil {
		return nil, baseErr
	}
	rows, err := s.expand(c.matrix)
	if err != nil {
		if baseErr != nil { // what was not found may stand after what went wrong
			return nil, baseErr
		}
		return nil, err
	}
	alike := true
	for _, r := range rows {
		r.choose = choose
		r.evaluate(ctx, a)
		alike = alike && r.err != nil && r.err.Error() == rows[0].err.Error()
	}
	if alike { // it is not the matrix
		return nil, rows[0].err
	}
	return rows, ctx.Err()
}

// evaluate runs the script, and picks the targets.
func (r *row) evaluate(ctx context.Context, a *app) {
	if r.err = a.evaluate(ctx, r.script); r.err == nil {
		r.pick()
	}
}

// pick finds the targets in the script as it is now.
func (r *row) pick() {
	if r.choose == nil {
		r.targets, r.err = r.chosen()
	} else {
		r.targets, r.err = r.choose(r)
	}
}

// whole are the rows without an error.
func whole(rows []*row) []*row {
	return slices.DeleteFunc(slices.Clone(rows), func(r *row) bool { return r.err != nil })
}

// targetsOf are those of all rows.
func targetsOf(rows []*row) []target {
	var all []target
	for _, r := range whole(rows) {
		all = append(all, r.targets...)
	}
	return all
}

// part is what one --matrix adds to a row.
type part struct {
	words    []string // of the row's title
	variants []string
	params   map[string]string
}

// expand makes the rows of all combinations, the last --matrix changing fastest.
func (s *script) expand(factors []string) ([]*row, error) {
	parts := []part{{}}
	for _, factor := range factors {
		choices, err := s.factor(factor)
		if err != nil {
			return nil, err
		}
		if len(parts)*len(choices) > maxRows {
			return nil, usagef("the matrix has over %d systems", maxRows)
		}
		var next []part
		for _, p := range parts {
			for _, c := range choices {
				both, err := p.with(c, factor)
				if err != nil {
					return nil, err
				}
				next = append(next, both)
			}
		}
		parts = next
	}
	titles := map[string]bool{}
	var rows []*row
	for _, p := range parts {
		r := s.row(p)
		if titles[r.title] {
			return nil, usagef("the matrix has %q twice", r.title)
		}
		titles[r.title] = true
		rows = append(rows, r)
	}
	return rows, nil
}

func (s *script) row(p part) *row {
	one := *s
	one.program, one.quiet = nil, false
	one.variants = append(slices.Clone(s.variants), p.variants...)
	one.params = maps.Clone(s.params)
	maps.Copy(one.params, p.params)
	title := strings.Join(p.words, " ")
	if title == "" {
		title = "default"
	}
	return &row{script: &one, title: title}
}

// with joins what two --matrix say of a row.
func (p part) with(q part, factor string) (part, error) {
	both := part{
		words:    append(slices.Clone(p.words), q.words...),
		variants: append(slices.Clone(p.variants), q.variants...),
		params:   map[string]string{},
	}
	maps.Copy(both.params, p.params)
	for name, value := range q.params {
		if _, twice := both.params[name]; twice {
			return both, usagef("--matrix %s: another --matrix sets %s already", factor, name)
		}
		both.params[name] = value
	}
	return both, nil
}
