package failure

import (
	"bytes"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// kind is what a line is to somebody who looks for the reason of a failure.
type kind int

const (
	none      kind = iota
	leading        // belongs to an error that follows: "In file included from a.c:1:"
	strong         // says what is wrong
	weak           // may say so
	echo           // make says that something failed
	traceback      // Python is about to say it
	ignored        // make says that something failed and that it doesn't matter
)

// A rule is how the lines of one kind look. any are texts of which every such line has at least one: to look for them takes a
// small part of what the expression takes, and hardly any line of a long log has one.
type rule struct {
	kind kind
	any  []string
	line *regexp.Regexp
}

// rules are tried from the first to the last.
var rules = []rule{
	{traceback, []string{"Traceback ("}, regexp.MustCompile(`^Traceback \(most recent call last\)`)},
	// make has it from the kernel.
	{
		strong, []string{"] Killed", "] Seg", "] Bus", "] Illegal", "] Abort", "] Floating"},
		regexp.MustCompile(`\*\*\* .*\] (Killed|Segmentation fault|Bus error|Illegal instruction|Aborted|Floating point exception)`),
	},
	{ignored, []string{"(ignored)"}, regexp.MustCompile(`: \[.*\] .*\(ignored\)$`)},
	{
		echo, []string{"*** [", "*** Waiting", "build stopped", "FAILED: "},
		regexp.MustCompile(`^\S+: \*\*\* (\[|Waiting for)|^ninja: build stopped|^FAILED: `),
	},
	// What a compiler says when its linker, or a file that it compiled, has said why.
	{
		none, []string{"ld returned", "linker command failed", "due to ", "could not compile"},
		regexp.MustCompile(`collect2: error: ld returned|error: linker command failed|^error: (aborting due to|could not compile)`),
	},
	{
		none, []string{"checking ", "remade because", "treated as errors", "generated.", "compilation terminated", "#"},
		regexp.MustCompile(`^checking |^make: Target .* not remade|being treated as errors$|errors? generated\.$|^compilation terminated|^\s*#`),
	},
	{none, []string{"arning: ", "WARNING: ", "note: "}, regexp.MustCompile(`(^|: )(WARNING|[Ww]arning|note): `)},
	// GNU style: compilers, linkers, configure scripts and many more. And Kconfig's own.
	{
		strong, []string{"rror:", "ERROR:", "atal:", "FATAL:"},
		regexp.MustCompile(`(^|[\s:\]])([Ff]atal error|FATAL ERROR|internal compiler error|[Ee]rror|ERROR|[Ff]atal|FATAL):(\s|$)|:\d+:error: `),
	},
	{leading, []string{"In file included from "}, regexp.MustCompile(`^In file included from `)},
	{leading, []string{" from "}, regexp.MustCompile(`^ +from \S+[:,]`)},
	{
		leading, []string{": In ", ": At top level:", "sembler messages:", "in function `"},
		regexp.MustCompile(": In (member |static |lambda )*(function|constructor|destructor)|: At top level:|: Assembler messages:|in function `.*':$"),
	},
	{
		strong, []string{"undefined ", "multiple definition of", "annot find ", "will not fit", "overflowed by", "relocation truncated"},
		regexp.MustCompile(`undefined reference to|undefined symbol: |multiple definition of|cannot find (-l|\S+\.(o|a|so|ld)\b)|will not fit in region|overflowed by|relocation truncated`),
	},
	// A shell only speaks up when something is wrong.
	{strong, []string{"sh: "}, regexp.MustCompile(`^(\S*/)?(ba|da|a|k|mk|z)?sh: \S`)},
	{
		strong, []string{"not found", "file or directory", "denied", "execvp: ", "Exec format"},
		regexp.MustCompile(`: (command )?not found$|: '[^']+': No such file or directory$|Permission denied$|execvp: |Exec format error`),
	},
	// Kconfig, lex and yacc.
	{
		strong, []string{"yntax error", ": invalid", "can't open", ": un", ": missing", ": Sorry"},
		regexp.MustCompile(`^\S+:\d+: (syntax error|invalid|can't open|unexpected|unknown|missing|Sorry)`),
	},
	// Scripts of the kernel, and makefiles.
	{echo, []string{"*** Deleting"}, regexp.MustCompile(`^\S+: \*\*\* Deleting `)},
	{strong, []string{"*** ", "No rule to make"}, regexp.MustCompile(`^\*\*\* [^*]|^\S+: \*\*\* [^\[]|No rule to make target`)},
	{
		strong, []string{"No space left", "quota exceeded", "Read-only file"},
		regexp.MustCompile(`No space left on device|quota exceeded|Read-only file system`),
	},
	{
		strong, []string{"illed", "emory", "fault", "Bus error", "Illegal"},
		regexp.MustCompile(`\bKilled\b|[Oo]ut of memory|virtual memory exhausted|Cannot allocate memory|Segmentation fault|Bus error|Illegal instruction`),
	},
	{
		strong, []string{"resol", "unreachable"},
		regexp.MustCompile(`[Cc]ould not resolve|unable to resolve host|Network is unreachable|Temporary failure in name resolution`),
	},
	{
		strong, []string{"Hunk #", "file to patch", "malformed patch"},
		regexp.MustCompile(`Hunk #\d+ FAILED|can't find file to patch|malformed patch`),
	},
	{
		strong, []string{"Can't ", "BEGIN failed"},
		regexp.MustCompile(`^Can't locate \S+ in @INC|^Can't open perl script|^BEGIN failed`),
	},
	{
		weak, []string{"rror", "such file", "ot found", "annot ", "an't ", "ould not ", "nable to ", "ailed", "ailure", "nvalid"},
		regexp.MustCompile(`(?i)no such file or directory|not found|cannot |can't |could not|unable to|\bfailed\b|failure|\berror\b|invalid`),
	},
}

func kindOf(line string) kind {
	if step(line) {
		return none // the text of a command may have any word
	}
	for _, r := range rules {
		if r.hinted(line) && r.line.MatchString(line) {
			return r.kind
		}
	}
	return none
}

func (r *rule) hinted(line string) bool {
	for _, text := range r.any {
		if strings.Contains(line, text) {
			return true
		}
	}
	return false
}

// What may follow an error.
var (
	column     = regexp.MustCompile(`^[^\s:][^:]*:\d+(:\d+)?: (fatal )?error`)
	sourceLine = regexp.MustCompile(`^ *\d* \| `)
	caretLine  = regexp.MustCompile(`^\s*[~^][\s~^]*$`)
	frameLine  = regexp.MustCompile(`^  File "`)
)

// step reports whether the shell that runs the steps says which command comes next (sh -x).
func step(line string) bool { return strings.HasPrefix(line, "+ ") }

// progress reports whether make says what it is at: two blanks, a word in capitals, and a file, as in "  CC      init/main.o".
func progress(line string) bool {
	rest, ok := strings.CutPrefix(line, "  ")
	if !ok || rest == "" || rest[0] < 'A' || rest[0] > 'Z' {
		return false
	}
	word := strings.TrimLeft(rest, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 _-")
	at := strings.LastIndexByte(rest[:len(rest)-len(word)], ' ')
	return at >= 2 && at <= 8
}

// broken finds the beginning of a message into whose middle make wrote what it is at. GNU's programs write the parts of a
// message one by one: their name, what it is about, and what the system says of that.
func broken(line string) (head string, ok bool) {
	for _, end := range []string{": ", "'", "’"} {
		if i := strings.Index(line, end+"  "); i > 0 {
			if at := i + len(end); progress(line[at:]) {
				return line[:at], true
			}
		}
	}
	return "", false
}

func hasColumn(line string) bool   { return column.MatchString(line) }
func startsBlock(line string) bool { return strings.HasPrefix(line, "***") }
func linkerSays(line string) bool  { return strings.Contains(line, "undefined symbol: ") }

var escapes = regexp.MustCompile("\x1b(\\[[0-?]*[ -/]*[@-~]|\\][^\x07\x1b]*(\x07|\x1b\\\\)|[@-Z\\\\-_])")

// plain is a line as text: without colours, without what a progress bar wrote over, and without what is no character.
func plain(raw []byte) string {
	if bytes.IndexByte(raw, 0x1b) >= 0 {
		raw = escapes.ReplaceAll(raw, nil)
	}
	raw = bytes.TrimRight(raw, "\r \t")
	if i := bytes.LastIndexByte(raw, '\r'); i >= 0 {
		raw = raw[i+1:]
	}
	for _, c := range raw {
		if c < ' ' && c != '\t' || c >= 0x7f {
			return strings.Map(printable, strings.ToValidUTF8(string(raw), string(utf8.RuneError)))
		}
	}
	return string(raw)
}

func printable(r rune) rune {
	if r == '\t' || r == utf8.RuneError || unicode.IsPrint(r) {
		return r
	}
	return -1
}
