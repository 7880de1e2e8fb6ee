package builtins

import (
	"fmt"
	"slices"
	"strings"

	"mini/build"
	"mini/build/step"
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
	all     []quirks.Quirk // of the program, less those that are switched off
	off     []quirks.Quirk // those
	program string
	host    func() quirks.Host
}

func (s *Session) quirks(c *lang.Call, a *arch.Arch, program string) (*worked, error) {
	w := &worked{all: quirks.For(program), program: program, host: func() quirks.Host { return s.hostOf(a) }}
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
			return nil, lang.WithHint(c.ArgErrorf("quirks", "%s: mini knows no quirk %q of %s", c.Builtin.Name, name, program), quirkHint(name, known))
		case !off:
			return nil, lang.WithHint(c.ArgErrorf("quirks", "%s: the quirk %q is worked around by itself where it has to be", c.Builtin.Name, name),
				fmt.Sprintf("write %q to switch it off", "-"+name))
		}
		if i := slices.IndexFunc(w.all, func(q quirks.Quirk) bool { return q.Name == name }); i >= 0 { // else it is said twice
			w.off = append(w.off, w.all[i])
			w.all = slices.Delete(w.all, i, i+1)
		}
	}
	return w, nil
}

func quirkHint(name string, known []string) string {
	if near := lang.Suggest(name, known); near != "" {
		return fmt.Sprintf("did you mean %q?", "-"+near)
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
		h.Compiler, h.Headers, h.Libc = target.Compiler, target.Headers, target.Glibc
	}
	return h
}

// settings are those of a version that the script has not made itself, with the quirks that they are for.
func (w *worked) settings(version string, asked kconfig.Request) (kconfig.Request, []build.Quirk) {
	var more kconfig.Request
	var why []build.Quirk
	for _, q := range w.all {
		before := len(more)
		for _, s := range q.Config {
			if !slices.ContainsFunc(asked, func(a kconfig.Setting) bool { return a.Symbol == s.Symbol }) && q.AppliesTo(w.program, version, w.host) {
				more = append(more, kconfig.Setting{Symbol: s.Symbol, Value: kconfig.Tristate(s.Value)})
			}
		}
		if len(more) > before {
			why = append(why, noted(q))
		}
	}
	return kconfig.Request(nil).Merge(more), why
}

// words are for the command line of make: of all that it is called for, or of its menu alone.
func (w *worked) words(version string, menu bool) (words []string, why []build.Quirk) {
	for _, q := range w.all {
		if len(q.Make) > 0 && q.Menu == menu && q.AppliesTo(w.program, version, w.host) {
			words = append(words, q.Make...)
			why = append(why, noted(q))
		}
	}
	return words, why
}

// patches are the quirks of a version that are mended in its source.
func (w *worked) patches(version string) (list []quirks.Quirk) {
	if w == nil {
		return nil
	}
	for _, q := range w.all {
		if q.Patch && q.AppliesTo(w.program, version, w.host) {
			list = append(list, q)
		}
	}
	return list
}

// mend lets a node that unpacks a source change it as well, after the script's own patches: what these have mended already
// is passed over.
func mend(n *build.Node, list []quirks.Quirk) {
	if len(list) == 0 {
		return
	}
	args := []string{"--mend", "src"}
	for _, q := range list {
		file := "quirks/" + q.Name + ".patch"
		n.Inputs = append(n.Inputs, build.Input{Path: file, Data: q.PatchText()})
		n.Quirks = append(n.Quirks, noted(q))
		args = append(args, file)
	}
	n.Steps = append(n.Steps, step.Line("patch", args...))
}

// causes are what a build may fail of because a script wants it: quirks that it has switched off, and symbols that it has set
// to what breaks.
func (w *worked) causes(asked kconfig.Request) (list []build.Cause) {
	for _, q := range w.off {
		if q.Shows != "" {
			list = append(list, build.Cause{Shows: q.Shows, Says: fmt.Sprintf("this is the quirk %s: %s. The script has switched it off (quirks = [%q]); mini mends it by %s", q.Name, q.Why, "-"+q.Name, q.Remedy())})
		}
	}
	for _, q := range w.all {
		for _, s := range q.Config {
			if q.Shows != "" && slices.ContainsFunc(asked, func(a kconfig.Setting) bool { return a.Symbol == s.Symbol && a.Value != kconfig.Tristate(s.Value) }) {
				list = append(list, build.Cause{Shows: q.Shows, Says: fmt.Sprintf("this is the quirk %s: %s. mini mends it by %s=%s, but the script's config says itself what %s is", q.Name, q.Why, s.Symbol, s.Value, s.Symbol)})
			}
		}
	}
	return list
}

func noted(q quirks.Quirk) build.Quirk {
	return build.Quirk{Name: q.Name, Remedy: q.Remedy(), Why: q.Why, See: q.See}
}
