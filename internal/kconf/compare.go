package kconf

import (
	"cmp"
	"strconv"
	"strings"
)

// compare evaluates a comparison: of numbers as numbers, of y, m and n by their order, of anything else as text.
func (s *State) compare(e *Expr) bool {
	x, y := s.text(e.Sym), s.text(e.Right)
	order := strings.Compare(x, y)
	if s.tree.Style != Old && (e.Sym.Type != String || e.Right.Type != String) {
		a, okA := number(x, e.Sym.Type)
		b, okB := number(y, e.Right.Type)
		if okA && okB {
			order = cmp.Compare(a, b)
			if e.Sym.Type == Hex || e.Right.Type == Hex {
				order = cmp.Compare(uint64(a), uint64(b))
			}
		}
	}
	switch e.Op {
	case OpEqual:
		return order == 0
	case OpUnequal:
		return order != 0
	case OpLess:
		return order < 0
	case OpLessEqual:
		return order <= 0
	case OpGreater:
		return order > 0
	}
	return order >= 0
}

// number reads a value as a symbol of its type would: a symbol without a type takes any notation.
func number(text string, t Type) (int64, bool) {
	base := 0
	switch t {
	case Bool, Tristate:
		if text == "n" || text == "m" || text == "y" {
			return int64(constTri(text)), true
		}
		return -1, true
	case Int:
		base = 10
	case Hex:
		base = 16
	}
	return parseNumber(text, base)
}

// parseNumber reads the whole of a text as C's strtoll does.
func parseNumber(text string, base int) (int64, bool) {
	digits, negative := strings.CutPrefix(text, "-")
	rest, hex := cutHex(digits)
	switch {
	case hex && (base == 0 || base == 16):
		digits, base = rest, 16
	case base == 0 && len(digits) > 1 && digits[0] == '0':
		base = 8
	case base == 0:
		base = 10
	}
	if strings.HasPrefix(digits, "+") || strings.Contains(digits, "_") {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, base, 64)
	if err != nil {
		return 0, false
	}
	if negative {
		return -int64(n), true
	}
	return int64(n), true
}

func cutHex(text string) (string, bool) {
	if len(text) > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X') {
		return text[2:], true
	}
	return text, false
}

// Valid reports whether a value fits a symbol's type.
func (t Type) Valid(text string) bool {
	switch t {
	case Bool:
		return text == "y" || text == "n"
	case Tristate:
		return text == "y" || text == "m" || text == "n"
	case Int:
		digits := strings.TrimPrefix(text, "-")
		return digits != "" && strings.Trim(digits, "0123456789") == "" && (len(digits) == 1 || digits[0] != '0')
	case Hex:
		digits, _ := cutHex(text)
		return digits != "" && strings.Trim(digits, "0123456789abcdefABCDEF") == ""
	}
	return t == String
}
