package kconf

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Find looks where a source defines symbols, and returns a place, file:line, for each that it does. It reads no more of the
// files than the lines that begin with config: what is included when doesn't matter to it.
func Find(source fs.FS, symbols []string) map[string]string {
	found := make(map[string]string)
	_, err := fs.Stat(source, "Config.in")
	busybox := err == nil
	_ = fs.WalkDir(source, ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !mayDefine(path.Base(file), busybox) {
			return nil // what can't be read defines nothing
		}
		text, _ := fs.ReadFile(source, file)
		n := 0
		for line := range strings.Lines(string(text)) {
			n++
			line = strings.TrimPrefix(line, "//config:") // BusyBox has them beside the code
			words := strings.Fields(line)
			if len(words) == 2 && (words[0] == "config" || words[0] == "menuconfig") && slices.Contains(symbols, words[1]) && found[words[1]] == "" {
				found[words[1]] = fmt.Sprintf("%s:%d", file, n)
			}
		}
		return nil
	})
	return found
}

func mayDefine(base string, busybox bool) bool {
	if busybox {
		return strings.HasPrefix(base, "Config.") || strings.HasSuffix(base, ".c")
	}
	return strings.HasPrefix(base, "Kconfig")
}

// SourceVersion tells which program's source a tree is, "linux" or "busybox", and of which version, by its own Makefile;
// empty for any other tree.
func SourceVersion(source fs.FS) (program, version string) {
	if _, err := fs.Stat(source, "scripts/kconfig/conf.c"); err != nil {
		return "", ""
	}
	text, err := fs.ReadFile(source, "Makefile")
	if err != nil {
		return "", ""
	}
	var parts []string
	for _, name := range []string{"VERSION", "PATCHLEVEL", "SUBLEVEL"} {
		for line := range strings.Lines(string(text)) {
			if key, value, ok := strings.Cut(line, "="); ok && strings.TrimSpace(key) == name {
				parts = append(parts, strings.TrimSpace(value))
				break
			}
		}
	}
	program = "linux"
	if _, err := fs.Stat(source, "Config.in"); err == nil {
		program = "busybox"
	}
	return program, strings.Join(parts, ".")
}
