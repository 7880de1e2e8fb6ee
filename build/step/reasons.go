package step

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"mini/internal/kconf"
	"mini/internal/kconfig"
)

// reasons put into words why make dropped what was asked for.
type reasons struct {
	dirs    []fs.FS
	text    []byte // of the final .config
	final   *kconfig.Config
	request kconfig.Request
	missed  []kconfig.Miss

	state *kconf.State // nil if the source can't be read
	asked []kconf.Setting
}

// maxOffers bounds for how many symbols something to add is looked for one by one, which takes up to a second each.
const maxOffers = 8

// load reads the source's own files.
func (r *reasons) load() (err error) {
	if len(r.dirs) == 0 {
		return errors.New("the source's files are not at hand")
	}
	values := make(map[string]string)
	for _, symbol := range r.final.Symbols() {
		value, _ := r.final.Get(symbol)
		values[symbol] = value.Text()
	}
	for _, s := range r.request {
		if !s.Accept {
			r.asked = append(r.asked, plain(s))
		}
	}
	r.state, err = kconf.Load(r.dirs, r.text, values)
	if err != nil {
		return err
	}
	var names []string
	for _, s := range r.state.Tree().Symbols {
		names = append(names, s.Name)
	}
	r.missed = kconfig.Check(r.request, r.final, names)
	return nil
}

func plain(s kconfig.Setting) kconf.Setting {
	return kconf.Setting{Name: s.Symbol, Value: s.Value.Text()}
}

func (r *reasons) String() string {
	if r.state == nil {
		var lines []string
		for _, m := range r.missed {
			lines = append(lines, m.String())
		}
		return strings.Join(lines, "\n    ") + "\n  add what the symbol depends on, or " + r.accept()
	}
	whys := make([]kconf.Reason, len(r.missed))
	var wanted []kconf.Setting // what something can be added for
	for i, m := range r.missed {
		if whys[i] = r.why(m, i); len(whys[i].Add) > 0 {
			wanted = append(wanted, plain(m.Setting))
		}
	}
	together, ok := r.state.Satisfy(wanted, r.asked)
	var lines []string
	for i, m := range r.missed {
		lines = append(lines, r.one(m, whys[i])...)
		if !ok && len(whys[i].Add) > 0 {
			lines = append(lines, "    add "+r.asDict(whys[i].Add))
		}
	}
	text := strings.Join(lines, "\n    ")
	switch {
	case !ok && len(wanted) > 0:
		return text + "\n  not all of it goes together; " + r.accept()
	case len(wanted) == 0:
		return text + "\n  ask for something else, or " + r.accept()
	case len(wanted) < len(r.missed):
		return fmt.Sprintf("%s\n  add %s\n  that leaves %s: ask for something else, or %s", text, r.asDict(together), r.without(wanted), r.accept())
	}
	return fmt.Sprintf("%s\n  add %s, or %s", text, r.asDict(together), r.accept())
}

// without names the symbols that nothing can be added for.
func (r *reasons) without(wanted []kconf.Setting) string {
	var names []string
	for _, m := range r.missed {
		if !slices.Contains(wanted, plain(m.Setting)) {
			names = append(names, m.Setting.Symbol)
		}
	}
	return strings.Join(names, ", ")
}

func (r *reasons) accept() string {
	symbol := "SYMBOL"
	if len(r.missed) == 1 {
		symbol = r.missed[0].Setting.Symbol
	}
	return fmt.Sprintf("write %q: None to accept what make chose", symbol)
}

func (r *reasons) why(m kconfig.Miss, n int) kconf.Reason {
	if n < maxOffers {
		return r.state.Offer(plain(m.Setting), r.asked)
	}
	return r.state.Explain(plain(m.Setting))
}

// one explains one symbol: a line, and below it what led to it.
func (r *reasons) one(m kconfig.Miss, why kconf.Reason) []string {
	sym := r.state.Tree().Lookup(m.Setting.Symbol)
	if sym == nil {
		return []string{m.Nowhere() + r.elsewhere(m.Setting.Symbol)}
	}
	if m.Got != "" && !sym.Type.Valid(m.Setting.Value.Text()) {
		return []string{m.String()} // says how to write it
	}
	lines := []string{m.Because(why.Why)}
	for _, line := range why.Chain {
		lines = append(lines, "    "+line)
	}
	return lines
}

// nowhere lists the symbols that the source doesn't have for any architecture.
func (r *reasons) nowhere() []string {
	var list []string
	for _, m := range r.missed {
		if r.state != nil && r.state.Tree().Lookup(m.Setting.Symbol) == nil && r.elsewhere(m.Setting.Symbol) == "" {
			list = append(list, m.Setting.Symbol)
		}
	}
	return list
}

// elsewhere tells where else a symbol is that this architecture doesn't have.
func (r *reasons) elsewhere(symbol string) string {
	files := r.state.Tree().Elsewhere(r.dirs[len(r.dirs)-1], symbol)
	if len(files) == 0 {
		return ""
	}
	return "; another architecture has it: " + files[0]
}

// asDict writes settings as they would be pasted into a script's config.
func (r *reasons) asDict(settings []kconf.Setting) string {
	var items []string
	for _, s := range settings {
		items = append(items, fmt.Sprintf("%q: %s", s.Name, kconf.Starlark(r.state.Tree(), s)))
	}
	return strings.Join(items, ", ")
}
