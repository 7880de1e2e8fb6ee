package kbuild

import (
	"fmt"
	"slices"
	"strings"
)

// notKept are settings that belong to the run that was recorded, or that make would take as its own.
var notKept = []string{
	"CURDIR", "GNUMAKEFLAGS", "HOME", "LC_ALL", "MAKE", "MAKEFILES", "MAKEFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "MAKE_TERMERR", "MAKE_TERMOUT",
	"MFLAGS", "O", "OLDPWD", "PATH", "PWD", "SHELL", "SHLVL", "SOURCE_DATE_EPOCH", "TMPDIR", "TZ", "VPATH", "_",
}

// Makefile writes rules as a makefile for the build directory. Its first target stands for all goals. With reversed, what
// a rule needs is listed the other way round: make without -j goes by that order, so an edge that is missing shows.
func (r *Record) Makefile(rules []Rule, reversed bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %d commands of the kernel's own build lead from %s to %s.\n", len(rules), r.Input, strings.Join(r.Goals, ", "))
	b.WriteString("pound := \\#\n" + sizeMacro + "\n\n")
	if env := r.env(); len(env) > 0 {
		b.WriteString("# What the kernel's scripts know from the makefiles that call them. All that they would make by make is made.\n")
		for _, setting := range env {
			fmt.Fprintf(&b, "export %s\n", setting)
		}
		b.WriteString("export MAKE := true\n\n")
	}
	var last []string
	for _, rule := range rules {
		if slices.Contains(r.Goals, rule.Target) {
			last = append(last, rule.Target)
		}
	}
	fmt.Fprintf(&b, ".PHONY: all\nall: %s\n", strings.Join(ordered(last, reversed), " "))
	b.WriteString("\n# What is compiled for no more than addresses, with the headers that hold them.\n")
	headers, objects := compiled(rules)
	fmt.Fprintf(&b, ".PHONY: compiled\ncompiled: %s\n%s", strings.Join(objects, " "), packCompiled(append(headers, objects...)))
	for _, rule := range rules {
		fmt.Fprintf(&b, "\n%s: %s\n\tset -e; %s\n", rule.Target, strings.Join(ordered(rule.Needs, reversed), " "), recipe(rule))
	}
	return b.String()
}

// recipe is a rule's command. A header that comes out as it was keeps its time, so that nothing is compiled for it.
func recipe(rule Rule) string {
	command := measured(rule.Command)
	if !strings.HasSuffix(rule.Target, ".h") {
		return command
	}
	return fmt.Sprintf("cp -p $@ $@.was; %s; if cmp -s $@ $@.was; then mv $@.was $@; fi", command)
}

// compiled are the targets that are compiled for headers alone, with these headers, as far as nothing else that is compiled
// leads to them. In a kernel such a header holds the addresses of vmlinux, and they depend on the size of what it carries
// and not on its content.
func compiled(rules []Rule) (headers, objects []string) {
	after := map[string]bool{} // something compiled leads to it
	for _, rule := range rules {
		forHeaders := !strings.HasSuffix(rule.Target, ".h")
		for _, need := range rule.Needs {
			after[rule.Target] = after[rule.Target] || after[need]
			forHeaders = forHeaders && strings.HasSuffix(need, ".h")
		}
		if !forHeaders || after[rule.Target] {
			continue
		}
		after[rule.Target] = true
		objects = append(objects, rule.Target)
		for _, need := range rule.Needs {
			if !slices.Contains(headers, need) {
				headers = append(headers, need)
			}
		}
	}
	return headers, objects
}

// packCompiled is a recipe for an archive beside the build directory, the same for the same files. Headers come first, so
// that what is unpacked after them is newer.
func packCompiled(files []string) string {
	return "\ttar --format=ustar --mtime=@0 --owner=0 --group=0 --numeric-owner --mode=0644 -cf ../compiled.tar -T /dev/null " + strings.Join(files, " ") + "\n"
}

func ordered(list []string, reversed bool) []string {
	list = slices.Clone(list)
	if reversed {
		slices.Reverse(list)
	}
	return list
}

// env is the environment of the kernel's scripts as make's settings, sorted. What makefiles can't say in a line is left out.
func (r *Record) env() []string {
	var settings []string
	for _, s := range r.scriptsEnv() {
		name, quoted, _ := strings.Cut(s, "=")
		value, ok := unquote(quoted)
		if !ok || slices.Contains(notKept, name) {
			continue
		}
		settings = append(settings, name+" := "+escape(value))
	}
	slices.Sort(settings)
	return settings
}

// scriptsEnv is the environment in which the kernel's script for vmlinux called the linker for its target itself. Other
// calls come from makefiles, which may not have exported everything yet.
func (r *Record) scriptsEnv() []string {
	for _, c := range r.inScripts() {
		if _, known := r.Commands[c.output()]; known {
			return c.Env
		}
	}
	return nil
}

// unquote reads a word as `export -p` of a POSIX shell writes it: pieces in single or double quotes. It fails on a word
// that goes on in the next line.
func unquote(s string) (string, bool) {
	var b strings.Builder
	for s != "" {
		quote := s[:1]
		if quote != "'" && quote != `"` {
			return "", false
		}
		inside, rest, ok := strings.Cut(s[1:], quote)
		if !ok {
			return "", false
		}
		b.WriteString(inside)
		s = rest
	}
	return b.String(), true
}

func escape(value string) string {
	return strings.NewReplacer("$", "$$", "#", `\#`).Replace(value)
}

// Plain is a makefile for the build directory that leaves everything to the kernel's own make, and notes why in its first
// line.
func Plain(command, why string) string {
	return fmt.Sprintf("# note: plain make does it: %s\n.PHONY: all compiled\nall:\n\t+cd .. && %s\n\ncompiled:\n%s", why, escape(command), packCompiled(nil))
}
