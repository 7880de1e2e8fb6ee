package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"mini/lang"
)

// diffFlag is how --diff is explained, for the commands that compare.
const diffFlag = "compare with another target, a variant, or name=value,…"

// compared turns what --diff names into a command line of its own: another target among those that can be compared, a
// variant, or other parameters. Without --diff there is nothing.
func (a *app) compared(ctx context.Context, c *common, diff string, args []string, can func(target) bool) (*common, []string, error) {
	if diff == "" {
		return nil, nil, nil
	}
	first, err := parseScript(&c.selection, args)
	if err != nil {
		return nil, nil, err
	}
	if err := a.evaluate(ctx, first); err != nil {
		return nil, nil, err
	}
	other := *c
	var variants []string
	args = slices.Clone(args)
	script, targets := splitTargets(args[0])
	for _, word := range strings.Split(diff, ",") {
		name, _, isParam := strings.Cut(word, "=")
		switch {
		case isParam:
			args = append(slices.DeleteFunc(args, func(arg string) bool { return strings.HasPrefix(arg, name+"=") }), word)
		case slices.ContainsFunc(first.program.Variants, func(v lang.VariantDecl) bool { return v.Name == word }):
			variants = append(variants, word)
		case slices.ContainsFunc(first.all(), func(t target) bool { return t.name == word }):
			targets = []string{word}
		default:
			return nil, nil, usagef("%s: --diff takes a target, a variant or name=value, and %s has no target and no variant %q%s",
				c.flags.Name(), first.path, word, first.comparable(word, can))
		}
	}
	if variants != nil { // they are compared with those in force, and don't come on top
		other.variants = variants
	}
	args[0] = strings.Join(append([]string{script}, targets...), ":")
	return &other, args, nil
}

// comparable is a hint at what --diff could have meant.
func (s *script) comparable(word string, can func(target) bool) string {
	var names []string
	for _, t := range s.all() {
		if can(t) {
			names = append(names, t.name)
		}
	}
	for _, v := range s.program.Variants {
		names = append(names, v.Name)
	}
	if near := lang.Suggest(word, names); near != "" {
		return fmt.Sprintf("; did you mean %s?", near)
	}
	return "; there are: " + strings.Join(names, ", ")
}
