package lsp

import (
	"net/url"
	"path/filepath"
	"strings"
	"unicode/utf16"

	"mini/lang"
	"mini/lang/outline"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// document is an open script. While it is being typed it is hardly ever whole: read is what could be
// read around the places that aren't, or, if there was no way, the last state that could.
type document struct {
	uri, path string // path is "" for what is no file yet
	version   int
	text      string
	lines     []string
	stale     bool // not looked at since it changed

	read    *lang.File
	outline *outline.Outline
	values  starlark.StringDict // of the top level, as of the last evaluation that succeeded
}

func (s *server) newDocument(uri string) *document {
	return &document{uri: uri, path: pathOf(uri), outline: &outline.Outline{}}
}

// name is how positions show the document.
func (d *document) name() string {
	if d.path == "" {
		return "untitled.star"
	}
	return d.path
}

func (d *document) set(s *server, text string, version int) {
	d.text, d.version, d.stale = strings.TrimPrefix(text, "\ufeff"), version, true
	d.lines = splitLines(d.text)
	if file := readAround(d.name(), d.lines, s.language(d.path)); file != nil {
		d.read, d.outline = file, outline.Of(file)
	}
}

// language is the vocabulary with the embedded files.
func (s *server) language(path string) lang.Options {
	opts := s.opts.Language(path)
	opts.Modules = s.opts.Modules
	return opts
}

// splitLines cuts at all the line ends that the protocol knows, which are those of scripts too.
func splitLines(s string) []string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.Split(strings.ReplaceAll(s, "\r", "\n"), "\n")
}

func (d *document) line(n int) string {
	if n < 0 || n >= len(d.lines) {
		return ""
	}
	return d.lines[n]
}

// The protocol counts lines from 0 and columns in UTF-16 code units; scripts count lines from 1 and columns from 1 in
// characters. A column behind the end of a line is its end.

// runesBefore returns how many characters of a line stand before its UTF-16 column.
func runesBefore(line string, character int) int {
	units, n := 0, 0
	for _, r := range line {
		units += max(utf16.RuneLen(r), 1)
		if units > character {
			break
		}
		n++
	}
	return n
}

// unitsBefore is how many UTF-16 code units the first n characters of a line are.
func unitsBefore(line string, n int) int {
	units := 0
	for _, r := range line {
		if n == 0 {
			break
		}
		units += max(utf16.RuneLen(r), 1)
		n--
	}
	return units
}

// at is a place of a script, for the editor.
func at(lines []string, line, col int) position {
	text := ""
	if line >= 1 && line <= len(lines) {
		text = lines[line-1]
	}
	return position{max(line-1, 0), unitsBefore(text, max(col-1, 0))}
}

func at2(lines []string, p syntax.Position) position { return at(lines, int(p.Line), int(p.Col)) }

func between(lines []string, from, to syntax.Position) textRange {
	return textRange{at2(lines, from), at2(lines, to)}
}

// wordAt is the range of the word that begins at a place, or of the one character there.
func wordAt(lines []string, line, col int) textRange {
	start := at(lines, line, col)
	text := ""
	if line >= 1 && line <= len(lines) {
		text = lines[line-1]
	}
	rest := []rune(text)
	rest = rest[min(max(col-1, 0), len(rest)):]
	n := 0
	for n < len(rest) && isWord(rest[n]) {
		n++
	}
	n = max(n, min(1, len(rest)))
	return textRange{start, position{start.Line, start.Character + unitsBefore(string(rest), n)}}
}

// before is the text up to a place that the editor names.
func (d *document) before(p position) string {
	if p.Line >= len(d.lines) {
		return strings.Join(d.lines, "\n")
	}
	line := []rune(d.line(p.Line))
	head := strings.Join(d.lines[:max(p.Line, 0)], "\n")
	if p.Line > 0 {
		head += "\n"
	}
	return head + string(line[:runesBefore(string(line), p.Character)])
}

// pathOf is the file that a URI names, "" if it names none.
func pathOf(uri string) string {
	u, err := url.Parse(uri)
	if err != nil || u.Scheme != "file" || u.Path == "" {
		return ""
	}
	return filepath.FromSlash(u.Path)
}

func uriOf(path string) string {
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(path)}).String()
}
