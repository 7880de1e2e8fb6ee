package kbuild

import (
	"regexp"
	"strings"
)

// Most packers of a kernel's image don't say how large the packed data were, so the kernel's makefiles append that to
// what they make (size_append in scripts/Makefile.lib): they look at the files, and what stands in the command is the
// number, as four octal bytes, the least first. A command with a number in it holds for one size.
//
//	{ cat vmlinux.bin | lzma -9; printf \\020\\105\\254\\000; } > vmlinux.bin.lzma
var writtenSize = regexp.MustCompile(`cat ([^|;&<>()]+)\|([^{}]*)printf (?:\\\\[0-3][0-7][0-7]){4}`)

// sizeMacro prints such bytes for the files that it is called with.
const sizeMacro = `size = printf "$$(n=$$(cat $(1) | wc -c); printf '\\%03o' $$((n & 255)) $$((n >> 8 & 255)) $$((n >> 16 & 255)) $$((n >> 24 & 255)))"`

// measured is a command that counts where the recorded one has a number. Whether it is the number that was meant, the proof
// shows, which carries something of another size.
func measured(command string) string {
	return writtenSize.ReplaceAllStringFunc(command, func(found string) string {
		part := writtenSize.FindStringSubmatch(found)
		return "cat " + part[1] + "|" + part[2] + "$(call size," + strings.TrimSpace(part[1]) + ")"
	})
}
