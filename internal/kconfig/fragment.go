package kconfig

import (
	"fmt"
	"strings"
)

// ParseFragment reads a configuration fragment: the lines of a .config that somebody wrote by hand. name is used in
// errors and origins, which read name:line. Of lines for the same symbol the last one counts.
//
// Kconfig itself warns about what it can't read and goes on; here every line must be a setting, a comment or blank.
func ParseFragment(name string, data []byte) (Request, error) {
	var r Request
	rest := strings.TrimPrefix(string(data), "\ufeff") // some editors begin a file with a byte order mark
	for number := 1; rest != ""; number++ {
		var text string
		text, _, rest = nextLine(rest)
		origin := fmt.Sprintf("%s:%d", name, number)
		setting, ok, err := parseSetting(strings.TrimSpace(text))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", origin, err)
		}
		if ok {
			setting.Origin = origin
			r = append(r, setting)
		}
	}
	return Request(nil).Merge(r), nil
}

// parseSetting reads one trimmed line; ok is false for a comment and a blank line.
func parseSetting(text string) (s Setting, ok bool, err error) {
	if text == "" {
		return s, false, nil
	}
	symbol, value := splitLine(text)
	switch {
	case symbol != "":
	case text[0] == '#':
		return s, false, looksUnset(text)
	default:
		return s, false, explainLine(text)
	}
	if s.Symbol, err = NormalizeSymbol(prefix + symbol); err != nil {
		return s, false, err
	}
	if s.Value, err = ParseValue(value); err == nil {
		err = s.Value.Valid()
	}
	if err != nil {
		return s, false, fmt.Errorf("%s%s: %w", prefix, symbol, err)
	}
	return s, true, nil
}

// looksUnset refuses a comment that was meant as "# CONFIG_X is not set" and is none, because of a missing or a second
// blank: Kconfig would silently leave the symbol alone.
func looksUnset(text string) error {
	words := strings.Fields(strings.TrimLeft(text, "#"))
	if len(words) != 4 || strings.Join(words[1:], " ") != "is not set" {
		return nil
	}
	symbol, ok := strings.CutPrefix(words[0], prefix)
	if !ok || !isName(symbol) {
		return nil
	}
	return fmt.Errorf("%q is a plain comment to Kconfig: write %q to turn the symbol off", text, line(symbol, Value{}))
}

// explainLine says what is wrong with a line that is neither a setting nor a comment.
func explainLine(text string) error {
	name, value, isSetting := strings.Cut(text, "=")
	bare := strings.TrimPrefix(strings.TrimSpace(name), prefix)
	switch {
	case isSetting && isName(bare) && name != prefix+bare:
		return fmt.Errorf("%q is not a setting: write %s%s=%s", text, prefix, strings.ToUpper(bare), strings.TrimSpace(value))
	case isSetting:
		_, err := NormalizeSymbol(name)
		if err == nil {
			err = fmt.Errorf("%q is not a setting", text)
		}
		return err
	case isName(bare) && strings.HasPrefix(text, prefix):
		return fmt.Errorf("%s has no value: write %s=y or %q", text, text, line(bare, Value{}))
	}
	return fmt.Errorf(`%q is neither a setting nor a comment: write CONFIG_NAME=value, "# CONFIG_NAME is not set" or "# …"`, text)
}

// Fragment is the text of r as KCONFIG_ALLCONFIG and scripts/kconfig/merge_config.sh take it: one line a symbol, sorted,
// the same bytes for the same request. Settings with Accept are left out.
func (r Request) Fragment() []byte {
	var b strings.Builder
	for _, s := range Request(nil).Merge(r) {
		if !s.Accept {
			b.WriteString(line(s.Symbol, s.Value))
			b.WriteByte('\n')
		}
	}
	return []byte(b.String())
}
