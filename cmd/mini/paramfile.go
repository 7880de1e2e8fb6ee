package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"mini/lang"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
	"go.starlark.net/starlark"
)

// readParamFiles reads values for params out of TOML files: lines of name = value.
func readParamFiles(paths []string) ([]lang.Setting, error) {
	var all []lang.Setting
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, usagef("--params: %v", err)
		}
		settings, err := parseParamFile(path, text)
		if err != nil {
			return nil, usageError{err}
		}
		all = append(all, settings...)
	}
	return all, nil
}

func parseParamFile(path string, text []byte) ([]lang.Setting, error) {
	f := &paramFile{path: path, lines: strings.Split(string(text), "\n")}
	values := map[string]any{}
	if err := toml.Unmarshal(text, &values); err != nil {
		var at *toml.DecodeError
		if errors.As(err, &at) {
			line, col := at.Position()
			return nil, f.errorAt(line, col, strings.TrimPrefix(at.Error(), "toml: "), "")
		}
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	// The decoder knows what is right and what the values are; only the parser knows where they stand.
	parser := unstable.Parser{}
	parser.Reset(text)
	var settings []lang.Setting
	for parser.NextExpression() {
		e := parser.Expression()
		keys := e.Key()
		keys.Next()
		key := keys.Node()
		at := parser.Shape(key.Raw).Start
		if e.Kind != unstable.KeyValue || !keys.IsLast() {
			return nil, f.errorAt(at.Line, at.Column, "a table has no meaning here", "write the parameters as lines of name = value")
		}
		name := string(key.Data)
		v, err := f.value(values[name])
		if err != nil {
			return nil, f.errorAt(at.Line, at.Column, name+": "+err.Error(), "")
		}
		pos := f.pos(at.Line, at.Column)
		set := lang.Setting{Name: name, Value: v, Pos: pos, At: pos, Source: f.line(at.Line)}
		start := parser.Shape(unstable.Range{Offset: valueAfter(text, key.Raw)}).Start
		set.At = f.pos(start.Line, start.Column)
		settings = append(settings, set)
	}
	return settings, parser.Error()
}

// valueAfter is where the value of a key begins: a list has no place of its own for the parser.
func valueAfter(text []byte, key unstable.Range) uint32 {
	i := key.Offset + key.Length
	for text[i] == ' ' || text[i] == '\t' || text[i] == '=' {
		i++
	}
	return i
}

// paramFile tells places in a file of params.
type paramFile struct {
	path  string
	lines []string
}

// pos counts columns in characters, which TOML libraries count in bytes.
func (f *paramFile) pos(line, col int) lang.Position {
	before := f.line(line)
	if col-1 < len(before) {
		before = before[:col-1]
	}
	return lang.Position{File: f.path, Line: line, Col: len([]rune(before)) + 1}
}

func (f *paramFile) line(n int) string {
	if n < 1 || n > len(f.lines) {
		return ""
	}
	return strings.TrimSuffix(f.lines[n-1], "\r")
}

func (f *paramFile) errorAt(line, col int, msg, hint string) error {
	return &lang.Error{Pos: f.pos(line, col), Msg: msg, Hint: hint, Source: f.line(line)}
}

// value is a TOML value as scripts have it. A number with a fraction becomes one too: no param takes it, but the param's
// own type is what should be named then.
func (f *paramFile) value(v any) (starlark.Value, error) {
	switch v := v.(type) {
	case string:
		return starlark.String(v), nil
	case int64:
		return starlark.MakeInt64(v), nil
	case bool:
		return starlark.Bool(v), nil
	case float64:
		return starlark.Float(v), nil
	case []any:
		var items []starlark.Value
		for _, item := range v {
			one, err := f.value(item)
			if err != nil {
				return nil, err
			}
			items = append(items, one)
		}
		return starlark.NewList(items), nil
	case map[string]any:
		return nil, errors.New("a table is no value for a parameter")
	}
	return nil, errors.New("a date or time is no value for a parameter; put it in quotes to pass it as a string")
}
