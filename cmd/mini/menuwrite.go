package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"mini/builtins"
	"mini/lang"
	"mini/lang/edit"
)

// writeDict puts entries into the script's own dict. Before the script is replaced it is evaluated, and has to ask for just
// what was found.
func (s *session) writeDict(ctx context.Context, m *menu, c *entries) error {
	path := s.script.path
	at := m.conf.Call
	if at.File != path {
		return fmt.Errorf("mini: %s: the call is not in %s, so nothing is written; what was changed is printed", at, path)
	}
	src, _, err := s.app.readScript(path)
	if err != nil {
		return err
	}
	var words []edit.Entry
	for _, e := range c.Request {
		words = append(words, edit.Entry{Key: e.Symbol, Value: c.value(e)})
	}
	out, err := edit.Dict(path, src, at, "config", words, symbolKeys)
	if no := (*edit.NotLiteral)(nil); errors.As(err, &no) {
		return fmt.Errorf("mini: %w, so nothing is written; what was changed is printed", err)
	}
	if err != nil {
		return err
	}
	if err := s.asksFor(ctx, out.Text, m, c); err != nil {
		return err
	}
	if err := replaceFile(path, out.Text); err != nil {
		return err
	}
	var put []string
	for _, e := range words {
		put = append(put, fmt.Sprintf("%q: %s", e.Key, e.Value))
	}
	fmt.Fprintf(s.app.stderr, "%s: config now has %s\n", out.At, strings.Join(put, ", "))
	if len(out.Uses) > 0 {
		fmt.Fprintf(s.app.stderr, "%s: the same dict is used here as well%s\n", out.Uses[0], further(len(out.Uses)-1))
	}
	return nil
}

// symbolKeys knows that CONFIG_ before a symbol is a matter of taste.
var symbolKeys = edit.Keys{
	Same: func(a, b string) bool {
		return strings.TrimPrefix(a, configPrefix) == strings.TrimPrefix(b, configPrefix)
	},
	Like: func(key string, others []string) string {
		if len(others) > 0 && !slices.ContainsFunc(others, func(o string) bool { return !strings.HasPrefix(o, configPrefix) }) {
			return configPrefix + key
		}
		return key
	},
}

const configPrefix = "CONFIG_"

// asksFor evaluates a changed script.
func (s *session) asksFor(ctx context.Context, text []byte, m *menu, c *entries) error {
	again, err := parseScript(&s.flags.selection, s.args)
	if err != nil {
		return err
	}
	again.quiet = true
	if err := s.app.evaluateText(ctx, again, text); err != nil {
		return fmt.Errorf("mini: with the changes the script is wrong, so it stays as it is: %w", err)
	}
	for _, t := range again.all() {
		conf, ok := t.value.(builtins.Configured)
		if ok && t.name == m.target.name && conf.Configuration() != nil {
			if string(conf.Configuration().Asked.Fragment()) == string(m.conf.Asked.Merge(c.Request).Fragment()) {
				return nil
			}
		}
	}
	return &lang.Error{Pos: m.conf.Call, Msg: fmt.Sprintf("with the changes in this call's config %s would ask for something else than what was chosen, so nothing is written; what was changed is printed", m.target.name)}
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func further(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(", and in %s", plural(n, "other place", "other places"))
}
