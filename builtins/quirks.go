package builtins

import (
	"fmt"
	"slices"
	"strings"

	"mini/build"
	"mini/internal/arch"
	"mini/internal/kconfig"
	"mini/internal/quirks"
	"mini/lang"

	"go.starlark.net/starlark"
)

func quirksParam() lang.Param {
	return lang.Param{
		Name: "quirks", Type: lang.ListOf(lang.StringType), Default: starlark.NewList(nil), Named: true,
		Doc: "Known breakages of this source on some machines are worked around without a word, and `mini plan` lists them. `\"-tc-cbq\"` switches off the one of that name; `mini doctor` has them all.",
	}
}

// worked are the quirks of one call's source that may be worked around.
type worked struct {
	all           []quirks.Quirk // of the program, less those that are switched off
	program, made string         // and its version
	host          func() quirks.Host
}

func (s *Session) quirks(c *lang.Call, a *arch.Arch, program, version string) (*worked, error) {
	w := &worked{all: quirks.For(program), program: program, made: version, host: func() quirks.Host { return s.hostOf(a) }}
	var known []string
	for _, q := range w.all {
		known = append(known, q.Name)
	}
	list := c.Value("quirks").(*starlark.List)
	for i := range list.Len() {
		word, _ := starlark.AsString(list.Index(i))
		name, off := strings.CutPrefix(word, "-")
		switch {
		case !slices.Contains(known, name):
			return nil, lang.WithHint(c.ArgErrorf("quirks", "%s: mini knows no quirk %q of %s", c.Builtin.Name, name, program), quirkHint(program, name, known))
		case !off:
			return nil, lang.WithHint(c.ArgErrorf("quirks", "%s: the quirk %q is worked around by itself where it has to be", c.Builtin.Name, name),
				fmt.Sprintf("write %q to switch it off", "-"+name))
		}
		w.all = slices.DeleteFunc(w.all, func(q quirks.Quirk) bool { return q.Name == name })
	}
	return w, nil
}

func quirkHint(program, name string, known []string) string {
	if near := lang.Suggest(name, known); near != "" {
		return fmt.Sprintf("did you mean %q?", "-"+near)
	}
	if len(known) == 0 {
		return "leave the argument out: nothing is known that " + program + " would have to be spared"
	}
	return "it knows: " + strings.Join(known, ", ")
}

// hostOf is what is known of the machine that builds for an architecture.
func (s *Session) hostOf(a *arch.Arch) quirks.Host {
	var h quirks.Host
	if s.opts.Compiler == nil {
		return h
	}
	if own, ok := s.opts.Compiler("gcc"); ok {
		h.OwnCompiler = own.Compiler
	}
	if target, ok := s.opts.Compiler(a.Cross(s.opts.Host) + "gcc"); ok {
		h.Headers = target.Headers
	}
	return h
}

// settings are those that the script has not made itself, with the quirks that they are for.
func (w *worked) settings(asked kconfig.Request) (kconfig.Request, []build.Quirk) {
	var more kconfig.Request
	var why []build.Quirk
	for _, q := range w.all {
		before := len(more)
		for _, s := range q.Config {
			if !slices.ContainsFunc(asked, func(a kconfig.Setting) bool { return a.Symbol == s.Symbol }) && q.AppliesTo(w.program, w.made, w.host) {
				more = append(more, kconfig.Setting{Symbol: s.Symbol, Value: kconfig.Tristate(s.Value)})
			}
		}
		if len(more) > before {
			why = append(why, noted(q))
		}
	}
	return kconfig.Request(nil).Merge(more), why
}

// menuWords are for the command line of make when it shows its menu.
func (w *worked) menuWords() (words string, why []build.Quirk) {
	for _, q := range w.all {
		if q.Menu && q.AppliesTo(w.program, w.made, w.host) {
			words += " " + strings.Join(q.Make, " ")
			why = append(why, noted(q))
		}
	}
	return words, why
}

func noted(q quirks.Quirk) build.Quirk {
	return build.Quirk{Name: q.Name, Remedy: q.Remedy(), Why: q.Why, See: q.See}
}
