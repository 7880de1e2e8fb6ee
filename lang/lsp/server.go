// Package lsp is a language server for scripts, by the Language Server Protocol: it shows editors what package lang, its
// linter and its formatter know, while a script is being typed.
//
// Everything happens in one goroutine, in the order in which the editor sends it: answers take milliseconds, so there is
// nothing to cancel and nothing to lock. What is wrong with a script is looked at when the editor pauses. The framing is
// the package's own: the libraries that there are end the conversation at a body that isn't JSON, or weigh more than the
// rest of the server.
package lsp

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"mini/lang"
)

// Options is what the server has to know of the world.
type Options struct {
	Version string
	// Language gives the vocabulary for one look at the script at path ("" for one that is no file yet), with its root and
	// the modules that it can load. The server asks for it each time anew, since a vocabulary may collect what a script
	// asks for. Nothing of it should ask the network: somebody is waiting for each letter.
	Language func(path string) lang.Options
	// Modules holds the embedded files: as in [lang.Options].
	Modules map[string]fs.FS
	// Pause is how long an editor has to be silent before its scripts are looked at; 0 is a tenth of a second.
	Pause time.Duration
}

// evaluationTime bounds one run of a script: what takes longer is not looked at while typing.
const evaluationTime = 300 * time.Millisecond

const defaultPause = 100 * time.Millisecond

// ErrNoShutdown is returned when the editor ends the conversation without having said that it would.
var ErrNoShutdown = errors.New("the editor went away without a shutdown request")

// Serve speaks with one editor until it says exit, goes away, or ctx is done.
func Serve(ctx context.Context, in io.Reader, out io.Writer, opts Options) error {
	if opts.Pause == 0 {
		opts.Pause = defaultPause
	}
	s := &server{opts: opts, out: out, docs: make(map[string]*document)}
	incoming := make(chan received)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go receive(ctx, in, incoming)
	timer := time.NewTimer(opts.Pause)
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
			if err := s.diagnose(ctx); err != nil {
				return err
			}
		case got := <-incoming:
			done, err := s.handle(got)
			if done || err != nil {
				return err
			}
			timer.Reset(opts.Pause)
		}
	}
}

// received is a message, or what went wrong with it.
type received struct {
	m   *message
	err error
}

func receive(ctx context.Context, in io.Reader, to chan<- received) {
	r := bufio.NewReader(in)
	for {
		m, err := readMessage(r)
		select {
		case to <- received{m, err}:
		case <-ctx.Done():
			return
		}
		if broken := (*rpcError)(nil); err != nil && !errors.As(err, &broken) {
			return
		}
	}
}

type server struct {
	opts        Options
	out         io.Writer
	docs        map[string]*document // the open ones, by URI
	initialized bool
	shutdown    bool
}

// handle answers one message; done is true after the last.
func (s *server) handle(got received) (done bool, err error) {
	var broken *rpcError
	switch {
	case errors.As(got.err, &broken):
		return false, s.send(&message{ID: json.RawMessage("null"), Error: broken})
	case got.err != nil && (s.shutdown || errors.Is(got.err, io.EOF) && !s.initialized):
		return true, nil
	case errors.Is(got.err, io.EOF), errors.Is(got.err, io.ErrUnexpectedEOF):
		return true, ErrNoShutdown
	case got.err != nil:
		return true, got.err
	}
	m := got.m
	switch {
	case m.Method == "exit":
		if !s.shutdown {
			return true, ErrNoShutdown
		}
		return true, nil
	case m.Method == "":
		return false, nil // an answer, and nothing was asked
	case m.ID == nil:
		s.notified(m)
		return false, nil
	}
	result, failed := s.answer(m)
	if failed != nil {
		return false, s.send(&message{ID: m.ID, Error: failed})
	}
	body, err := json.Marshal(result)
	if err != nil {
		return true, err
	}
	return false, s.send(&message{ID: m.ID, Result: body})
}

func (s *server) send(m *message) error { return writeMessage(s.out, m) }

func (s *server) notify(method string, params any) error {
	body, err := json.Marshal(params)
	if err != nil {
		return err
	}
	return s.send(&message{Method: method, Params: body})
}

// notified takes what the editor says without asking. What isn't known is ignored, as the protocol wants it.
func (s *server) notified(m *message) {
	switch m.Method {
	case "textDocument/didOpen":
		var p didOpenParams
		if json.Unmarshal(m.Params, &p) == nil {
			doc := s.newDocument(p.TextDocument.URI)
			s.docs[doc.uri] = doc
			doc.set(s, p.TextDocument.Text, p.TextDocument.Version)
		}
	case "textDocument/didChange":
		var p didChangeParams
		if json.Unmarshal(m.Params, &p) != nil || len(p.ContentChanges) == 0 {
			return
		}
		if doc := s.docs[p.TextDocument.URI]; doc != nil {
			doc.set(s, p.ContentChanges[len(p.ContentChanges)-1].Text, p.TextDocument.Version)
		}
	case "textDocument/didSave":
		for _, doc := range s.docs { // what one script loads may have changed
			doc.stale = true
		}
	case "textDocument/didClose":
		var p documentParams
		if json.Unmarshal(m.Params, &p) == nil && s.docs[p.TextDocument.URI] != nil {
			delete(s.docs, p.TextDocument.URI)
			_ = s.notify("textDocument/publishDiagnostics", publishDiagnosticsParams{URI: p.TextDocument.URI, Diagnostics: []diagnostic{}})
		}
	}
}

// answer answers a request. A slip of the server's own costs an answer and not the conversation.
func (s *server) answer(m *message) (result any, failed *rpcError) {
	defer func() {
		if r := recover(); r != nil {
			result, failed = nil, &rpcError{codeInternal, fmt.Sprintf("%s: %v", m.Method, r)}
		}
	}()
	switch {
	case m.Method == "initialize":
		s.initialized = true
		return capabilities(s.opts.Version), nil
	case !s.initialized:
		return nil, &rpcError{codeNotInitialized, "initialize comes first"}
	case s.shutdown:
		return nil, &rpcError{codeInvalidRequest, "after shutdown comes exit"}
	case m.Method == "shutdown":
		s.shutdown = true
		return nil, nil
	}
	ask, known := map[string]func(*document, position) (any, *rpcError){
		"textDocument/completion":     s.completion,
		"textDocument/hover":          s.hover,
		"textDocument/signatureHelp":  s.signatureHelp,
		"textDocument/definition":     s.definition,
		"textDocument/documentSymbol": s.documentSymbols,
		"textDocument/formatting":     s.formatting,
	}[m.Method]
	if !known {
		return nil, &rpcError{codeNoMethod, "mini's language server can't do " + m.Method}
	}
	var p positionParams
	if err := json.Unmarshal(m.Params, &p); err != nil {
		return nil, &rpcError{codeInvalidParams, err.Error()}
	}
	doc := s.docs[p.TextDocument.URI]
	if doc == nil {
		return nil, &rpcError{codeInvalidParams, p.TextDocument.URI + " is not open"}
	}
	return ask(doc, p.Position)
}
