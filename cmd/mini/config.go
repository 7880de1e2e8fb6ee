package main

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"mini/build"
	"mini/builtins"
	"mini/internal/kconf"
	"mini/internal/kconfig"
	"mini/lang"

	"github.com/spf13/pflag"
)

const configHelp = `Prints the configuration that a kernel or a BusyBox ends up with. It is computed by the source's own make, for which
nothing is compiled; what the script asks for and doesn't get is no error here.

With a SYMBOL that one is explained: its value and why, what it depends on, what selects it, its help text, and where all
of that stands in the source.

--diff OTHER shows what differs in another target of the script, in a variant, or with other parameters:
    mini config --diff debug_kernel distro.star:linux      mini config --diff tiny distro.star:linux
    mini config --diff linux=6.12,arch=i386 distro.star:linux
A line with - is only in the first, one with + only in the other, and the rest is otherwise there. Variants that --diff
names stand in the place of those of -V.
--minimal prints a short dict that gives this very configuration, on top of the base that it names. It was checked by
computing the configuration from it.`

type configFlags struct {
	*common
	diff    string
	minimal bool
}

func (a *app) configCommand(f *pflag.FlagSet) func(context.Context, []string) error {
	c := &configFlags{common: a.buildFlags(f)}
	f.StringVar(&c.diff, "diff", "", diffFlag)
	f.BoolVar(&c.minimal, "minimal", false, "print a short dict that gives the configuration")
	return func(ctx context.Context, args []string) error { return a.config(ctx, c, args) }
}

func (a *app) config(ctx context.Context, c *configFlags, args []string) error {
	args, symbol := splitNode(args)
	if n := len(slices.DeleteFunc([]bool{c.diff != "", c.minimal, symbol != ""}, func(b bool) bool { return !b })); n > 1 {
		return usagef("config: --diff, --minimal and a symbol are three questions; ask one")
	}
	if c.json {
		return usagef("config: it prints text; there is no --json for it")
	}
	other, otherArgs, err := a.compared(ctx, c.common, c.diff, args, isConfigured)
	if err != nil {
		return err
	}
	one, err := a.configured(ctx, c.common, args)
	if err != nil {
		return err
	}
	switch {
	case symbol != "":
		return one.explain(a.stdout, symbol)
	case c.minimal:
		return one.minimal(a.stdout)
	case c.diff != "":
		two, err := a.configured(ctx, other, otherArgs)
		if err != nil {
			return err
		}
		return one.differ(a.stdout, two)
	}
	_, err = a.stdout.Write(one.text)
	return err
}

// configured is one program's configuration.
type configured struct {
	name  string // script:target
	base  string
	text  []byte
	final *kconfig.Config
	dirs  []fs.FS
	// others says which other versions of the program in the cache have a symbol.
	others func(symbol string) string
}

// configured lets make configure the one target that was named, or the only one that there is.
func (a *app) configured(ctx context.Context, c *common, args []string) (*configured, error) {
	s, err := a.open(ctx, c, args)
	if err != nil {
		return nil, err
	}
	defer s.close()
	var all *configured
	choose := func() ([]target, error) {
		t, err := s.script.configurable()
		return []target{t}, err
	}
	err = s.whole(ctx, choose, nil, func(_ *build.Run, results map[*build.Node]*build.Result) error {
		t, err := s.script.configurable()
		if err != nil {
			return err
		}
		all, err = s.readConfigured(ctx, t, results)
		return err
	})
	return all, err
}

// onlyConfigured is a target of which no more is built than its configuration.
type onlyConfigured struct{ builtins.Configured }

// Outputs implements builtins.Target.
func (o onlyConfigured) Outputs() []builtins.Output {
	c := o.Configuration()
	return []builtins.Output{{Artifact: c.Build}, {Artifact: c.Source}}
}

func isConfigured(t target) bool {
	c, ok := t.value.(builtins.Configured)
	return ok && c.Configuration() != nil
}

// configurable picks the target.
func (s *script) configurable() (target, error) {
	var all []target
	var names []string
	for _, t := range s.all() {
		if isConfigured(t) {
			all = append(all, target{t.name, t.pos, onlyConfigured{t.value.(builtins.Configured)}})
			names = append(names, s.path+":"+t.name)
		}
	}
	switch {
	case len(all) == 0:
		return target{}, usagef("%s has nothing with a configuration, such as linux = kernel(…) or bb = busybox(…)", s.path)
	case len(s.targets) > 1:
		return target{}, usagef("config takes one target; %d are named", len(s.targets))
	case len(s.targets) == 0 && len(all) > 1:
		return target{}, usagef("%s has %d programs with a configuration; say which: %s", s.path, len(all), strings.Join(names, ", "))
	case len(s.targets) == 0:
		return all[0], nil
	}
	t, err := s.named(s.targets[0], s.all())
	if err != nil {
		return target{}, err
	}
	for _, c := range all {
		if c.name == t.name {
			return c, nil
		}
	}
	return target{}, usagef("%s:%s is a %s without a configuration; there are: %s", s.path, t.name, t.value.Type(), strings.Join(names, ", "))
}

// readConfigured reads what make left.
func (s *session) readConfigured(ctx context.Context, t target, results map[*build.Node]*build.Result) (*configured, error) {
	conf := t.value.(builtins.Configured).Configuration()
	one := &configured{name: s.script.path + ":" + t.name, base: conf.Base}
	for _, artifact := range []*build.Artifact{conf.Build, conf.Source} {
		object, err := s.engine.Object(ctx, results[artifact.Node], artifact)
		if err != nil {
			return nil, err
		}
		if err := s.store.UseTree(ctx, object.Digest); err != nil {
			return nil, err
		}
		one.dirs = append(one.dirs, os.DirFS(path.Join(s.store.TreePath(object.Digest), artifact.Sub)))
	}
	var err error
	if one.text, err = fs.ReadFile(one.dirs[0], ".config"); err != nil {
		return nil, err
	}
	program, version := kconf.SourceVersion(one.dirs[1])
	one.others = func(symbol string) string { return s.otherVersions(program, version, []string{symbol}) }
	one.final, err = kconfig.ParseConfig(".config", one.text)
	return one, err
}

// state computes the configuration again, from the source's own files.
func (c *configured) state() (*kconf.State, error) {
	values := make(map[string]string)
	for _, symbol := range c.final.Symbols() {
		value, _ := c.final.Get(symbol)
		values[symbol] = value.Text()
	}
	state, err := kconf.Load(c.dirs, c.text, values)
	if err != nil {
		return nil, fmt.Errorf("%s: its Kconfig files can't be read: %w", c.name, err)
	}
	return state, nil
}

func (c *configured) differ(w io.Writer, other *configured) error {
	for _, change := range kconfig.Diff(c.final, other.final) {
		if _, err := fmt.Fprintln(w, change); err != nil {
			return err
		}
	}
	return nil
}

func (c *configured) explain(w io.Writer, symbol string) error {
	symbol, err := kconfig.NormalizeSymbol(symbol)
	if err != nil {
		return usagef("config: %v", err)
	}
	state, err := c.state()
	if err != nil {
		return err
	}
	lines, ok := state.Describe(symbol)
	if !ok {
		var names []string
		for _, s := range state.Tree().Symbols {
			names = append(names, s.Name)
		}
		hint := c.others(symbol)
		if near := lang.Suggest(symbol, names); near != "" {
			hint = fmt.Sprintf("; did you mean %s?", near) + hint
		}
		return usagef("the source of %s has no symbol %s%s", c.name, symbol, hint)
	}
	_, err = fmt.Fprintln(w, clean(strings.Join(lines, "\n")))
	return err
}

// minimal prints a dict.
func (c *configured) minimal(w io.Writer) error {
	state, err := c.state()
	if err != nil {
		return err
	}
	base, mode := "allnoconfig", kconf.NewNo
	if state.Tree().Style == kconf.Old { // whose conf asks about defaults one by one
		base, mode = "defconfig", kconf.NewDefault
	}
	settings, ok := state.Minimal(mode)
	if !ok {
		return fmt.Errorf("%s: no list of settings was found that gives the same configuration on top of %s", c.name, base)
	}
	fmt.Fprintf(w, "base = %q, config = {\n", base)
	for _, s := range settings {
		fmt.Fprintf(w, "    %q: %s,\n", s.Name, kconf.Starlark(state.Tree(), s))
	}
	_, err = fmt.Fprintln(w, "}")
	return err
}
