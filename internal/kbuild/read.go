package kbuild

import (
	"path"
	"strings"
)

// ParseCommands reads .cmd files, one after the other: the command that made each target, as make would read it ($$ is a
// dollar, $(pound) a number sign). Targets are paths below the build directory.
func ParseCommands(text string) map[string]string {
	commands := map[string]string{}
	for _, line := range strings.Split(text, "\n") {
		name, command, ok := strings.Cut(line, " := ")
		if !ok {
			continue
		}
		target, ok := strings.CutPrefix(name, "savedcmd_") // since Linux 6.2
		if !ok {
			target, ok = strings.CutPrefix(name, "cmd_")
		}
		if ok {
			commands[path.Clean(target)] = strings.TrimSpace(command)
		}
	}
	return commands
}

// ParseTrace reads what make --trace says: for each target that was made, the newer files that it was made for.
//
//	scripts/Makefile.build:390: update target 'usr/initramfs_data.o' due to: usr/initramfs_inc_data
func ParseTrace(text string) map[string][]string {
	needs := map[string][]string{}
	for _, line := range strings.Split(text, "\n") {
		_, rest, ok := strings.Cut(line, ": update target '")
		if !ok {
			continue
		}
		target, files, ok := strings.Cut(rest, "' due to: ")
		if !ok {
			continue
		}
		target = path.Clean(target)
		for _, f := range strings.Fields(files) {
			needs[target] = append(needs[target], path.Clean(f))
		}
	}
	return needs
}

// A Call is one call of the linker: its words, and the environment as `export -p` writes it.
type Call struct {
	Words []string
	Env   []string // NAME='value'
}

// callMark begins a call in the notes of the linker's stand-in.
const callMark = "# ld "

// ParseCalls reads the notes of the linker's stand-in: a line with the mark and the words, then what `export -p` says.
func ParseCalls(text string) []Call {
	var calls []Call
	for _, line := range strings.Split(text, "\n") {
		if words, ok := strings.CutPrefix(line, callMark); ok {
			calls = append(calls, Call{Words: strings.Fields(words)})
		} else if setting, ok := strings.CutPrefix(line, "export "); ok && len(calls) > 0 {
			last := &calls[len(calls)-1]
			last.Env = append(last.Env, setting)
		}
	}
	return calls
}

// output is what a call of the linker makes; "" when it doesn't say.
func (c Call) output() string {
	for i, w := range c.Words {
		if w == "-o" && i+1 < len(c.Words) {
			return path.Clean(c.Words[i+1])
		}
	}
	return ""
}

// isScript reports whether a command runs one of the kernel's shell scripts, so that its words don't tell what it reads.
func isScript(command string) bool {
	for _, w := range strings.Fields(command) {
		if strings.HasSuffix(strings.TrimRight(w, ";"), ".sh") {
			return true
		}
	}
	return false
}
