package lang

import (
	"fmt"
	"strings"

	"go.starlark.net/starlark"
)

// Core is the builtins of the language itself, which every script has.
func Core() []*Builtin {
	return []*Builtin{paramBuiltin(), variantBuiltin(), matrixBuiltin(), helpBuiltin()}
}

func helpBuiltin() *Builtin {
	return &Builtin{
		Name:    "help",
		Group:   "Language",
		Doc:     "Prints what a builtin does and takes, or the list of all builtins.",
		Returns: "None",
		Example: "help(\"param\")",
		Params: []Param{
			{Name: "name", Type: TypeFunc("string or builtin", builtinName), Default: starlark.None, Doc: "The builtin, or its name; None lists them all."},
		},
		Do: func(c *Call) (starlark.Value, error) {
			if c.Value("name") == starlark.None {
				c.run.print(c.Pos, Overview(c.run.builtins))
				return starlark.None, nil
			}
			var names []string
			for _, b := range c.run.builtins {
				if b.Name == c.Str("name") {
					c.run.print(c.Pos, Help(b))
					return starlark.None, nil
				}
				names = append(names, b.Name)
			}
			err := c.ArgErrorf("name", "there is no builtin %q", c.Str("name"))
			if near := didYouMean(c.Str("name"), names); near != "" {
				return nil, WithHint(err, near)
			}
			return nil, WithHint(err, "help() lists them all")
		},
	}
}

// builtinName accepts help("kernel") and help(kernel).
func builtinName(v starlark.Value) (starlark.Value, error) {
	if b, ok := v.(*starlark.Builtin); ok {
		return starlark.String(b.Name()), nil
	}
	if _, ok := v.(starlark.String); !ok {
		return nil, wrongType("string or builtin", v)
	}
	return v, nil
}

// Overview lists the builtins under their groups with the first sentence of each.
func Overview(builtins []*Builtin) string {
	width := 0
	for _, b := range builtins {
		width = max(width, len(b.Name))
	}
	var out strings.Builder
	for i, g := range groups(builtins) {
		if i > 0 {
			out.WriteString("\n")
		}
		fmt.Fprintf(&out, "%s\n", g.name)
		for _, b := range g.builtins {
			line := fmt.Sprintf("  %-*s  %s", width, b.Name, firstSentence(b.Doc))
			out.WriteString(strings.TrimRight(line, " ") + "\n")
		}
	}
	return out.String()
}

func firstSentence(doc string) string {
	if i := strings.Index(doc, ". "); i >= 0 {
		return doc[:i]
	}
	return strings.TrimSuffix(doc, ".")
}

// helpWidth is the line length of plain text, in characters.
const helpWidth = 79

// Help is the reference of one builtin as plain text for a terminal, with a final newline.
func Help(b *Builtin) string {
	var out strings.Builder
	out.WriteString(b.Signature() + "\n")
	if b.Doc != "" {
		out.WriteString("\n" + WrapText(b.Doc, "  "))
	}
	for _, p := range b.Params {
		out.WriteString("\n  " + p.headline() + "\n" + WrapText(p.Doc, "      "))
	}
	if b.Rest != nil {
		out.WriteString("\n  **" + b.Rest.typed() + ", by any other name\n" + WrapText(b.Rest.Doc, "      "))
	}
	if b.Returns != "" {
		out.WriteString("\n  Returns:\n" + WrapText(b.Returns, "      "))
	}
	if b.Example != "" {
		out.WriteString("\n  Example:\n")
		for _, line := range strings.Split(strings.Trim(b.Example, "\n"), "\n") {
			out.WriteString(strings.TrimRight("      "+line, " ") + "\n")
		}
	}
	return out.String()
}

// headline is what there is to say of a parameter besides its doc.
func (p Param) headline() string {
	parts := []string{p.typed()}
	switch {
	case p.rest():
	case p.Default == nil:
		parts = append(parts, "required")
	default:
		parts = append(parts, "default "+p.Default.String())
	}
	if p.Named && !p.rest() {
		parts = append(parts, "only by name")
	}
	return strings.Join(parts, ", ")
}

// typed is the parameter's name, with its type if that is known.
func (p Param) typed() string {
	if p.Type == nil {
		return p.Name
	}
	return p.Name + ": " + p.Type.String()
}

// WrapText breaks text for a terminal into lines that begin with indent. Paragraphs, between which there is an empty line,
// are filled; a paragraph whose first line is indented keeps its lines.
func WrapText(s, indent string) string {
	var out []string
	for _, paragraph := range strings.Split(strings.Trim(s, "\n"), "\n\n") {
		if !strings.HasPrefix(paragraph, " ") {
			out = append(out, filled(paragraph, indent))
			continue
		}
		kept := ""
		for _, line := range strings.Split(paragraph, "\n") {
			kept += strings.TrimRight(indent+line, " ") + "\n"
		}
		out = append(out, kept)
	}
	return strings.Join(out, "\n")
}

// filled breaks a paragraph into indented lines.
func filled(s, indent string) string {
	var out strings.Builder
	line := indent
	for _, word := range strings.Fields(s) {
		if line != indent && len([]rune(line))+1+len([]rune(word)) > helpWidth {
			out.WriteString(line + "\n")
			line = indent
		}
		if line != indent {
			line += " "
		}
		line += word
	}
	if line != indent {
		out.WriteString(line + "\n")
	}
	return out.String()
}
