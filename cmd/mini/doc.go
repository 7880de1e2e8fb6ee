package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"mini/internal/modules"
	"mini/lang"
	"mini/lang/outline"
	"mini/stdlib"

	"github.com/spf13/pflag"
)

const docHelp = `Describes a builtin, or what a script says of itself: its params, its functions and its values, with their docs. Nothing is
run. SCRIPT may be a file, a recipe of mini's own such as @mini//linux.star, or one of a module that the mini.lock of this directory
requires, such as github.com/owner/repo//net.star; SCRIPT:NAME is one function of it. Without a
name it lists the builtins and mini's recipes, and with --markdown it is the whole reference of builtins.`

func (a *app) docCommand(f *pflag.FlagSet) func(context.Context, []string) error {
	markdown := f.Bool("markdown", false, "print Markdown")
	l := &loading{}
	l.loadFlags(f)
	l.cacheFlags(f)
	return func(ctx context.Context, args []string) error {
		if err := l.checkLoading(); err != nil {
			return err
		}
		text := ""
		switch {
		case len(args) > 1:
			return usagef("doc: name one builtin or script; %q is one too many", args[1])
		case len(args) == 1:
			var err error
			if text, err = a.describe(ctx, l, args[0], *markdown); err != nil {
				return err
			}
		case *markdown:
			text = lang.Reference(vocabulary())
		default:
			text = lang.Overview(vocabulary()) + recipes()
		}
		_, err := fmt.Fprint(a.stdout, clean(text))
		return err
	}
}

// describe is the doc of a builtin, of a script, or of SCRIPT:NAME.
func (a *app) describe(ctx context.Context, l *loading, name string, markdown bool) (string, error) {
	table := vocabulary()
	var names []string
	for _, b := range table {
		if b.Name == name {
			return describeBuiltin(b, markdown), nil
		}
		names = append(names, b.Name)
	}
	path, members := splitTargets(name)
	if _, err := os.Stat(path); err != nil && !strings.ContainsAny(path, "./@") {
		hint := "builtins: " + strings.Join(names, ", ")
		if near := lang.Suggest(name, names); near != "" {
			hint = fmt.Sprintf("did you mean %s?", near)
		}
		return "", usagef("there is neither a builtin nor a script %q; %s", name, hint)
	}
	script, err := a.outline(ctx, l, path)
	switch {
	case err != nil:
		return "", err
	case len(members) > 0:
		return describeMembers(script, members, markdown)
	case markdown:
		return script.Markdown(), nil
	}
	return script.Text(), nil
}

func describeBuiltin(b *lang.Builtin, markdown bool) string {
	if markdown {
		return lang.Markdown(b)
	}
	return lang.Help(b)
}

// describeMembers is the docs of some functions of a script.
func describeMembers(script *outline.Outline, members []string, markdown bool) (string, error) {
	var parts, names []string
	for _, f := range script.Functions {
		names = append(names, f.Name)
	}
	for _, name := range members {
		found := false
		for _, f := range script.Functions {
			if f.Name == name {
				found = true
				parts = append(parts, describeBuiltin(&f.Builtin, markdown))
			}
		}
		if !found {
			hint := "it has none"
			if near := lang.Suggest(name, names); near != "" {
				hint = fmt.Sprintf("did you mean %s?", near)
			} else if len(names) > 0 {
				hint = "it has: " + strings.Join(names, ", ")
			}
			return "", usagef("%s has no function %q; %s", script.Name, name, hint)
		}
	}
	return strings.Join(parts, "\n"), nil
}

// outline reads a script, a recipe of mini's own, or one of a module, without running it.
func (a *app) outline(ctx context.Context, l *loading, path string) (*outline.Outline, error) {
	var src []byte
	var err error
	shown := path
	module, file, inModule := strings.Cut(path, "//")
	switch {
	case module == "@mini" && inModule:
		if src, err = fs.ReadFile(stdlib.FS, file); err != nil {
			err = usagef("there is no recipe %s; `mini doc` lists them", path)
		}
	case inModule && modules.CheckPath(module) == nil:
		src, shown, err = a.readFromModule(ctx, l, module, file)
	default:
		src, shown, err = a.readScript(path)
	}
	if err != nil {
		return nil, err
	}
	tree, err := lang.Parse(shown, src)
	if err != nil {
		return nil, err
	}
	return outline.Of(tree), nil
}

// readFromModule reads a file of a module that the mini.lock of this directory requires.
func (a *app) readFromModule(ctx context.Context, l *loading, module, file string) (src []byte, shown string, err error) {
	set, _, err := a.lockedModules(l, rootOf("."))
	if err != nil {
		return nil, "", err
	}
	found, err := set.Find(ctx, "", module)
	if err != nil {
		return nil, "", usagef("doc: %v", err)
	}
	shown = found.Shown + file
	src, err = found.Read(file)
	if errors.Is(err, fs.ErrNotExist) {
		err = usagef("there is no file %s", shown)
	}
	return src, shown, err
}

// recipes lists mini's own with their first lines.
func recipes() string {
	out := "\nRecipes\n"
	names, _ := fs.Glob(stdlib.FS, "*.star")
	for _, name := range names {
		src, err := fs.ReadFile(stdlib.FS, name)
		if err != nil {
			continue
		}
		file, err := lang.Parse(name, src)
		if err != nil {
			continue
		}
		first, _, _ := strings.Cut(outline.Of(file).Doc, "\n")
		out += strings.TrimRight(fmt.Sprintf("  @mini//%s  %s", name, first), " ") + "\n"
	}
	return out
}
