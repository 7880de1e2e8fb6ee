package lang

import (
	"fmt"
	"strings"
)

// Reference is the page of all builtins in Markdown: a heading for each group, in the order in which the groups
// first appear, and under it each builtin with its signature, doc, parameters, value and example.
func Reference(builtins []*Builtin) string {
	var sections []string
	for _, g := range groups(builtins) {
		sections = append(sections, "## "+g.name+"\n")
		for _, b := range g.builtins {
			sections = append(sections, Markdown(b))
		}
	}
	return strings.Join(sections, "\n")
}

// Markdown is the section of one builtin.
func Markdown(b *Builtin) string {
	var out strings.Builder
	fmt.Fprintf(&out, "### %s\n\n```python\n%s\n```\n", b.Name, b.Signature())
	if b.Doc != "" {
		fmt.Fprintf(&out, "\n%s\n", b.Doc)
	}
	if len(b.Params) > 0 {
		out.WriteString("\n| parameter | type | default | |\n|---|---|---|---|\n")
		for _, p := range b.Params {
			out.WriteString(p.row())
		}
		if b.Rest != nil {
			fmt.Fprintf(&out, "| `**%s` | %s | | %s By any other name. |\n", b.Rest.Name, b.Rest.typeCell(), Cell(sentenceEnd(b.Rest.Doc)))
		}
	}
	if b.Returns != "" {
		fmt.Fprintf(&out, "\nReturns %s\n", sentenceEnd(b.Returns))
	}
	if b.Example != "" {
		fmt.Fprintf(&out, "\n```python\n%s\n```\n", strings.Trim(b.Example, "\n"))
	}
	return out.String()
}

func (p Param) row() string {
	def := "required"
	switch {
	case p.rest():
		def = ""
	case p.Default != nil:
		def = "`" + Cell(p.Default.String()) + "`"
	}
	doc := p.Doc
	if p.Named && !p.rest() {
		doc = "Only by name."
		if p.Doc != "" {
			doc = sentenceEnd(p.Doc) + " Only by name."
		}
	}
	return fmt.Sprintf("| `%s` | %s | %s | %s |\n", p.Name, p.typeCell(), def, Cell(doc))
}

func (p Param) typeCell() string {
	if p.Type == nil {
		return ""
	}
	return Cell(p.Type.String())
}

// Cell makes s fit for a cell of a table in Markdown: a bar would end it, and so would a line end.
func Cell(s string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(s), " "), "|", `\|`)
}

func sentenceEnd(s string) string {
	if s == "" || strings.HasSuffix(strings.TrimSuffix(s, ")"), ".") {
		return s
	}
	return s + "."
}

// group is the builtins under one heading.
type group struct {
	name     string
	builtins []*Builtin
}

func groups(builtins []*Builtin) []*group {
	var gs []*group
	byName := make(map[string]*group)
	for _, b := range builtins {
		name := b.Group
		if name == "" {
			name = "Other"
		}
		g := byName[name]
		if g == nil {
			g = &group{name: name}
			byName[name] = g
			gs = append(gs, g)
		}
		g.builtins = append(g.builtins, b)
	}
	return gs
}
