package main

import (
	"context"
	"fmt"
	"html/template"
	"io"
	"strings"

	"mini/build"
	"mini/builtins"
	"mini/internal/graphdraw"
	"mini/internal/kconf"
	"mini/internal/reportpage"
	"mini/internal/treemap"
)

// picture draws the graph.
func (r *reporter) picture(p *reportpage.Page) error {
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
	var text strings.Builder
	if err := g.Tree(&text, false); err != nil {
		return err
	}
	p.Graph.Text = text.String()
	return nil
}

// sizes are the tables of what is loaded, and a picture of them.
func (r *reporter) sizes(ctx context.Context, p *reportpage.Page) error {
	tables, err := (&scale{session: r.session, results: r.results, depth: 1}).weigh(ctx, r.targets)
	if err != nil {
		return err
	}
	p.Sizes, err = r.sizesOf(tables)
	return err
}

// mostRows is how many rows a table of the page has.
const mostRows = 40

func (r *reporter) sizesOf(tables []sizeTable) (reportpage.Sizes, error) {
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

// bases are what configurations are laid upon, in words; any other is a file of the script's.
var bases = map[string]string{
	"mini":        "mini’s own short list for a kernel that boots fast",
	"defconfig":   "the source’s own, which has nearly everything",
	"tinyconfig":  "the source’s own for the smallest kernel",
	"allnoconfig": "which has nothing that can be switched off",
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
		c := reportpage.Config{Name: ofNode(conf.Build.Node), Base: one.base, Is: bases[one.base], Quirks: quirksOf(conf.Build.Node), Text: string(one.text)}
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
				if name, ok := quirkOf(s.Name, c.Quirks); ok {
					setting.Why = "the source would break otherwise: quirk " + name
				}
				c.Differs = append(c.Differs, setting)
			}
		}
		all = append(all, c)
	}
	return all, nil
}

// quirkOf is the name of the quirk that set a symbol.
func quirkOf(symbol string, quirks []reportpage.Quirk) (name string, ok bool) {
	for _, q := range quirks {
		for _, remedy := range strings.Fields(q.Remedy) {
			if strings.HasPrefix(remedy, symbol+"=") {
				return q.Name, true
			}
		}
	}
	return "", false
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
