package kconfig

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Kind is the sort of text a value is. A .config does not name the type of a symbol, so this is read off the value:
// a symbol of type hex always shows as Hex, one of type bool as Tristate.
type Kind uint8

// The kinds of values.
const (
	KindTristate Kind = iota // y, m or n
	KindInt                  // decimal digits, perhaps with a minus
	KindHex                  // 0x and hexadecimal digits
	KindString               // quoted text
	KindBare                 // anything else that make wrote, such as the empty value BusyBox gives an unset int
)

// A Value is what .config says of one symbol. The zero Value is n. Values can be compared with ==, which tells
// 0x10 from 0x010; Same does not.
type Value struct {
	kind Kind
	text string // as written; without quotes and escapes for KindString, "" for n
}

// Bool is y or n.
func Bool(on bool) Value {
	if on {
		return Value{KindTristate, "y"}
	}
	return Value{}
}

// Tristate is "y", "m" or "n". Any other text is a mistake in the calling program and panics: text that a person
// wrote goes through Scalar or ParseValue.
func Tristate(s string) Value {
	switch s {
	case "y", "m":
		return Value{KindTristate, s}
	case "n":
		return Value{}
	}
	panic(fmt.Sprintf("kconfig: %q is not a tristate", s))
}

// Int is a decimal number. A hex symbol must not be given one: Kconfig reads the digits 64 as 0x64 there.
func Int(n int64) Value { return Value{KindInt, strconv.FormatInt(n, 10)} }

// Hex is a number for a symbol of type hex, such as PHYSICAL_START.
func Hex(n uint64) Value { return Value{KindHex, "0x" + strconv.FormatUint(n, 16)} }

// Str is text for a symbol of type string. A .config has no way to write a line break: see Valid.
func Str(s string) Value { return Value{KindString, s} }

// Scalar is what a text in a script means: "y", "m" and "n" are tristates, "0x…" is a hexadecimal number, anything
// else is a string.
func Scalar(s string) Value {
	switch {
	case s == "y" || s == "m" || s == "n":
		return Tristate(s)
	case isHex(s):
		return Value{KindHex, s}
	}
	return Str(s)
}

// ParseValue reads the text after '=' as a person may write it in a fragment. It is stricter than Kconfig, which looks
// at the first letter of a bool only (so that "yes" and "y # why" pass) and ignores a string without quotes in silence.
func ParseValue(text string) (Value, error) {
	v := readValue(text)
	switch {
	case strings.HasPrefix(text, `"`):
		s, err := unquote(text)
		return Str(s), err
	case v.kind != KindBare:
		return v, nil
	case text == "":
		return Value{}, errors.New(`there is no value after "="`)
	case strings.HasSuffix(text, `"`):
		return Value{}, fmt.Errorf("%s lacks its opening quote", text)
	}
	if word, rest, _ := strings.Cut(text, " "); strings.HasPrefix(strings.TrimSpace(rest), "#") {
		return Value{}, fmt.Errorf("a comment can't follow the value %s: give it a line of its own", word)
	}
	return Value{}, fmt.Errorf("%s is not y, m, n or a number, and text needs quotes: write %s", text, quote(text))
}

// readValue reads what make itself wrote; it takes everything.
func readValue(text string) Value {
	switch {
	case text == "y" || text == "m" || text == "n":
		return Tristate(text)
	case isInt(text):
		return Value{KindInt, text}
	case isHex(text):
		return Value{KindHex, text}
	}
	if s, err := unquote(text); err == nil {
		return Str(s)
	}
	return Value{KindBare, text}
}

// Kind says what sort of value v is.
func (v Value) Kind() Kind { return v.kind }

// Text is the value without quotes and escapes.
func (v Value) Text() string {
	if v == (Value{}) {
		return "n"
	}
	return v.text
}

// String is the text after '=': y, m, n, 64, 0x40 or "text".
func (v Value) String() string {
	if v.kind == KindString {
		return quote(v.text)
	}
	return v.Text()
}

// Valid tells whether a .config can hold v: a string with a line break or a zero byte has no form there.
func (v Value) Valid() error {
	if v.kind == KindString && strings.ContainsAny(v.text, "\n\r\x00") {
		return fmt.Errorf("a configuration value can't contain a line break or a zero byte: %q", v.text)
	}
	return nil
}

// Same tells whether v and w mean the same to the source: numbers are compared as numbers. An Int is never the
// same as a Hex, since the digits 64 and 0x40 are different values to a hex symbol.
func (v Value) Same(w Value) bool {
	if v.kind != w.kind {
		return false
	}
	switch v.kind {
	case KindInt:
		a, errA := strconv.ParseInt(v.text, 10, 64)
		b, errB := strconv.ParseInt(w.text, 10, 64)
		if errA == nil && errB == nil {
			return a == b
		}
	case KindHex:
		a, errA := strconv.ParseUint(v.text[2:], 16, 64)
		b, errB := strconv.ParseUint(w.text[2:], 16, 64)
		if errA == nil && errB == nil {
			return a == b
		}
	}
	return v == w
}

func isInt(s string) bool {
	s = strings.TrimPrefix(s, "-")
	return s != "" && strings.Trim(s, "0123456789") == ""
}

func isHex(s string) bool {
	return len(s) > 2 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X') && strings.Trim(s[2:], "0123456789abcdefABCDEF") == ""
}

// quote escapes the two characters that Kconfig escapes and no others: it takes any letter after a backslash for
// itself, so that a Go or C escape such as \t would come back as "t". A byte that can't be written is written that
// way nonetheless: it can then neither end the line nor smuggle in another one, and Check finds it missing.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '"', '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case '\n':
			b.WriteString(`\n`)
		case '\r':
			b.WriteString(`\r`)
		case 0:
			b.WriteString(`\0`)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

func unquote(text string) (string, error) {
	if !strings.HasPrefix(text, `"`) {
		return "", fmt.Errorf("%s lacks its opening quote", text)
	}
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '"':
			if i+1 < len(text) {
				return "", fmt.Errorf("there is text after the closing quote of %s: put a backslash before each quote that belongs to the value", text[:i+1])
			}
			return b.String(), nil
		case '\\':
			i++
			if i == len(text) {
				return "", fmt.Errorf("%s lacks its closing quote", text)
			}
		}
		b.WriteByte(text[i])
	}
	return "", fmt.Errorf("%s lacks its closing quote", text)
}
