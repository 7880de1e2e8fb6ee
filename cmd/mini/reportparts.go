package main

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"mini/build"
	"mini/builtins"
	"mini/internal/graphdraw"
	"mini/internal/kconf"
	"mini/internal/reportpage"
	"mini/internal/treemap"
)

// pictures draws the graph and the sizes.
func (r *reporter) pictures(ctx context.Context, p *reportpage.Page) error {
	g := drawing(r.graph, []*row{{script: r.script, targets: r.targets}})
	for i := range g.Nodes {
		g.Nodes[i].Link = ""
		if line := r.lineOf(g.Nodes[i].Place); line > 0 {
			g.Nodes[i].Link = fmt.Sprintf("#L%d", line)
		}
	}
	var err error
	if p.Graph.SVG, err = markup(g.Inline); err != nil {
		return err
	}
	p.Graph.Style = template.CSS(graphdraw.Style())
	tables, err := (&scale{session: r.session, results: r.results, depth: 1}).weigh(ctx, r.targets)
	if err != nil {
		return err
	}
	p.Sizes, err = r.sizes(tables)
	return err
}

// mostRows is how many rows a table of the page has.
const mostRows = 40

func (r *reporter) sizes(tables []sizeTable) (reportpage.Sizes, error) {
	s := reportpage.Sizes{Style: template.CSS(treemap.Style())}
	var groups []treemap.Group
	for _, t := range tables {
		s.Tables = append(s.Tables, tableOf(t))
		switch {
		case t.What == "image":
			r.facts = append(r.facts, reportpage.Fact{Name: "Image", Value: build.FormatSize(t.Size), Note: t.Name})
		case t.By == "package":
			r.facts = append(r.facts, reportpage.Fact{Name: "Root filesystem", Value: build.FormatSize(t.Size), Note: packedText(t)})
		}
		if t.By != "file" && t.By != "directory" {
			continue
		}
		group := treemap.Group{Name: fmt.Sprintf("%s: %s", t.Name, build.FormatSize(t.Size))}
		for _, row := range t.Rows {
			group.Items = append(group.Items, treemap.Item{Name: row.Name, Size: row.Size, Text: amount(row.Size)})
		}
		groups = append(groups, group)
	}
	if len(groups) == 0 {
		return s, nil
	}
	draw := func(width, height float64) (template.HTML, error) {
		return markup(func(w io.Writer) error { return treemap.SVG(w, "What is loaded, by its size", groups, width, height) })
	}
	var err error
	if s.Wide, err = draw(1120, 460); err == nil {
		s.Narrow, err = draw(340, 460)
	}
	return s, err
}

func packedText(t sizeTable) string {
	if t.Packed == 0 {
		return ""
	}
	return "packed " + build.FormatSize(t.Packed)
}

// tableOf is a table of sizes as the page has it.
func tableOf(t sizeTable) reportpage.Table {
	out := reportpage.Table{Title: t.title(), Columns: []string{"Size", "Share"}}
	rows, more := shown(t.Rows, mostRows)
	sizes := len(rows) > 0 && rows[0].Sizes != nil
	if t.Packed > 0 {
		out.Columns = append(out.Columns, "Packed")
	}
	if sizes {
		out.Columns = append(out.Columns, "Text", "Data", "BSS")
	}
	out.Columns = append(out.Columns, strings.ToUpper(t.By[:1])+t.By[1:])
	for _, row := range rows {
		cells := []string{amount(row.Size), percent(row.Size, t.Size)}
		if t.Packed > 0 {
			cells = append(cells, amount(row.Packed))
		}
		if sizes {
			cells = append(cells, amount(row.Text), amount(row.Data), amount(row.BSS))
		}
		out.Rows = append(out.Rows, append(cells, row.Name))
	}
	if more > 0 {
		out.More = fmt.Sprintf("%d more are smaller; mini size --top 0 lists them.", more)
	}
	return out
}

// configs are the configurations of the programs in the graph.
func (r *reporter) configs(ctx context.Context) ([]reportpage.Config, error) {
	var all []reportpage.Config
	for _, t := range r.script.configuredIn(r.graph) {
		one, err := r.readConfigured(ctx, t, r.results)
		if err != nil {
			return nil, err
		}
		conf := t.value.(builtins.Configured).Configuration()
		c := reportpage.Config{Name: ofNode(conf.Build.Node), Base: one.base, Quirks: quirksOf(conf.Build.Node), Text: string(one.text)}
		state, err := one.state()
		if err != nil {
			c.Problem = "Why symbols are what they are is not known: " + err.Error()
			for _, s := range conf.Asked {
				c.Asked = append(c.Asked, reportpage.Setting{Symbol: s.Symbol, Value: s.Value.Text()})
			}
			all = append(all, c)
			continue
		}
		asked := map[string]bool{}
		for _, s := range conf.Asked {
			asked[s.Symbol] = true
			value := s.Value.Text()
			if got, ok := one.final.Get(s.Symbol); ok {
				value = got.Text()
			}
			c.Asked = append(c.Asked, settingOf(state, s.Symbol, value, s.Accept))
		}
		mode, from := kconf.NewNo, "allnoconfig"
		if state.Tree().Style == kconf.Old { // whose conf asks about defaults one by one
			mode, from = kconf.NewDefault, "defconfig"
		}
		c.From = "What is not as " + from + " has it"
		if least, ok := state.Minimal(mode); ok {
			for _, s := range least {
				setting := settingOf(state, s.Name, s.Value, false)
				if asked[s.Name] {
					setting.Why = "the script asks for it"
				}
				c.Differs = append(c.Differs, setting)
			}
		}
		all = append(all, c)
	}
	return all, nil
}

// settingOf is what the source says of a symbol, and why it has its value.
func settingOf(state *kconf.State, symbol, value string, accepted bool) reportpage.Setting {
	s := reportpage.Setting{Symbol: symbol, Value: value}
	if sym := state.Tree().Lookup(symbol); sym != nil {
		s.Title = sym.Title()
	}
	if lines, ok := state.Describe(symbol); ok && len(lines) > 1 {
		s.Why = strings.TrimSpace(lines[1])
	}
	if accepted {
		s.Why = "the script takes what make chose: " + s.Why
	}
	return s
}

// readyInit is the line by which a kernel hands over, with the time that it has been running.
var readyInit = regexp.MustCompile(`(?m)^\[ *([0-9]+\.[0-9]+)\](?:\[[^]]*\])? Run (\S+) as init process`)

// boot is the last boot that is kept, or why there is none.
func (r *reporter) boot() (*reportpage.Boot, string, error) {
	name, file, err := r.findBoot("")
	if usage := (usageError{}); errors.As(err, &usage) {
		if !slices.ContainsFunc(r.targets, func(t target) bool { _, ok := t.value.(*builtins.Machine); return ok }) {
			return nil, "There is no machine in it to boot.", nil
		}
		return nil, fmt.Sprintf("It was not booted yet with these variants and parameters: mini run %s boots it.", strings.Join(r.script.arguments(r.flags.files), " ")), nil
	}
	if err != nil {
		return nil, "", err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, "", err
	}
	b := &reportpage.Boot{Name: name, Log: consoleText(text)}
	if info, err := os.Stat(file); err == nil {
		b.When = info.ModTime().Format("15:04 on 2 January 2006")
	}
	if m := readyInit.FindStringSubmatch(b.Log); m != nil {
		fact := reportpage.Fact{Name: "Kernel to " + m[2], Value: seconds(m[1]), Note: "by the guest's clock"}
		b.Timing = append(b.Timing, fact)
		r.facts = append(r.facts, fact)
	}
	b.Timing = append(b.Timing, reportpage.Fact{Name: "Console", Value: fmt.Sprintf("%d lines", strings.Count(b.Log, "\n")), Note: build.FormatSize(int64(len(text)))})
	return b, "", nil
}

// seconds is a time of a kernel's log, which has microseconds, for people.
func seconds(text string) string {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return text + " s"
	}
	return fmt.Sprintf("%.2f s", n)
}

// escapes are what a guest tells a terminal, and no text.
var escapes = regexp.MustCompile(`\x1b(\[[0-9;?]*[ -/]*[@-~]|[()][A-Z0-9]|\][^\x07\x1b]*(\x07|\x1b\\)|[=>78cDEHM])`)

// mostLog is how much of a log a page takes: its beginning and its end.
const mostLog = 256 << 10

func consoleText(b []byte) string {
	if len(b) > mostLog {
		b = append(append(append([]byte{}, b[:mostLog/2]...), "\n… what is here is left out; mini log --boot has it …\n"...), b[len(b)-mostLog/2:]...)
	}
	text := strings.ToValidUTF8(string(b), "\uFFFD")
	return clean(strings.ReplaceAll(escapes.ReplaceAllString(text, ""), "\r", ""))
}
