package kconf

import (
	"bytes"
	"fmt"
	"io/fs"
)

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
