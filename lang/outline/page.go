package outline

import (
	"fmt"
	"strings"

	"mini/lang"
)

// Text is what a script says of itself to those who run it or load it, for a terminal. Names that begin with an
// underscore are its own business.
func (o *Outline) Text() string {
	var out strings.Builder
	out.WriteString(o.Name + "\n")
	if o.Doc != "" {
		out.WriteString("\n" + lang.WrapText(o.Doc, "  "))
	}
	if len(o.Params) > 0 {
		out.WriteString("\nParameters\n")
	}
	for _, p := range o.Params {
		fmt.Fprintf(&out, "\n  %s = %s\n%s", p.Name, p.Default, lang.WrapText(p.Doc, "      "))
		if p.Choices != "" {
			out.WriteString("      one of: " + p.Choices + "\n")
		}
	}
	sets(&out, "Variants, for -V", o.Variants)
	sets(&out, "Matrices, for --matrix", o.Matrices)
	if fs := o.publicFunctions(); len(fs) > 0 {
		out.WriteString("\nFunctions\n")
		for _, f := range fs {
			out.WriteString("\n" + indented(lang.Help(&f.Builtin), "  "))
		}
	}
	if vs := o.publicValues(); len(vs) > 0 {
		out.WriteString("\nValues\n")
		for _, v := range vs {
			fmt.Fprintf(&out, "\n  %s = %s\n%s", v.Name, short(v.Text), lang.WrapText(v.Doc, "      "))
		}
	}
	return out.String()
}

func sets(out *strings.Builder, title string, list []Set) {
	if len(list) > 0 {
		out.WriteString("\n" + title + "\n")
	}
	for _, s := range list {
		fmt.Fprintf(out, "\n  %s: %s\n%s", s.Name, s.Values, lang.WrapText(s.Doc, "      "))
	}
}

func setTable(out *strings.Builder, title, what, values string, list []Set) {
	if len(list) > 0 {
		fmt.Fprintf(out, "\n## %s\n\n| %s | %s | |\n|---|---|---|\n", title, what, values)
	}
	for _, s := range list {
		fmt.Fprintf(out, "| `%s` | %s | %s |\n", s.Name, code(s.Values), lang.Cell(s.Doc))
	}
}

// Markdown is the same as a page.
func (o *Outline) Markdown() string {
	var out strings.Builder
	fmt.Fprintf(&out, "# %s\n", o.Name)
	if o.Doc != "" {
		out.WriteString("\n" + codeByIndent(o.Doc) + "\n")
	}
	if len(o.Params) > 0 {
		out.WriteString("\n## Parameters\n\n| parameter | default | choices | |\n|---|---|---|---|\n")
	}
	for _, p := range o.Params {
		fmt.Fprintf(&out, "| `%s` | %s | %s | %s |\n", p.Name, code(p.Default), code(p.Choices), lang.Cell(p.Doc))
	}
	setTable(&out, "Variants", "variant", "sets", o.Variants)
	setTable(&out, "Matrices", "matrix", "systems", o.Matrices)
	if fs := o.publicFunctions(); len(fs) > 0 {
		out.WriteString("\n## Functions\n")
		for _, f := range fs {
			out.WriteString("\n" + lang.Markdown(&f.Builtin))
		}
	}
	if vs := o.publicValues(); len(vs) > 0 {
		out.WriteString("\n## Values\n")
		for _, v := range vs {
			fmt.Fprintf(&out, "\n### %s\n\n```python\n%s = %s\n```\n", v.Name, v.Name, short(v.Text))
			if v.Doc != "" {
				out.WriteString("\n" + v.Doc + "\n")
			}
		}
	}
	return out.String()
}

func (o *Outline) publicFunctions() []Function {
	var fs []Function
	for _, f := range o.Functions {
		if Public(f.Name) {
			fs = append(fs, f)
		}
	}
	return fs
}

// publicValues leaves out what is a param's value and nothing else: it stands among the params.
func (o *Outline) publicValues() []Value {
	var vs []Value
	for _, v := range o.Values {
		if Public(v.Name) && !strings.HasPrefix(v.Text, "param(") {
			vs = append(vs, v)
		}
	}
	return vs
}

// longest is how many characters of a value's text are shown.
const longest = 100

func short(text string) string {
	if r := []rune(text); len(r) > longest {
		return string(r[:longest-1]) + "…"
	}
	return text
}

func code(text string) string {
	if text == "" {
		return ""
	}
	return "`" + lang.Cell(text) + "`"
}

func indented(text, by string) string {
	var out strings.Builder
	for _, line := range strings.SplitAfter(text, "\n") {
		if strings.TrimSpace(line) != "" {
			out.WriteString(by)
		}
		out.WriteString(line)
	}
	return out.String()
}

// codeByIndent keeps the lines of indented paragraphs apart: in Markdown that takes an indentation of four.
func codeByIndent(doc string) string {
	paragraphs := strings.Split(doc, "\n\n")
	for i, p := range paragraphs {
		if strings.HasPrefix(p, " ") && !strings.HasPrefix(p, "    ") {
			paragraphs[i] = indented(p, "    ")
		}
	}
	return strings.Join(paragraphs, "\n\n")
}
