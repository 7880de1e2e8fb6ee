package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

// publish is a program for test scripts: publish DIR MODULE VERSION PROXY lays a directory out as one version of a module
// below the directory of a proxy, in the form in which the go command's own cache has it.
func publish() {
	if err := publishModule(os.Args[1], module.Version{Path: os.Args[2], Version: os.Args[3]}, os.Args[4]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func publishModule(dir string, m module.Version, proxy string) error {
	path, err := module.EscapePath(m.Path)
	if err != nil {
		return err
	}
	at := filepath.Join(proxy, filepath.FromSlash(path), "@v")
	if err := os.MkdirAll(at, 0o777); err != nil {
		return err
	}
	list, err := os.OpenFile(filepath.Join(at, "list"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(list, m.Version)
	if err := errors.Join(err, list.Close()); err != nil {
		return err
	}
	info := fmt.Sprintf("{\"Version\":%q,\"Time\":%q}", m.Version, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC).Format(time.RFC3339))
	if err := os.WriteFile(filepath.Join(at, m.Version+".info"), []byte(info), 0o666); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(at, m.Version+".mod"), []byte("module "+m.Path+"\n"), 0o666); err != nil {
		return err
	}
	out, err := os.Create(filepath.Join(at, m.Version+".zip"))
	if err != nil {
		return err
	}
	return errors.Join(zip.CreateFromDir(out, m, dir), out.Close())
}
