package preflight

import (
	"bytes"
	"path"
	"slices"
	"strings"
)

// ran is a script that is run at boot.
type ran struct {
	file   File
	script *shellScript
	init   bool // it is process 1 itself: when it ends the kernel panics
}

// maxRan bounds how many scripts are followed.
const maxRan = 100

// scripts are those that init is or runs, as far as that can be told: what init is written in, what BusyBox's inittab calls,
// and what those call by an absolute path.
func (b *Boot) scripts() []ran {
	chain, bad := Start(b.Files, b.initPath())
	if bad != nil {
		return nil
	}
	f := &follower{files: b.Files, seen: map[string]bool{}}
	if len(chain) > 1 {
		f.add(chain[0], true)
	} else if b.isBusyBoxInit(chain[0]) {
		for _, line := range b.inittab() {
			f.line(line)
		}
	}
	return f.all
}

type follower struct {
	files Files
	seen  map[string]bool
	all   []ran
}

// add reads a script, and goes on to those that it calls.
func (f *follower) add(file File, init bool) {
	if f.seen[file.Path] || len(f.all) == maxRan || file.Size > 1<<20 {
		return
	}
	f.seen[file.Path] = true
	text, err := f.files.Read(file)
	if err != nil || !isShellScript(text) && !init {
		return
	}
	one := ran{file, readScript(text), init}
	f.all = append(f.all, one)
	for _, c := range one.script.calls {
		f.called(c.words)
	}
}

// line is a command of an inittab: its words, or a script of its own if there is more to it.
func (f *follower) line(text string) {
	for _, c := range readScript([]byte(text)).calls {
		f.called(c.words)
	}
}

func (f *follower) called(words []string) {
	for i, w := range words {
		if i > 0 && !oneOf(words[0], ".", "source", "sh", "/bin/sh", "setsid", "cttyhack", "exec") {
			return
		}
		if !strings.HasPrefix(w, "/") {
			continue
		}
		if file, ok := f.files.Resolve(w); ok && file.Type == Regular {
			f.add(file, false)
		}
		return
	}
}

// isShellScript reports whether a shell of the POSIX kind reads a script.
func isShellScript(text []byte) bool {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	fields := strings.Fields(strings.TrimPrefix(string(line), "#!"))
	if !bytes.HasPrefix(text, []byte("#!")) || len(fields) == 0 {
		return false
	}
	return oneOf(path.Base(fields[0]), "sh", "ash", "dash", "bash", "busybox")
}

// isBusyBox reports whether a file is a BusyBox, whose first argument says what it does.
func isBusyBox(files Files, f File) bool {
	text, err := files.Read(f)
	return err == nil && bytes.Contains(text, []byte("BusyBox v"))
}

// isBusyBoxInit reports whether what the kernel starts is BusyBox as init: it goes by the name that it is called by.
func (b *Boot) isBusyBoxInit(f File) bool {
	return oneOf(path.Base(b.initPath()), "init", "linuxrc") && isBusyBox(b.Files, f)
}

// inittab are the commands that BusyBox's init runs, in the file's order (init/init.c of BusyBox). Without that file it
// begins with /etc/init.d/rcS.
func (b *Boot) inittab() []string {
	file, ok := b.Files.Resolve("/etc/inittab")
	if !ok || file.Type != Regular {
		return []string{"/etc/init.d/rcS"}
	}
	text, err := b.Files.Read(file)
	if err != nil {
		return nil
	}
	var commands []string
	for line := range strings.Lines(string(text)) {
		fields := strings.SplitN(strings.TrimSpace(line), ":", 4)
		if len(fields) == 4 && !strings.HasPrefix(fields[0], "#") && oneOf(fields[2], "sysinit", "wait", "once", "respawn", "askfirst") {
			commands = append(commands, strings.TrimLeft(fields[3], "-"))
		}
	}
	return commands
}

func oneOf(s string, among ...string) bool { return slices.Contains(among, s) }
