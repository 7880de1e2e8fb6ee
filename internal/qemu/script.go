package qemu

import (
	"path/filepath"
	"strings"
)

// Script returns the text of a POSIX shell script that boots the same machine
// by plain QEMU on the terminal it is started from. rel gives the name of a
// host file as seen from the directory the script will lie in; a result that
// is absolute is used as it is. The emulator is looked up in PATH, because the
// script may travel to another machine. Arguments of the script go to QEMU.
func (m Machine) Script(rel func(path string) string) string {
	var b strings.Builder
	b.WriteString(`#!/bin/sh
# Boots this machine with plain QEMU, on this terminal.
# To leave: Ctrl-A, then x. QEMU's own console: Ctrl-A, then c.
# Further arguments go to QEMU, e.g. -s -S to wait for a debugger.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
echo 'to leave: Ctrl-A, then x' >&2
`)
	b.WriteString("exec " + quote(filepath.Base(m.Program)))
	for _, group := range m.groups() {
		b.WriteString(" \\\n\t" + group[0])
		switch group[0] {
		case "-kernel", "-initrd":
			b.WriteString(" " + scriptPath(rel(group[1])))
		default:
			for _, value := range group[1:] {
				b.WriteString(" " + quote(value))
			}
		}
	}
	// mon:stdio is what makes Ctrl-A a command key, and Ctrl-C the guest's.
	b.WriteString(" \\\n\t-serial mon:stdio")
	for _, arg := range m.Args {
		b.WriteString(" \\\n\t" + quote(arg))
	}
	b.WriteString(" \\\n\t\"$@\"\n")
	return b.String()
}

// scriptPath returns the shell word for a file beside the script.
func scriptPath(path string) string {
	if filepath.IsAbs(path) {
		return quote(path)
	}
	return `"$here"/` + quote(path)
}
