package qemu

import (
	"fmt"
	"strings"
)

// quote returns s as one word of a POSIX shell. Words that need no quotes stay
// bare, for the sake of who reads the script.
func quote(s string) string {
	if s != "" && strings.Trim(s, bareChars) == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// bareChars mean nothing to a shell anywhere in a word. '~' and '=' are not
// among them: they mean something at the start of one.
const bareChars = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+./:,@%"

// maxPiece is the number of bytes of an argument that go on one line typed
// into a guest. The kernel's terminal cuts lines at 4096 bytes, but BusyBox's
// line editor already drops what is typed past CONFIG_FEATURE_EDITING_MAX_LEN,
// which may be as small as 128.
const maxPiece = 50

// argumentLines returns the lines that, typed one after the other, make argv
// the positional parameters of the guest's shell. Only printable ASCII is
// typed: a line editor would act on a tab or on Ctrl-C, and may mangle what is
// not ASCII. Other bytes travel as octal escapes of printf when the shell has
// it. Without it newlines and non-ASCII bytes are typed as they are, and
// control characters are an error.
func argumentLines(argv []string, printf bool) ([]string, error) {
	lines := []string{"set --"}
	for i, arg := range argv {
		if strings.ContainsRune(arg, 0) {
			return nil, fmt.Errorf("argument %d contains a NUL byte: no program can be given one", i+1)
		}
		var pieces []string
		for _, run := range splitRuns(arg, printf) {
			line, err := pieceLine(run, printf)
			if err != nil {
				return nil, fmt.Errorf("argument %d: %w", i+1, err)
			}
			pieces = append(pieces, line)
		}
		switch {
		case len(pieces) == 0:
			lines = append(lines, `set -- "$@" ''`)
		case len(pieces) == 1 && printable(arg):
			lines = append(lines, `set -- "$@" `+quote(arg))
		default:
			lines = append(lines, "_m=")
			lines = append(lines, pieces...)
			lines = append(lines, `set -- "$@" "$_m"`)
		}
	}
	return lines, nil
}

// pieceLine returns the line that appends one run to the variable _m.
func pieceLine(run string, printf bool) (string, error) {
	if printable(run) {
		// Braces: a word that needs no quotes must not join the name.
		return "_m=${_m}" + quote(run), nil
	}
	if printf {
		var octal strings.Builder
		for i := 0; i < len(run); i++ {
			fmt.Fprintf(&octal, `\%03o`, run[i])
		}
		// The dot keeps final newlines, which $(…) would strip.
		return "_n=$(printf '" + octal.String() + ".');_m=$_m${_n%.}", nil
	}
	for i := 0; i < len(run); i++ {
		if c := run[i]; c == 0x7f || c < ' ' && c != '\n' {
			return "", fmt.Errorf("control character %#02x can't be typed into a guest whose shell has no printf: build BusyBox with CONFIG_ASH_PRINTF or CONFIG_PRINTF", c)
		}
	}
	return "_m=$_m'" + run + "'", nil
}

// splitRuns cuts s into runs that are all printable or all not, each short
// enough for one line when quoted.
func splitRuns(s string, printf bool) []string {
	var runs []string
	start, size := 0, 0
	for i := 0; i < len(s); i++ {
		cost := 1
		switch {
		case s[i] == '\'':
			cost = 4 // '\''
		case !printable(s[i:i+1]) && printf:
			cost = 4 // \012
		}
		if i > start && (size+cost > maxPiece || printable(s[i:i+1]) != printable(s[i-1:i])) {
			runs = append(runs, s[start:i])
			start, size = i, 0
		}
		size += cost
	}
	if start < len(s) {
		runs = append(runs, s[start:])
	}
	return runs
}

// printable reports whether s is all printable ASCII.
func printable(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
