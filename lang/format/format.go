// Package format lays out scripts in the one way of Bazel's buildifier, by its own printer.
//
// Only the layout changes: blanks, line ends, indentation, commas after a last item, the quotes of strings. Nothing is
// sorted and nothing moves, since the order of loads is the order in which their params are declared.
package format

import (
	"errors"
	"slices"
	"strings"

	"mini/lang"

	"github.com/bazelbuild/buildtools/build"
)

// Source returns the script src laid out, which is src itself if nothing is to do. What is wrong with a script comes back
// as from [lang.Parse]. name is for these errors alone.
func Source(name string, src []byte) ([]byte, error) {
	before, err := lang.Parse(name, src)
	if err != nil {
		return nil, err
	}
	tree, err := build.ParseBzl(name, []byte(strings.Join(untabbed(before), "\n")))
	if err != nil {
		return nil, misread(name, before, err)
	}
	doubleQuotes(tree)
	out := build.FormatWithoutRewriting(tree)
	after, err := lang.Parse(name, out)
	if err != nil || !slices.Equal(content(before), content(after)) {
		return nil, &lang.Error{
			Pos: lang.Position{File: name},
			Msg: "this can't be laid out without changing what it says, so it stays as it is",
			Err: err,
		}
	}
	return out, nil
}

// misread is about a script that is fine for the interpreter and not for the printer, whose grammar is Bazel's.
func misread(name string, f *lang.File, err error) error {
	var at build.ParseError
	if !errors.As(err, &at) {
		return &lang.Error{Pos: lang.Position{File: name}, Msg: err.Error(), Err: err}
	}
	e := &lang.Error{
		Pos:  lang.Position{File: name, Line: at.Pos.Line, Col: at.Pos.LineRune},
		Msg:  "this runs, but can't be laid out: " + at.Message,
		Hint: "write it in another way, or leave the file out",
		Err:  err,
	}
	if lines := f.Lines(); at.Pos.Line >= 1 && at.Pos.Line <= len(lines) {
		e.Source = lines[at.Pos.Line-1]
	}
	return e
}
