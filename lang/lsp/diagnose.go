package lsp

import (
	"context"
	"errors"
	"fmt"

	"mini/lang"
	"mini/lang/lint"

	"go.starlark.net/starlark"
)

// The protocol's severities and its tag for what can be removed.
const (
	severityError   = 1
	severityWarning = 2
	tagUnnecessary  = 1
)

// diagnose looks at the documents that changed, and tells the editor what is wrong with them.
func (s *server) diagnose(ctx context.Context) error {
	for _, d := range s.docs {
		if !d.stale {
			continue
		}
		d.stale = false
		err := s.notify("textDocument/publishDiagnostics", publishDiagnosticsParams{
			URI: d.uri, Version: d.version, Diagnostics: s.problems(ctx, d),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// problems is everything that can be told without waiting: what the text says, what the linter finds, and, if nothing
// keeps it from running, what a short run with the params' defaults says.
func (s *server) problems(ctx context.Context, d *document) []diagnostic {
	found := []diagnostic{}
	opts := s.language(d.path)
	file, err := lang.Check(d.name(), []byte(d.text), opts)
	found = append(found, s.told(d, err)...)
	if file == nil {
		return found
	}
	reported := make(map[lang.Position]bool)
	for _, f := range lint.Tree(file, opts) {
		one := s.diagnostic(d, f.Problem, severityWarning)
		one.Code = f.Rule
		if f.Rule == "unused-load" {
			one.Tags = []int{tagUnnecessary}
		}
		if f.Rule == "bad-call" {
			one.Severity = severityError
		}
		found = append(found, one)
		reported[f.Problem.Pos] = true
	}
	if err != nil || d.path == "" {
		return found
	}
	ctx, stop := context.WithTimeout(ctx, evaluationTime)
	defer stop()
	program, err := lang.Run(ctx, d.path, []byte(d.text), opts)
	if ctx.Err() != nil {
		return found // too long to be looked at while typing, which is no mistake
	}
	if e := (*lang.Error)(nil); errors.As(err, &e) && reported[e.Pos] {
		return found // the linter said it, in other words
	}
	if err == nil {
		d.values = make(starlark.StringDict)
		for _, t := range program.Targets {
			d.values[t.Name] = t.Value
		}
	}
	return append(found, s.told(d, err)...)
}

// told makes diagnostics of what package lang reports.
func (s *server) told(d *document, err error) []diagnostic {
	if err == nil {
		return nil
	}
	var many lang.Errors
	var one *lang.Error
	switch {
	case errors.As(err, &many):
	case errors.As(err, &one):
		many = lang.Errors{one}
	default:
		many = lang.Errors{{Pos: lang.Position{File: d.name()}, Msg: err.Error()}}
	}
	var list []diagnostic
	for _, e := range many {
		list = append(list, s.diagnostic(d, e, severityError))
	}
	return list
}

// diagnostic places a problem in the document: that of another file where this one called or loads it.
func (s *server) diagnostic(d *document, e *lang.Error, severity int) diagnostic {
	pos, msg := e.Pos, e.Msg
	if pos.File != d.name() {
		msg = fmt.Sprintf("%s: %s", e.Pos, msg)
		pos = s.wayTo(d, e)
	}
	if e.Hint != "" {
		msg += "\n" + e.Hint
	}
	return diagnostic{Range: wordAt(d.lines, max(pos.Line, 1), max(pos.Col, 1)), Severity: severity, Source: "mini", Message: msg}
}

// wayTo is the place in the document from which a problem in another file was reached.
func (s *server) wayTo(d *document, e *lang.Error) lang.Position {
	for i := len(e.Stack) - 1; i >= 0; i-- {
		if e.Stack[i].Pos.File == d.name() {
			return e.Stack[i].Pos
		}
	}
	for _, l := range d.outline.Loads {
		if host, shown := s.resolve(d, l.File); host != "" && host == e.Pos.File || shown == e.Pos.File {
			return lang.Position{Line: int(l.Pos.Line), Col: int(l.Pos.Col)}
		}
	}
	return lang.Position{}
}
