package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"mini/lang"
	"mini/lang/format"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/pflag"
)

const formatHelp = `Lays out scripts in the one usual way, that of Bazel's buildifier, and writes back those that it changes. Nothing but the
layout changes. Of a directory it takes all .star files below it; - is standard input, laid out on standard output.`

// formatter is one use of `mini fmt`.
type formatter struct {
	app               *app
	list, diff, check bool
	changed           int
}

func (a *app) formatCommand(f *pflag.FlagSet) func(context.Context, []string) error {
	fm := &formatter{app: a}
	f.BoolVarP(&fm.diff, "diff", "d", false, "show what would change, and write nothing")
	f.BoolVarP(&fm.list, "list", "l", false, "list the scripts that would change, and write nothing")
	f.BoolVar(&fm.check, "check", false, "the same, and exit with 1 if there are any")
	return func(ctx context.Context, args []string) error {
		if len(args) == 0 {
			return usagef("fmt: name scripts or directories, or - for standard input")
		}
		files, errs := scriptFiles(args)
		for _, file := range files {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err := fm.file(file); err != nil {
				errs = append(errs, err)
			}
		}
		if len(errs) > 0 {
			return errors.Join(errs...)
		}
		if fm.check && fm.changed > 0 {
			return exitStatus(exitFailed)
		}
		return nil
	}
}

// file lays out one file, or standard input.
func (fm *formatter) file(name string) error {
	src, shown, err := fm.app.readScript(name)
	if err != nil {
		return err
	}
	out, err := format.Source(shown, src)
	if err != nil {
		return err
	}
	same := bytes.Equal(src, out)
	if !same {
		fm.changed++
	}
	stdout := fm.app.stdout
	switch {
	case fm.diff:
		_, err = stdout.Write(diff.Diff(shown, src, shown+" (laid out)", out))
	case fm.list || fm.check:
		if !same {
			_, err = fmt.Fprintln(stdout, shown)
		}
	case name == "-":
		_, err = stdout.Write(out)
	case !same:
		err = replaceFile(name, out)
	}
	return err
}

// readScript reads a script, of which - is the one on standard input, and says how to show its name.
func (a *app) readScript(name string) (src []byte, shown string, err error) {
	if name == "-" {
		src, err = lang.ReadText(a.stdin)
		return src, "<stdin>", err
	}
	info, err := os.Stat(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil, name, usagef("there is no script %s%s", name, nearScript(name))
	}
	if err == nil && info.IsDir() {
		return nil, name, usagef("%s is a directory; name a script", name)
	}
	if err == nil && !info.Mode().IsRegular() { // opening a pipe waits for its writer
		return nil, name, usagef("%s is not a regular file", name)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, name, fmt.Errorf("mini: %w", err)
	}
	defer f.Close()
	src, err = lang.ReadText(f)
	return src, name, err
}

// replaceFile writes a file anew, with the permissions and the owner that it has. Whoever reads it meanwhile, and whoever
// looks after a crash, finds the old text or the new one.
func replaceFile(name string, data []byte) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("mini: %s stays as it was: %w", name, err)
		}
	}()
	name, err = filepath.EvalSymlinks(name) // a link stays one
	if err != nil {
		return err
	}
	old, err := os.OpenFile(name, os.O_RDWR, 0) // what may not be written is not replaced either
	if err != nil {
		return err
	}
	defer old.Close()
	return writeWhole(name, func(out *os.File) error {
		if err := like(out, old); err != nil {
			return err
		}
		_, err := out.Write(data)
		return err
	})
}
