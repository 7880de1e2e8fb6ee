package preflight

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"
)

// defaultPath is where shells look when nobody says so: BusyBox's ash and dash have these, in other orders.
var defaultPath = []string{"/sbin", "/usr/sbin", "/bin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin"}

// isShellBuiltin reports whether some shell has a command inside.
func isShellBuiltin(name string) bool {
	return oneOf(name, strings.Fields(`. : [ [[ alias bg break builtin cd chdir command continue declare disown echo enable eval exec exit
		export false fg getopts hash help history jobs kill let local printf pwd read readonly return set shift shopt source test time
		times trap true type typeset ulimit umask unalias unset wait`)...)
}

// checkCommands looks for the commands that are called at boot, and for links to a BusyBox that doesn't have their command.
func checkCommands(b *Boot) []Finding {
	if !b.unpacks() {
		return nil
	}
	all := b.applets()
	said := map[string]bool{}
	for _, r := range b.scripts() {
		for _, c := range r.script.calls {
			for _, name := range commandsOf(c.words) {
				if said[name] || r.script.functions[name] || b.finds(r.script, name) {
					continue
				}
				said[name] = true
				all = append(all, missingCommand(r, c, name))
			}
		}
	}
	return all
}

func missingCommand(r ran, c call, name string) Finding {
	f := Finding{
		Severity: Warning, Part: InRoot, Path: r.file.Path, Line: c.line,
		What: fmt.Sprintf("%s line %d calls %s, which is not in the root filesystem", word(r.file.Path), c.line, word(name)),
		Boot: fmt.Sprintf("%q", name+": not found"), Fix: "add it, or switch it on in BusyBox's configuration",
	}
	if r.init && c.fatal && !c.handled && name == c.words[0] {
		f.Severity = Error
		f.Boot += `; the script ends there, and the kernel panics: "Attempted to kill init! exitcode=0x00007f00"`
	}
	return f
}

// commandsOf are the commands that a call needs: those behind others that only start them, too.
func commandsOf(words []string) []string {
	var names []string
	for _, w := range words {
		switch {
		case w == "" || strings.Contains(w, "=") || strings.HasPrefix(w, "-"):
			return names
		case isShellBuiltin(w) && len(names) == 0:
			return nil
		}
		names = append(names, w)
		if !oneOf(path.Base(w), "setsid", "cttyhack", "nohup") {
			break
		}
	}
	return names
}

// finds looks for a command as the shell does.
func (b *Boot) finds(s *shellScript, name string) bool {
	if s.anywhere || slices.Contains(s.makes, path.Base(name)) {
		return true // known only when it runs
	}
	if strings.Contains(name, "/") {
		e, ok := b.Files.Resolve(name)
		return ok && e.Type == Regular || !strings.HasPrefix(name, "/") || s.madeAtBoot(name)
	}
	dirs := s.path
	if len(dirs) == 0 {
		dirs = defaultPath
	}
	for _, dir := range dirs {
		if s.madeAtBoot(dir + "/") {
			return true
		}
		if e, ok := b.Files.Resolve(path.Join("/", dir, name)); ok && e.Type == Regular && e.Mode&0o111 != 0 {
			return true
		}
	}
	// Where a BusyBox has few links, its shell may have been told to start what is inside without one.
	sh, ok := b.Files.Resolve("/bin/sh")
	return ok && isBusyBox(b.Files, sh) && b.hasApplet(sh, name) && b.linksTo(sh) < installed
}

// installed is how many links a BusyBox has that was installed with its links.
const installed = 30

func (b *Boot) linksTo(f File) int {
	n := 0
	for link := range b.Files.All() {
		if to, ok := b.Files.Resolve(link.Path); ok && link.Type == Link && to.Path == f.Path {
			n++
		}
	}
	return n
}

// madeAtBoot tells paths below which something is mounted before it is looked at.
func (s *shellScript) madeAtBoot(p string) bool {
	return slices.ContainsFunc(slices.Concat(s.places, []string{"/dev", "/proc", "/sys", "/run", "/tmp", "/mnt", "/media"}), func(dir string) bool {
		return dir == "/" || strings.HasPrefix(p, dir+"/")
	})
}

// hasApplet reports whether a BusyBox has a command inside: the names of all stand in it one after the other, each with a zero
// byte behind it (applet_names in include/applet_tables.h of its build).
func (b *Boot) hasApplet(f File, name string) bool {
	text, err := b.Files.Read(f)
	return err != nil || name == "[" || bytes.Contains(text, []byte("\x00"+name+"\x00"))
}

// applets looks at each link to a BusyBox.
func (b *Boot) applets() []Finding {
	init := map[string]bool{b.initPath(): true}
	if chain, bad := Start(b.Files, b.initPath()); bad == nil && len(chain) > 1 {
		// What the last script names is how its shell is called.
		if program, err := b.Files.Program(chain[len(chain)-2]); err == nil {
			if interpreter, bad := (&start{files: b.Files, chain: []string{""}}).shebang("", program.Head); bad == nil {
				init = map[string]bool{interpreter: true}
			}
		}
	}
	var wrong []string
	var all []Finding
	is := map[string]bool{} // a BusyBox, by its path
	for link := range b.Files.All() {
		if link.Type != Link {
			continue
		}
		f, ok := b.Files.Resolve(link.Path)
		name := path.Base(link.Path)
		if !ok || f.Type != Regular || name == path.Base(f.Path) || strings.HasPrefix(name, "busybox") {
			continue
		}
		if _, known := is[f.Path]; !known {
			is[f.Path] = isBusyBox(b.Files, f)
		}
		if !is[f.Path] || b.hasApplet(f, name) {
			continue
		}
		if !init[link.Path] {
			wrong = append(wrong, link.Path)
			continue
		}
		all = append(all, Finding{
			Severity: Error, Part: InRoot, Path: link.Path,
			What: fmt.Sprintf("%s is a link to BusyBox, and this BusyBox has no %s", word(link.Path), name),
			Boot: fmt.Sprintf(`%q, and the kernel panics: "Attempted to kill init! exitcode=0x00007f00"`, name+": applet not found"),
			Fix:  fmt.Sprintf("ask for it in BusyBox's configuration: config = {%q: True}", strings.ToUpper(name)),
		})
	}
	if len(wrong) > 0 {
		all = append(all, Finding{
			Severity: Warning, Part: InRoot, Path: wrong[0], What: fmt.Sprintf("%s: links to a BusyBox that has no such commands", some(wrong)),
			Boot: `whoever calls one reads "applet not found"`, Fix: "switch them on in BusyBox's configuration, or leave the links out",
		})
	}
	return all
}
