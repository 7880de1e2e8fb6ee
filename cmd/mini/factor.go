package main

import (
	"fmt"
	"slices"
	"strings"

	"mini/lang"
)

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
