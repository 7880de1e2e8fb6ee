package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"mini/lang"
)

// maxRows bounds a matrix: each row is an evaluation of the script, and a slip of the keyboard makes very many.
const maxRows = 1000

// row is one system of a matrix: the script under its variants and parameters.
type row struct {
	*script
	title   string // "tiny arch=i386"; "" if there is no matrix
	targets []target
	err     error // why there is nothing of it
}

// rows evaluates the script that the arguments name: once, or once for each row of the matrix. An error of one row is
// its own.
func (a *app) rows(ctx context.Context, c *selection, args []string) ([]*row, error) {
	s, err := parseScript(c, args)
	if err != nil {
		return nil, err
	}
	if len(c.matrix) == 0 {
		r := &row{script: s}
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
		r.targets, r.err = r.chosen()
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

// factor reads one --matrix: an axis, name=value,value…, or names of variants and of the script's matrices.
func (s *script) factor(text string) ([]part, error) {
	if name, list, ok := strings.Cut(text, "="); ok {
		return s.axis(text, name, list)
	}
	var parts []part
	for _, name := range strings.Split(text, ",") {
		found := s.rowsNamed(name)
		if found == nil {
			return nil, s.unknownRow(text, name)
		}
		parts = append(parts, found...)
	}
	return parts, nil
}

// axis is a param with several values. They are looked at here, where it can be said which --matrix has them.
func (s *script) axis(text, name, list string) ([]part, error) {
	decl := s.param(name)
	if decl == nil {
		return nil, s.unknownAxis(text, name)
	}
	if value, given := s.params[name]; given {
		return nil, usagef("--matrix %s: %s=%s is given as well; leave one of them out", text, name, value)
	}
	var parts []part
	for _, value := range strings.Split(list, ",") {
		if _, err := decl.Parse(value); err != nil {
			return nil, usagef("--matrix %s: %s=%s: %v", text, name, value, err)
		}
		parts = append(parts, part{words: []string{name + "=" + value}, params: map[string]string{name: value}})
	}
	return parts, nil
}

func (s *script) param(name string) *lang.ParamDecl {
	for i := range s.program.Params {
		if s.program.Params[i].Name == name {
			return &s.program.Params[i]
		}
	}
	return nil
}

// rowsNamed are the rows that a variant or a matrix of the script stands for. What the command line sets, it sets in
// every row.
func (s *script) rowsNamed(name string) []part {
	for _, v := range s.program.Variants {
		if v.Name == name {
			return []part{{words: []string{name}, variants: []string{name}}}
		}
	}
	for _, m := range s.program.Matrices {
		if m.Name != name {
			continue
		}
		var parts []part
		for _, r := range m.Rows {
			p := part{words: slices.Clone(r.Variants), variants: r.Variants, params: map[string]string{}}
			for _, set := range r.Values {
				if _, given := s.params[set.Name]; !given {
					p.params[set.Name] = lang.Text(set.Value)
					p.words = append(p.words, set.Name+"="+p.params[set.Name])
				}
			}
			parts = append(parts, p)
		}
		return parts
	}
	return nil
}

func (s *script) unknownAxis(text, name string) error {
	var names []string
	for _, p := range s.program.Params {
		names = append(names, p.Name)
	}
	return usagef("--matrix %s: unknown parameter %q%s", text, name, among(name, names, s.path, "parameters"))
}

func (s *script) unknownRow(text, name string) error {
	var names []string
	for _, v := range s.program.Variants {
		names = append(names, v.Name)
	}
	for _, m := range s.program.Matrices {
		names = append(names, m.Name)
	}
	if s.param(name) != nil {
		return usagef("--matrix %s: %s is a parameter; say which values: --matrix %s=value,value", text, name, name)
	}
	return usagef("--matrix %s: there is no variant and no matrix %q%s", text, name, among(name, names, s.path, "variants"))
}

// among is the rest of a sentence about a name that is not there.
func among(name string, names []string, path, what string) string {
	hint := ""
	if near := lang.Suggest(name, names); near != "" {
		hint = fmt.Sprintf("; did you mean %s?", near)
	}
	if len(names) == 0 {
		return fmt.Sprintf("%s; %s has no %s", hint, path, what)
	}
	return fmt.Sprintf("%s; %s has: %s", hint, path, strings.Join(names, ", "))
}
