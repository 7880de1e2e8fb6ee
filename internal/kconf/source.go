package kconf

import (
	"bytes"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// Load computes again the configuration that a .config is, from the files of the source that it was made with. dirs
// are where those lie, generated ones first; text is the .config, whose head tells the architecture, and config what it
// says: each symbol's value, n for those that are not set. What a shell said when it was made is inferred.
func Load(dirs []fs.FS, text []byte, config map[string]string) (*State, error) {
	source := dirs[len(dirs)-1]
	style, err := DetectStyle(source)
	if err != nil {
		return nil, err
	}
	o := Options{Style: style, Root: "Config.in", Dirs: dirs}
	if style != Old {
		arch, version := head(text)
		o = LinuxOptions(source, style, arch, version)
		o.Dirs = dirs
		known := o.Env
		o.Env = func(name string) (string, bool) { // CC_VERSION_TEXT and its like are symbols, too
			if value, ok := known(name); ok {
				return value, true
			}
			value, ok := config[name]
			return value, ok
		}
	}
	tree, err := Parse(o)
	if err != nil {
		return nil, err
	}
	return tree.Evaluate(Input{Settings: settingsOf(config), Answers: tree.Infer(config)}), nil
}

// head reads the line "# Linux/x86_64 6.1.192 Kernel Configuration", which is the mainmenu's title.
func head(text []byte) (arch, version string) {
	for i, line := range strings.SplitN(string(text), "\n", 6) {
		if rest, ok := strings.CutPrefix(line, "# Linux/"); ok && i < 5 {
			if words := strings.Fields(rest); len(words) > 1 {
				return words[0], words[1]
			}
		}
	}
	return "", ""
}

// Elsewhere lists the architectures' files that define a symbol and that are not read for this one.
func (t *Tree) Elsewhere(source fs.FS, name string) []string {
	var found []string
	_ = fs.WalkDir(source, "arch", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasPrefix(d.Name(), "Kconfig") || slices.Contains(t.Files, file) {
			return nil // what can't be read defines nothing
		}
		text, _ := fs.ReadFile(source, file)
		for line := range strings.Lines(string(text)) {
			if words := strings.Fields(line); len(words) == 2 && words[1] == name && strings.HasSuffix(words[0], "config") {
				found = append(found, file)
				break
			}
		}
		return nil
	})
	return found
}

// Tree is what the configuration is one of.
func (s *State) Tree() *Tree { return s.tree }

// DetectStyle tells from a source's own scripts/kconfig by which rules its Kconfig files are read.
func DetectStyle(source fs.FS) (Style, error) {
	if _, err := fs.Stat(source, "scripts/kconfig/zconf.y"); err == nil {
		if _, err := fs.Stat(source, "scripts/kconfig/preprocess.c"); err != nil {
			return Old, nil
		}
		return ChoiceSymbols, nil
	}
	text, err := fs.ReadFile(source, "scripts/kconfig/symbol.c")
	if err != nil {
		return 0, fmt.Errorf("the source has no scripts/kconfig: %w", err)
	}
	if bytes.Contains(text, []byte("sym_get_choice_menu")) {
		return Choices, nil
	}
	return ChoiceSymbols, nil
}

// LinuxOptions are those for an unpacked Linux. arch is as make's ARCH has it; version is $(KERNELVERSION).
func LinuxOptions(source fs.FS, style Style, arch, version string) Options {
	env := map[string]string{"ARCH": arch, "SRCARCH": sourceArch(source, arch), "KERNELVERSION": version, "srctree": "."}
	if arch == "um" { // it stands on another architecture
		env["HEADER_ARCH"] = "x86"
	}
	return Options{Style: style, Root: "Kconfig", Dirs: []fs.FS{source}, Top: ".", Env: lookup(env)}
}

func lookup(env map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value, ok := env[name]
		return value, ok
	}
}

// sourceArch is the directory below arch/ that has an architecture: the top Makefile's SRCARCH.
func sourceArch(source fs.FS, arch string) string {
	if _, err := fs.Stat(source, "arch/"+arch+"/Kconfig"); err == nil {
		return arch
	}
	switch arch {
	case "i386", "x86_64":
		return "x86"
	case "sparc32", "sparc64":
		return "sparc"
	case "parisc64":
		return "parisc"
	case "sh64":
		return "sh"
	case "tilepro", "tilegx":
		return "tile"
	}
	return arch
}
