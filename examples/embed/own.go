package main

import (
	"strings"

	"mini/build"
	"mini/builtins"
	"mini/lang"

	"go.starlark.net/starlark"
)

// own is the program's own words: title makes a value, words reads a file of the script's, page describes something to
// build.
func own() []*lang.Builtin {
	return []*lang.Builtin{
		{
			Name: "title", Doc: "A text with a line under it.", Returns: "a string",
			Params: []lang.Param{{Name: "text", Type: lang.StringType}},
			Do: func(c *lang.Call) (starlark.Value, error) {
				text := c.Str("text")
				return starlark.String(text + "\n" + strings.Repeat("=", len([]rune(text))) + "\n"), nil
			},
		},
		{
			Name: "words", Doc: "How many words a file beside the script has.", Returns: "an int",
			Params: []lang.Param{{Name: "file", Type: lang.StringType}},
			Do: func(c *lang.Call) (starlark.Value, error) {
				text, err := c.ReadFile(c.Str("file"))
				return starlark.MakeInt(len(strings.Fields(string(text)))), err
			},
		},
		{
			Name: "page", Doc: "A page: a head, and files beside the script, sorted by line if asked for.", Returns: "a file",
			Params: []lang.Param{
				{Name: "head", Type: lang.StringType},
				{Name: "files", Type: lang.ListOf(lang.StringType)},
				{Name: "sort", Type: lang.BoolType, Default: starlark.False, Named: true},
			},
			Do: page,
		},
	}
}

// page describes a node; nothing is done here. Its steps are what the key is made of, and what runs.
func page(c *lang.Call) (starlark.Value, error) {
	n := &build.Node{
		Name: "page", Title: "page", Pos: c.Pos.String(), Outputs: []string{"page"}, Tools: []string{"cat", "sort"},
		Inputs: []build.Input{{Path: "head", Data: []byte(c.Str("head"))}},
		Steps:  []string{"cat head body > page"},
	}
	for name := range starlark.Elements(c.Value("files").(*starlark.List)) {
		file := string(name.(starlark.String))
		text, err := c.ReadFile(file)
		if err != nil {
			return nil, err // it has its place already: the name in the script
		}
		n.Inputs = append(n.Inputs, build.Input{Path: "in/" + file, Label: file, Data: text})
	}
	body := "cat in/pages/* > body"
	if c.Bool("sort") {
		body = "sort in/pages/* > body"
	}
	n.Steps = append([]string{body}, n.Steps...)
	return builtins.NewFile("page", ".txt", &build.Artifact{Node: n, Output: "page"}), nil
}
