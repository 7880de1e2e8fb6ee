package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"mini/build"
	"mini/internal/kconfig"

	"github.com/rogpeppe/go-internal/diff"
)

// shortPath names a file as one would from here, where that is shorter.
func shortPath(file string) string {
	dir, err := os.Getwd()
	if err != nil {
		return file
	}
	if rel, err := filepath.Rel(dir, file); err == nil && len(rel) < len(file) {
		return rel
	}
	return file
}

// texts shows a configuration by its symbols and every other text by its lines.
func (w *explainer) texts(d build.Difference) {
	if strings.HasSuffix(d.Name, ".config") {
		was, err1 := kconfig.ParseConfig(d.Name, []byte(d.Was))
		is, err2 := kconfig.ParseConfig(d.Name, []byte(d.Is))
		if changes := kconfig.Diff(was, is); err1 == nil && err2 == nil && len(changes) > 0 {
			for _, c := range changes {
				w.say("        CONFIG_%s: %s, was %s", c.Symbol, symbolText(c.New), symbolText(c.Old))
			}
			return
		}
	}
	w.lines(d.Was, d.Is)
}

func symbolText(value string) string {
	switch value {
	case "":
		return "not given"
	case "n":
		return "not set"
	}
	return value
}

// maxLines bounds how much of a text is shown; --json has all of it.
const maxLines = 40

// lines shows what differs between two texts, with a little of what is around it.
func (w *explainer) lines(was, is string) {
	all := strings.Split(strings.TrimRight(string(diff.Diff("", lined(was), "", lined(is))), "\n"), "\n")
	shown := 0
	for _, line := range all[min(3, len(all)):] { // after the names of the two files
		if strings.HasPrefix(line, "@@") || strings.HasPrefix(line, `\ No newline`) {
			continue
		}
		if shown == maxLines {
			w.say("        … and more: --json has all of it")
			return
		}
		shown++
		fmt.Fprintln(w.out, "        "+clean(line))
	}
}

func lined(s string) []byte {
	if s != "" && !strings.HasSuffix(s, "\n") {
		s += "\n"
	}
	return []byte(s)
}
