package kconf

import (
	"fmt"
	"strconv"
	"strings"
)

// macros are the variables and functions of the macro language.
type macros struct {
	vars    map[string]*variable
	env     func(string) (string, bool)
	shell   func(command string) (string, error)
	fail    func(Pos, string)
	warn    func(Pos, string)
	depth   int
	endless bool
	spent   int // bytes that expansions brought so far, and 16 for each, since there are some without any
}

type variable struct {
	value     string
	recursive bool // expanded where it is used, not where it is set
	busy      int
}

const (
	maxDepth  = 1000    // of expansions within each other; conf's own limit
	maxSpent  = 1 << 24 // bytes; the whole of Linux needs less than one megabyte
	maxParams = 16
)

// set does NAME = value, NAME := value and NAME += value.
func (m *macros) set(name, op, value string, at Pos) {
	v := m.vars[name]
	appended := op == "+=" && v != nil
	if v == nil {
		v = &variable{recursive: op != ":="}
		m.vars[name] = v
	} else if op != "+=" {
		v.recursive = op == "="
	}
	if !v.recursive {
		value = m.expand(value, nil, at)
	}
	if appended {
		value = v.value + " " + value
	}
	v.value = value
}

// expand puts in all macros of a text; args are $(1), $(2) and so on.
func (m *macros) expand(text string, args []string, at Pos) string {
	var b strings.Builder
	for {
		i := strings.IndexByte(text, '$')
		if i < 0 {
			b.WriteString(text)
			return b.String()
		}
		b.WriteString(text[:i])
		value, used := m.dollar(text[i:], args, at)
		b.WriteString(value)
		if m.spent += i + len(value) + 16; m.endless || m.spent > maxSpent {
			m.stop(at)
			return ""
		}
		text = text[i+used:]
	}
}

// dollar expands what begins with the dollar sign that text begins with, and tells how much of text that was.
func (m *macros) dollar(text string, args []string, at Pos) (value string, used int) {
	if !strings.HasPrefix(text, "$(") {
		return "$", 1
	}
	nest := 0
	for i := 2; i < len(text); i++ {
		switch text[i] {
		case '(':
			nest++
		case ')':
			if nest == 0 {
				return m.clause(text[2:i], args, at), i + 1
			}
			nest--
		}
	}
	m.fail(at, fmt.Sprintf("%q lacks its closing parenthesis", text))
	return "", len(text)
}

// clause is what stands between $( and ).
func (m *macros) clause(text string, args []string, at Pos) string {
	if n, err := strconv.Atoi(text); err == nil && n > 0 && n <= len(args) {
		return args[n-1]
	}
	m.depth++
	defer func() { m.depth-- }()
	if m.depth > maxDepth || m.endless {
		m.stop(at)
		return ""
	}
	parts := splitArgs(text)
	if len(parts) > maxParams {
		m.fail(at, "a macro has too many arguments")
		return ""
	}
	for i, part := range parts {
		parts[i] = m.expand(part, args, at)
	}
	return m.call(parts[0], parts[1:], at)
}

// stop ends all expansions: a macro that calls itself twice would otherwise take for ever to fail everywhere.
func (m *macros) stop(at Pos) {
	if !m.endless {
		m.fail(at, "the macros that are used here have no end")
	}
	m.endless = true
}

// splitArgs cuts at the commas that are not in parentheses.
func splitArgs(text string) []string {
	var parts []string
	nest, begin := 0, 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '(':
			nest++
		case ')':
			nest--
		case ',':
			if nest == 0 {
				parts = append(parts, text[begin:i])
				begin = i + 1
			}
		}
	}
	return append(parts, text[begin:])
}

// call looks for a name among the variables, the functions and the environment, in this order.
func (m *macros) call(name string, args []string, at Pos) string {
	if v := m.vars[name]; v != nil {
		if !v.recursive {
			return v.value
		}
		if len(args) == 0 && v.busy > 0 {
			m.fail(at, fmt.Sprintf("the variable %s is made of itself", name))
			return ""
		}
		v.busy++
		defer func() { v.busy-- }()
		return m.expand(v.value, args, at)
	}
	if want, ok := functionArgs[name]; ok {
		if len(args) != want {
			m.fail(at, fmt.Sprintf("$(%s) takes %d arguments, not %d", name, want, len(args)))
			return ""
		}
		return m.function(name, args, at)
	}
	if len(args) == 0 && m.env != nil {
		value, _ := m.env(name)
		return value
	}
	return ""
}

var functionArgs = map[string]int{"error-if": 2, "filename": 0, "info": 1, "lineno": 0, "shell": 1, "warning-if": 2}

func (m *macros) function(name string, args []string, at Pos) string {
	switch name {
	case "filename":
		return at.File
	case "lineno":
		return strconv.Itoa(at.Line)
	case "error-if":
		if args[0] == "y" {
			m.fail(at, args[1])
		}
	case "warning-if":
		if args[0] == "y" {
			m.warn(at, args[1])
		}
	case "shell":
		return m.run(args[0], at)
	}
	return ""
}

// run asks the caller what a command says. Without a caller who knows, the answer is a name that stands for it.
func (m *macros) run(command string, at Pos) string {
	if m.shell == nil {
		return openAnswer(command)
	}
	out, err := m.shell(command)
	if err != nil {
		m.fail(at, fmt.Sprintf("$(shell,%s): %v", command, err))
		return ""
	}
	return strings.ReplaceAll(strings.TrimRight(out, "\n"), "\n", " ")
}

const openPrefix = "$(shell,"

// openAnswer is the name of an answer that nobody gave.
func openAnswer(command string) string { return openPrefix + command + ")" }
