package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mini/build"
	"mini/build/step"
)

// What one version doesn't have, another one in the cache may.
func TestHintVersions(t *testing.T) {
	store, err := build.OpenStore(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	s := &session{store: store}
	hint := func(title string, symbols ...string) string {
		err := s.hintVersions(&build.NodeError{Title: title, Pos: "x.star:1:1", Err: &step.Dropped{Text: "dropped", Nowhere: symbols}})
		_, lines, _ := strings.Cut(err.Error(), "dropped")
		return lines
	}
	if got := hint("linux 6.1.192 x86_64: check configuration", "NEW"); got != "" {
		t.Errorf("nothing is in the cache: %q", got)
	}
	for hash, version := range map[string][3]string{"aa": {"6", "1", "192"}, "bb": {"6", "12", "117"}, "cc": {"7", "2", "13"}} {
		dir := store.TreePath(build.Digest{Hash: hash})
		for name, text := range map[string]string{
			"Makefile":               "VERSION = " + version[0] + "\nPATCHLEVEL = " + version[1] + "\nSUBLEVEL = " + version[2] + "\n",
			"scripts/kconfig/conf.c": "",
			"net/Kconfig":            "config IN_" + version[0] + "_" + version[1] + "\n",
		} {
			if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, c := range []struct {
		title, want string
		symbols     []string
	}{
		{"linux 6.1.192 x86_64: check configuration", "\n  IN_6_12 is in linux 6.12.117 (net/Kconfig:1)", []string{"IN_6_12"}},
		{"linux 6.1.192 x86_64: check configuration", "\n  IN_7_2 is in linux 7.2.13 (net/Kconfig:1)\n  NO is not in linux 6.12.117 or 7.2.13 either", []string{"IN_7_2", "NO"}},
		{"linux 6.12.117 x86_64: check configuration", "\n  IN_6_12 is not in linux 6.1.192 or 7.2.13 either", []string{"IN_6_12"}},
		{"busybox 1.35.0 x86_64: check configuration", "", []string{"IN_6_12"}},
		{"linux 6.1.192 x86_64: check configuration", "", nil},
	} {
		if got := hint(c.title, c.symbols...); got != c.want {
			t.Errorf("%s, %v: %q, want %q", c.title, c.symbols, got, c.want)
		}
	}
	if err := errors.New("another"); s.hintVersions(err) != err {
		t.Error("another error changed")
	}
}
