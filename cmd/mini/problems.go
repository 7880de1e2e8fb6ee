package main

import (
	"encoding/json"

	"mini/lang"
)

// errorJSON is what went wrong as other programs read it: with --json it is printed to standard output, one object for each
// problem of a script, and people have it on standard error all the same.
type errorJSON struct {
	Kind    string      `json:"kind"` // "error", which tells it from events and tables
	File    string      `json:"file,omitempty"`
	Line    int         `json:"line,omitempty"`
	Col     int         `json:"col,omitempty"` // in characters, from 1
	Message string      `json:"message"`
	Source  string      `json:"source,omitempty"` // the line of the script
	Hint    string      `json:"hint,omitempty"`
	Stack   []frameJSON `json:"stack,omitempty"` // the calls on the way there, innermost last
}

type frameJSON struct {
	File string `json:"file"`
	Line int    `json:"line"`
	Col  int    `json:"col"`
	Name string `json:"name"` // of the function that is called there
}

// printProblems prints err for other programs.
func (a *app) printProblems(err error) {
	out := json.NewEncoder(a.stdout)
	out.SetEscapeHTML(false)
	for _, e := range problems(err) {
		one := errorJSON{
			Kind: "error", File: e.Pos.File, Line: e.Pos.Line, Col: e.Pos.Col, Message: clean(e.Msg), Source: clean(e.Source), Hint: clean(e.Hint),
		}
		for _, f := range e.Stack {
			one.Stack = append(one.Stack, frameJSON{f.Pos.File, f.Pos.Line, f.Pos.Col, f.Name})
		}
		if out.Encode(one) != nil {
			return // nobody reads
		}
	}
}

// problems takes an error apart into those that it is made of.
func problems(err error) []*lang.Error {
	switch e := err.(type) {
	case *lang.Error:
		return []*lang.Error{e}
	case interface{ Unwrap() []error }: // lang.Errors, and what was joined
		var all []*lang.Error
		for _, one := range e.Unwrap() {
			all = append(all, problems(one)...)
		}
		return all
	case interface{ Unwrap() error }:
		if inner := problems(e.Unwrap()); len(inner) > 0 && isScriptError(inner[0]) && inner[0].Pos.File != "" {
			return inner
		}
	case nil:
		return nil
	}
	return []*lang.Error{{Msg: err.Error()}}
}
