package lang

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"go.starlark.net/syntax"
)

// reworded is what people write who know Python, with what the language has in its stead. found is in the parser's
// message; line, if there is one, must match the source line, and the caret stands where it does: the parser often notices
// a word only behind it.
var reworded = []struct{ found, line, msg, hint string }{
	{"dialect does not support while loops", "", "there is no while in Starlark",
		"for i in range(1000): … break does the same, and always ends"},
	{"got import, ", "", "there is no import in Starlark", `load("file.star", "name") takes a name out of another file`},
	{"got from, ", "", "there is no import in Starlark", `load("file.star", "name") takes a name out of another file`},
	{"got class, ", "", "there is no class in Starlark", "struct(a = 1, b = 2) makes a value with attributes"},
	{"got try, ", "", "there is no try in Starlark", "an error ends the script; check before you do"},
	{"got with, ", "", "there is no with in Starlark", ""},
	{"got raise, ", "", "there is no raise in Starlark", `fail("message") ends the script with a message`},
	{"got yield, ", "", "there is no yield in Starlark", "return a list"},
	{"", `^\s*(assert)\b`, "there is no assert in Starlark", `if not x: fail("message") does the same`},
	{"got assert, ", "", "there is no assert in Starlark", `if not x: fail("message") does the same`},
	{"got del, ", "", "there is no del in Starlark", `d.pop("key") takes a key out of a dict, l.pop(0) an item out of a list`},
	{"got global, ", "", "there is no global in Starlark", "a function gives back what others should have: return it"},
	{"got nonlocal, ", "", "there is no nonlocal in Starlark", "a function gives back what others should have: return it"},
	{"got is, ", "", "there is no is in Starlark", "== and != compare, with None too"},
	{"got not, ", `(\bis not\b)`, "there is no is not in Starlark", "== and != compare, with None too"},
	{"", `^\s*(print)\s+["'\w]`, "print is a function", `print("…", x)`},
	{"got string literal, ", `\b([fF])["']`, "there is no f\"…\" in Starlark", `"%s is %d" % (a, b) or "{} is {}".format(a, b)`},
	{"got '**', ", "", "there is no ** for powers in Starlark", "multiply; a power of two is 1 << n"},
	{"", `\w(\+\+|--)\s*(#.*)?$`, "there is no ++ or -- in Starlark", "x += 1"},
	{"got ':', ", `(:=)`, "there is no := in Starlark", "give the name its value on a line of its own"},
	{"got '*', ", `(\*\s*\w+)[^=]*=[^=]`, "there is no *rest in an assignment", "a, rest = x[0], x[1:]"},
	{"got '=', ", `^\s*(?:if|elif)\b[^=!<>]*(=)[^=]`, "= gives a name a value, and here one is compared", "write =="},
	{"got ':', want newline", `^\s*[A-Za-z_]\w*\s*(:)\s*[A-Za-z_]`, "a variable has no type written to it",
		"types stand at the parameters and the result of a def: def f(x: str) -> int:"},
	{"excessive nesting", "", "this nests too deep", "break it into several statements"},
}

// refused is a problem of the syntax or of the dialect.
func (m *module) refused(pos syntax.Position, msg string) *Error {
	line := m.line(int(pos.Line))
	for _, w := range reworded {
		if !strings.Contains(msg, w.found) {
			continue
		}
		if w.line == "" {
			return m.errorAt(pos, w.msg, w.hint)
		}
		if at := regexp.MustCompile(w.line).FindStringSubmatchIndex(line); at != nil {
			pos.Col = int32(utf8.RuneCountInString(line[:at[2]])) + 1
			return m.errorAt(pos, w.msg, w.hint)
		}
	}
	e := m.errorAt(pos, msg, m.openBracket(pos))
	if strings.HasPrefix(msg, "got newline") && pos.Col == 1 && pos.Line > 1 {
		// The line end that is meant is the one before.
		e.Pos.Line--
		e.Source = m.line(e.Pos.Line)
		e.Pos.Col = utf8.RuneCountInString(strings.TrimRight(e.Source, " \t")) + 1
	}
	return e
}

// openBracket tells of a bracket of an earlier line that is open at pos, where a statement seems to begin.
func (m *module) openBracket(pos syntax.Position) string {
	if line := m.line(int(pos.Line)); !beginsStatement.MatchString(line) && strings.TrimSpace(line) != "" {
		return ""
	}
	l := lexer{src: []byte(strings.Join(m.lines, "\n")), line: 1, col: 1}
	type bracket struct {
		sign string
		at   spot
	}
	var open []bracket
	for l.next() && (l.at.line < pos.Line || l.at.line == pos.Line && l.at.col < pos.Col) {
		switch l.tok {
		case "(", "[", "{":
			open = append(open, bracket{l.tok, l.at})
		case ")", "]", "}":
			if len(open) > 0 {
				open = open[:len(open)-1]
			}
		}
	}
	if len(open) == 0 || open[len(open)-1].at.line == pos.Line {
		return ""
	}
	last := open[len(open)-1]
	return fmt.Sprintf("the %s on line %d, column %d, is still open here", last.sign, last.at.line, last.at.col)
}

// beginsStatement matches lines that stand at the margin, or begin with a word that only statements have.
var beginsStatement = regexp.MustCompile(`^[^\s)\]}]|^\s+(?:return|def|pass|break|continue)\b`)
