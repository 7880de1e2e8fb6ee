package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestShimsAreNoTools(t *testing.T) {
	top := t.TempDir()
	at := func(dir, name string) string { return filepath.Join(top, dir, name) }
	for _, file := range []string{at(".pyenv/shims", "python3"), at(".pyenv/shims", "pip"), at("usr/bin", "python3"), at("usr/bin", "awk"), at("later", "python3")} {
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte("#!/bin/sh\n"), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", at(".pyenv", "shims")+":"+at("nowhere", "")+":"+at("usr", "bin")+":"+at("later", ""))
	for name, want := range map[string]string{
		"python3":              at("usr/bin", "python3"),
		"awk":                  at("usr/bin", "awk"),
		"pip":                  "", // what it stands for no step could start
		"gone":                 "",
		at("later", "python3"): at("later", "python3"),
	} {
		got, err := lookTool(name)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v; want %q", name, got, err, want)
		}
	}
}
