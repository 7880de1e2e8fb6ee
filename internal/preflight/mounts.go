package preflight

import (
	"bytes"
	"fmt"
	"path"
	"strings"
)

// A mounting is a file system that somebody mounts at boot.
type mounting struct {
	kinds   string // ext4, or ext4,vfat: any of them will do
	at      string
	options string
	file    File
	line    int
	handled bool
	fatal   bool
	init    bool
}

// checkMounts looks at whether the kernel knows the file systems that are mounted at boot.
func checkMounts(b *Boot) []Finding {
	if !b.unpacks() {
		return nil
	}
	modules := b.hasModules()
	said := map[string]bool{}
	var all []Finding
	for _, m := range b.mountings() {
		key := m.kinds + " " + m.at
		if m.handled || said[key] {
			continue
		}
		said[key] = true
		if !b.hasPlace(m) {
			all = append(all, m.ends(Finding{
				Severity: Warning, Part: InRoot, Path: m.file.Path, Line: m.line,
				What: fmt.Sprintf("%s line %d mounts %s at %s, and there is no such directory", word(m.file.Path), m.line, m.kinds, m.at),
				Boot: fmt.Sprintf("%q%s", "mount: mounting … on "+m.at+" failed: No such file or directory", without(m.kinds)),
				Fix:  fmt.Sprintf("add %q: directory() to its files, or let the script mkdir it before", m.at),
			}))
			continue
		}
		symbols, ok := b.lacks(m, modules)
		if ok || !b.Kernel.known() {
			continue
		}
		all = append(all, m.ends(Finding{
			Severity: Warning, Part: InKernel, Path: m.file.Path, Line: m.line,
			What: fmt.Sprintf("%s line %d mounts %s at %s, which the kernel doesn't know: %s", word(m.file.Path), m.line, m.kinds, m.at, are(symbols)),
			Boot: fmt.Sprintf("%q%s", "mount: mounting … on "+m.at+" failed: No such device", without(m.kinds)), Fix: ask(symbols),
		}))
	}
	return all
}

// ends makes a finding an error where the mount that fails is the end of init.
func (m mounting) ends(f Finding) Finding {
	if m.fatal && m.init {
		f.Severity, f.Boot = Error, f.Boot+`; the script ends there (set -e), and the kernel panics: "Attempted to kill init!"`
	}
	return f
}

// hasPlace reports whether there may be a directory where something is mounted: in the image, made by a script, or on something
// that is mounted before.
func (b *Boot) hasPlace(m mounting) bool {
	if _, ok := b.Files.Resolve(m.at); ok || !strings.HasPrefix(m.at, "/") {
		return true
	}
	for _, r := range b.scripts() {
		for _, dir := range r.script.dirs {
			if dir == "" || !strings.HasPrefix(dir, "/") || strings.HasPrefix(path.Clean(dir)+"/", path.Clean(m.at)+"/") {
				return true
			}
		}
		for _, place := range r.script.places {
			if place != path.Clean(m.at) && strings.HasPrefix(m.at, strings.TrimSuffix(place, "/")+"/") {
				return true
			}
		}
	}
	return false
}

// without says what is missed of the file systems that every system has.
func without(kind string) string {
	missed := map[string]string{
		"devtmpfs": ", and of the devices in /dev there are only those of the root filesystem", "proc": ", and ps, free and mount show nothing",
		"sysfs": ", and nothing finds out about devices", "devpts": ", and there are no terminals for ssh and the like",
	}
	return missed[kind]
}

// lacks are the symbols without which a mount fails.
func (b *Boot) lacks(m mounting, modules bool) ([]string, bool) {
	var symbols []string
	for kind := range strings.SplitSeq(m.kinds, ",") {
		symbol, ok := b.Kernel.mounts(kind, modules)
		if !ok {
			symbols = append(symbols, symbol)
			continue
		}
		if kind == "9p" && strings.Contains(m.options, "trans=virtio") && !b.Kernel.on("NET_9P_VIRTIO") && !(modules && b.Kernel.module("NET_9P_VIRTIO")) {
			return []string{"NET_9P_VIRTIO"}, false
		}
		return nil, true
	}
	return symbols, false
}

// hasModules reports whether the root filesystem has modules of the kernel's to load.
func (b *Boot) hasModules() bool {
	for _, dir := range []string{"/lib/modules", "/usr/lib/modules"} {
		if e, ok := b.Files.Resolve(dir); ok && e.Type == Dir {
			return true
		}
	}
	return false
}

// mountings are those of the scripts that are run at boot, and those of /etc/fstab where a script mounts all of it.
func (b *Boot) mountings() []mounting {
	var all []mounting
	for _, r := range b.scripts() {
		for _, c := range r.script.calls {
			m, fstab := mountOf(c.words)
			switch {
			case fstab:
				all = append(all, b.fstab(c, r)...)
			case m != nil:
				m.file, m.line, m.handled, m.fatal, m.init = r.file, c.line, c.handled, c.fatal, r.init
				all = append(all, *m)
			}
		}
	}
	return all
}

// mountOf reads a call of mount(8); fstab says that it mounts what /etc/fstab lists.
func mountOf(words []string) (m *mounting, fstab bool) {
	if len(words) > 0 && oneOf(words[0], "busybox", "/bin/busybox") {
		words = words[1:]
	}
	if len(words) == 0 || !oneOf(words[0], "mount", "/bin/mount", "/sbin/mount", "/usr/bin/mount") {
		return nil, false
	}
	m = &mounting{}
	var operands []string
	for i := 1; i < len(words); i++ {
		w := words[i]
		next := func() string {
			if i++; i < len(words) {
				return words[i]
			}
			return ""
		}
		switch {
		case w == "-t" || w == "--types":
			m.kinds = next()
		case w == "-o" || w == "--options":
			m.options = next()
		case strings.HasPrefix(w, "-t"):
			m.kinds = w[2:]
		case strings.HasPrefix(w, "-o"):
			m.options = w[2:]
		case w == "-a":
			fstab = true
		case !strings.HasPrefix(w, "-"):
			operands = append(operands, w)
		}
	}
	if fstab {
		return nil, m.kinds == "" // -t with -a is a choice among its lines
	}
	if m.kinds == "" || len(operands) != 2 || strings.Contains(m.options, "remount") || strings.Contains(m.options, "bind") {
		return nil, false
	}
	if m.at = operands[1]; m.at == "" {
		m.at = "…"
	}
	return m, false
}

// fstab reads /etc/fstab, see fstab(5).
func (b *Boot) fstab(c call, r ran) []mounting {
	file, ok := b.Files.Resolve("/etc/fstab")
	if !ok || file.Type != Regular {
		return nil
	}
	text, err := b.Files.Read(file)
	if err != nil {
		return nil
	}
	var all []mounting
	for i, line := range bytes.Split(text, []byte("\n")) {
		fields := strings.Fields(string(line))
		if len(fields) < 4 || fields[0][0] == '#' || oneOf(fields[2], "swap", "auto", "none") || oneOf("noauto", strings.Split(fields[3], ",")...) {
			continue
		}
		all = append(all, mounting{
			kinds: fields[2], at: fields[1], options: fields[3], file: file, line: i + 1, handled: c.handled, fatal: c.fatal, init: r.init,
		})
	}
	return all
}
