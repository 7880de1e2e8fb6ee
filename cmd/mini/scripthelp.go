package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"mini/lang"

	"go.starlark.net/starlark"
)

// scriptHelp shows what a script offers. A script with an error shows what is known all the same, and then the error.
func (a *app) scriptHelp(ctx context.Context, c *selection, args []string) error {
	s, err := parseScript(c, args)
	if err != nil {
		return err
	}
	s.quiet = true
	err = a.evaluate(ctx, s)
	if s.program == nil {
		return err
	}
	known := s
	if err != nil && len(s.program.Params) == 0 {
		known = a.beforeError(ctx, s, err)
	}
	fmt.Fprintf(a.stdout, "%s\n", s.path)
	a.paramHelp(known.program.Params)
	a.variantHelp(known.program)
	if err != nil {
		return err
	}
	fmt.Fprintln(a.stdout, "\ntargets:")
	for _, t := range s.all() {
		fmt.Fprintf(a.stdout, "  %-12s %s\n", t.name, t.value.Type())
	}
	return nil
}

func (a *app) paramHelp(params []lang.ParamDecl) {
	if len(params) > 0 {
		fmt.Fprintln(a.stdout, "\nparameters:")
	}
	for _, p := range params {
		from := ""
		if p.From != "" {
			from = fmt.Sprintf(" (now %s)", lang.Text(p.Value))
		}
		a.declared(p.Name+"="+lang.Text(p.Default)+from, p.Doc)
		if len(p.Choices) > 0 {
			fmt.Fprintf(a.stdout, "      one of: %s\n", strings.Join(texts(p.Choices), ", "))
		}
	}
}

func (a *app) variantHelp(p *lang.Program) {
	if len(p.Variants) > 0 {
		fmt.Fprintln(a.stdout, "\nvariants, for -V:")
	}
	for _, v := range p.Variants {
		a.declared(strings.Join(append([]string{v.Name + ":"}, pairs(v.Values)...), " "), v.Doc)
	}
	if len(p.Matrices) > 0 {
		fmt.Fprintln(a.stdout, "\nmatrices, for --matrix:")
	}
	for _, m := range p.Matrices {
		var rows []string
		for _, r := range m.Rows {
			words := append(append([]string{}, r.Variants...), pairs(r.Values)...)
			if len(words) == 0 {
				words = []string{"default"}
			}
			rows = append(rows, strings.Join(words, " "))
		}
		a.declared(m.Name+": "+strings.Join(rows, ", "), m.Doc)
	}
}

func (a *app) declared(line, doc string) {
	fmt.Fprintf(a.stdout, "  %s\n", clean(line))
	if doc != "" {
		fmt.Fprintf(a.stdout, "      %s\n", clean(doc))
	}
}

func pairs(settings []lang.Setting) []string {
	var all []string
	for _, s := range settings {
		all = append(all, s.Name+"="+lang.Text(s.Value))
	}
	return all
}

func texts(values []starlark.Value) []string {
	var all []string
	for _, v := range values {
		all = append(all, lang.Text(v))
	}
	return all
}

// beforeError evaluates only what stands before an error that keeps the whole script from running, such as a name that
// is not there. Each try ends before a statement further up.
func (a *app) beforeError(ctx context.Context, s *script, err error) *script {
	text, readErr := os.ReadFile(s.path)
	if readErr != nil {
		return s
	}
	lines := strings.SplitAfter(string(text), "\n")
	known := s
	for range 5 {
		line := firstLine(err, s.path)
		for line > 0 && (line > len(lines) || !begins(lines[line-1])) {
			line--
		}
		if line <= 1 {
			break
		}
		part := *s
		if err = a.evaluateText(ctx, &part, []byte(strings.Join(lines[:line-1], ""))); part.program != nil {
			known = &part
		}
		if err == nil || len(known.program.Params) > 0 {
			break
		}
	}
	return known
}

// firstLine is the first line of the file that an error is about.
func firstLine(err error, path string) int {
	var many lang.Errors
	if one := (*lang.Error)(nil); !errors.As(err, &many) && errors.As(err, &one) {
		many = lang.Errors{one}
	}
	first := 0
	for _, e := range many {
		if e.Pos.File == path && (first == 0 || e.Pos.Line < first) {
			first = e.Pos.Line
		}
	}
	return first
}

// begins reports whether a statement of the top level may begin on the line.
func begins(line string) bool {
	return strings.TrimSpace(line) != "" && !strings.ContainsAny(line[:1], " \t#)]}\"'") && !strings.HasPrefix(line, "else") && !strings.HasPrefix(line, "elif")
}
