package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"mini/build"
	"mini/build/step"
	"mini/internal/kconf"
)

// hintVersions adds to an error about symbols that a source doesn't have which other version has them. mini keeps no list of
// symbols: it looks into the sources that are unpacked in the cache, and names those that it has looked into.
func (s *session) hintVersions(err error) error {
	dropped, at := (*step.Dropped)(nil), (*build.NodeError)(nil)
	if !errors.As(err, &dropped) || !errors.As(err, &at) || len(dropped.Nowhere) == 0 {
		return err
	}
	words := strings.Fields(strings.ReplaceAll(at.Title, ":", " ")) // linux 6.1.192 x86_64: …
	if len(words) < 2 {
		return err
	}
	return fmt.Errorf("%w%s", err, s.otherVersions(words[0], words[1], dropped.Nowhere))
}

// otherVersions says in lines which other versions of a program in the cache have symbols.
func (s *session) otherVersions(program, version string, symbols []string) string {
	trees, _ := filepath.Glob(filepath.Join(filepath.Dir(s.store.TreePath(build.Digest{Hash: "any"})), "*"))
	has := map[string][]string{} // by symbol, the versions with the places
	var looked []string
	for _, dir := range trees {
		source := os.DirFS(dir)
		p, v := kconf.SourceVersion(source)
		if p != program || v == version || v == "" || slices.Contains(looked, v) {
			continue
		}
		looked = append(looked, v)
		for symbol, place := range kconf.Find(source, symbols) {
			has[symbol] = append(has[symbol], fmt.Sprintf("%s (%s)", v, place))
		}
	}
	var lines string
	for _, symbol := range symbols {
		if versions := has[symbol]; versions != nil {
			slices.Sort(versions)
			lines += fmt.Sprintf("\n  %s is in %s %s", symbol, program, strings.Join(versions, " and "))
		} else if len(looked) > 0 {
			slices.Sort(looked)
			lines += fmt.Sprintf("\n  %s is not in %s %s either", symbol, program, strings.Join(looked, " or "))
		}
	}
	return lines
}
