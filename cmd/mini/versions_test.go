package main

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

func TestVersionsAreWhatProgramsSay(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"good":    "echo; echo 'good 1.2'; echo more",
		"forever": "while :; do echo 1.2; done",
		"refuses": "echo 'usage: 1.2'; exit 2",
		"echoes":  `echo "$@"`,
		"writes":  `: > "./$1"; echo 3.4; pwd > ` + filepath.Join(dir, "where"),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+text+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	a := &app{env: os.Getenv}
	got := a.versions(context.Background(), []string{"good", "forever", "refuses", "echoes", "writes", "no-such-program"})
	if want := (map[string]string{"good": "good 1.2", "writes": "3.4"}); !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if where, err := os.ReadFile(filepath.Join(dir, "where")); err != nil || string(where) == dir+"\n" {
		t.Errorf("it ran in %s, %v", where, err)
	}
	if _, err := os.Stat("--version"); err == nil {
		t.Error("a program could write into our directory")
	}
}
