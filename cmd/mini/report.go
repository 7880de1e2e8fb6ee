package main

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"mini/build"
	"mini/builtins"
	"mini/internal/reportpage"

	"github.com/spf13/pflag"
)

const reportHelp = `Writes what is known of a system as one page of HTML: the script, the graph of its steps, when each of them was made and
what the end waited for, what makes it big, the configurations with their reasons, the last boot, and the sources with their
hashes and licences. The page needs nothing else, neither network nor other files, and can be sent, kept and printed.

It is of the targets that are named, or of the script's machines. What is not built yet is built first, as mini build does; if
that fails, the page tells what failed and how to go on. The boot is the last one of mini run or mini test that the cache has kept.`

type reportFlags struct {
	*common
	output string
}

func (a *app) reportCommand(f *pflag.FlagSet) func(context.Context, []string) error {
	c := &reportFlags{common: a.buildFlags(f)}
	f.StringVarP(&c.output, "output", "o", "report.html", "the file to write; - is standard output")
	return func(ctx context.Context, args []string) error { return a.report(ctx, c, args) }
}

func (a *app) report(ctx context.Context, c *reportFlags, args []string) error {
	if c.json && c.output == "-" {
		return usagef("report: with -o - standard output is the page, and the events of --json can't go there as well")
	}
	s, err := a.open(ctx, c.common, args)
	if err != nil {
		return err
	}
	defer s.close()
	var page *reportpage.Page
	pageOf := func(results map[*build.Node]*build.Result, failure error) error {
		targets, err := s.script.sized()
		if err != nil {
			return err
		}
		one := &reporter{session: s, results: results, failure: failure, targets: targets, graph: build.NewGraph(roots(targets))}
		page, err = one.page(ctx)
		return err
	}
	choose := func() ([]target, error) {
		targets, err := s.script.sized()
		for i, t := range targets {
			targets[i].value = reported{t.value, s.script}
		}
		return targets, err
	}
	failure := s.whole(ctx, choose, nil, func(_ *build.Run, results map[*build.Node]*build.Result) error { return pageOf(results, nil) })
	if node := (*build.NodeError)(nil); failure != nil && (!errors.As(failure, &node) || ctx.Err() != nil || pageOf(nil, failure) != nil) {
		return failure
	}
	if c.output == "-" {
		return errors.Join(failure, reportpage.Write(a.stdout, page))
	}
	if err := writeWhole(c.output, func(f *os.File) error { return errors.Join(reportpage.Write(f, page), f.Chmod(0o644)) }); err != nil {
		return errors.Join(failure, fmt.Errorf("mini: %w", err))
	}
	if failure != nil {
		s.note("the report of what failed is in " + c.output)
		return failure
	}
	s.note("the report is in " + c.output)
	return nil
}

// reported is a target of which all that a report shows is needed.
type reported struct {
	builtins.Target
	script *script
}

// Outputs implements builtins.Target.
func (r reported) Outputs() []builtins.Output {
	all := withParts{r.Target}.Outputs()
	graph := build.NewGraph(roots([]target{{value: r.Target}}))
	for _, t := range r.script.configuredIn(graph) {
		all = append(all, onlyConfigured{t.value.(builtins.Configured)}.Outputs()...)
	}
	for _, o := range programsIn(graph) {
		if o.tree != nil {
			all = append(all, builtins.Output{Artifact: o.tree})
		}
	}
	return all
}

// configuredIn are the script's programs with a configuration that a graph has in it.
func (s *script) configuredIn(graph *build.Graph) []target {
	var all []target
	for _, t := range s.all() {
		if isConfigured(t) && slices.Contains(graph.Nodes, t.value.(builtins.Configured).Configuration().Build.Node) {
			all = append(all, t)
		}
	}
	return all
}

// reporter gathers what a page says.
type reporter struct {
	*session
	results map[*build.Node]*build.Result // nil after a failure
	failure error
	targets []target
	graph   *build.Graph
	facts   []reportpage.Fact
}

func (r *reporter) page(ctx context.Context) (*reportpage.Page, error) {
	text, err := os.ReadFile(r.script.path)
	if err != nil {
		return nil, err
	}
	p := &reportpage.Page{Title: filepath.Base(r.script.path), Script: reportpage.Script{Name: r.script.path, Text: strings.ToValidUTF8(string(text), "\uFFFD")}}
	if o, err := r.app.outline(ctx, r.script.loading, r.script.path); err == nil && o.Doc != "" {
		title, rest, _ := strings.Cut(o.Doc, "\n")
		p.Title = strings.TrimSuffix(strings.TrimSpace(title), ".")
		p.About = paragraphs(rest)
	}
	for _, param := range r.script.program.Params {
		p.Params = append(p.Params, reportpage.Param{Name: param.Name, Value: valueText(param.Value.String()), Doc: param.Doc, Given: param.From != ""})
	}
	if err := r.picture(p); err != nil {
		return nil, err
	}
	if r.failure != nil {
		p.Failure = clean(r.failure.Error())
		p.Time = reportpage.Timeline{Note: "The build failed. What it had made by then is kept, and the next build goes on from there."}
	} else if err := r.ofResults(ctx, p); err != nil {
		return nil, err
	}
	if p.Boot, p.NoBoot, err = r.boot(); err != nil {
		return nil, err
	}
	if p.Sources, err = r.sources(ctx); err != nil {
		return nil, err
	}
	p.Facts = r.facts
	p.Made = fmt.Sprintf("Made by mini %s of %s, on %s.", version(), strings.Join(r.script.arguments(r.flags.files), " "), time.Now().Format("2 January 2006"))
	return p, nil
}

// ofResults is what only a build that went well can tell.
func (r *reporter) ofResults(ctx context.Context, p *reportpage.Page) (err error) {
	if err := r.sizes(ctx, p); err != nil {
		return err
	}
	p.Time = r.timelineOf()
	if p.Configs, err = r.configs(ctx); err != nil {
		return err
	}
	p.Copied, err = r.copied(ctx)
	return err
}

// paragraphs divides a doc at its empty lines. What is indented is something to type.
func paragraphs(doc string) []reportpage.Paragraph {
	var all []reportpage.Paragraph
	for _, text := range strings.Split(doc, "\n\n") {
		text = strings.Trim(text, "\n")
		if strings.TrimSpace(text) == "" {
			continue
		}
		code := strings.HasPrefix(text, "    ") || strings.HasPrefix(text, "\t")
		lines := strings.Split(text, "\n")
		for i, line := range lines {
			lines[i] = strings.TrimSpace(line)
		}
		all = append(all, reportpage.Paragraph{Text: strings.Join(lines, "\n"), Code: code})
	}
	return all
}

// valueText bounds what a parameter's value takes on the page.
func valueText(text string) string {
	const most = 200
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}

// lineOf is the line of a place in the script; 0 for a place elsewhere.
func (r *reporter) lineOf(pos string) int {
	rest, ok := strings.CutPrefix(pos, r.script.path+":")
	if !ok {
		return 0
	}
	line, _, _ := strings.Cut(rest, ":")
	n, _ := strconv.Atoi(line)
	return n
}

// markup is what a picture's writer wrote, which made it safe.
func markup(write func(io.Writer) error) (template.HTML, error) {
	var b strings.Builder
	err := write(&b)
	return template.HTML(b.String()), err
}
