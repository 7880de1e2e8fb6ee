package main

import (
	"context"
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime"

	"mini/builtins"
	"mini/internal/arch"
	"mini/internal/source"
	"mini/internal/toolchain"
	"mini/lang"
	"mini/stdlib"
)

// evaluate runs the script against the lock that lies beside it.
func (a *app) evaluate(ctx context.Context, s *script) error { return a.evaluateText(ctx, s, nil) }

// evaluateText runs a script that is not in a file. What a script declared before an error is kept, for help.
func (a *app) evaluateText(ctx context.Context, s *script, text []byte) error {
	if err := a.readLockOf(s, ""); err != nil {
		return err
	}
	host, ok := arch.Host(runtime.GOARCH)
	if !ok {
		return fmt.Errorf("mini: this machine's CPU (%s) is not one that mini builds on yet", runtime.GOARCH)
	}
	session := builtins.New(builtins.Options{Host: host, Pin: s.pin, Compiler: func(name string) (toolchain.Facts, bool) { return a.compiler(ctx, s, name) }})
	opts, err := s.language(session.Table())
	if err != nil {
		return err
	}
	opts.Print = func(pos lang.Position, text string) {
		if !s.quiet {
			fmt.Fprintf(a.stderr, "%s: %s\n", pos, clean(text))
		}
	}
	ctx, stop := a.boundedMemory(ctx)
	defer stop()
	program, err := lang.Run(ctx, s.path, text, opts)
	s.program, s.vocabulary, s.wants = program, session, session.Wants()
	return err
}

// readLockOf reads what the script's mini.lock says of sources and modules, once. By offline somebody forbids to bring
// modules from the network, "" nobody but perhaps a flag.
func (a *app) readLockOf(s *script, offline string) error {
	if s.lock != nil {
		return nil
	}
	lock, err := readLock(s.lockPath())
	if err != nil {
		return err
	}
	if s.loading == nil {
		s.loading = &loading{}
	}
	if s.set, err = a.moduleSet(s.loading, s.root(), lock, offline); err != nil {
		return err
	}
	s.lock = lock
	return nil
}

// pin is what a source was settled to.
func (s *script) pin(w source.Want) (source.Pin, bool) {
	if s.fresh != nil && !s.fresh[w] {
		return source.Pin{}, false
	}
	return s.lock.Get(w)
}

// language is what the script can see besides its own files.
func (s *script) language(table []*lang.Builtin) (lang.Options, error) {
	root, err := filepath.Abs(s.root())
	return lang.Options{
		Builtins: table,
		Types:    builtins.Types(),
		Root:     root,
		Modules:  map[string]fs.FS{"mini": stdlib.FS},
		Remote:   remote(s.set),
		Params:   s.params,
		Variants: s.variants,
		Settings: s.settings,
		MaxSteps: s.maxSteps,
	}, err
}
