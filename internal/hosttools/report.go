package hosttools

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Report is the text for the user: what is missing, what takes it, and the one line that installs all of it. It is ""
// when nothing is missing. known is false on a machine whose package manager is not in the table; root tells whether
// the user is root, who needs no sudo.
func Report(missing []Missing, m Manager, known, root bool) string {
	if len(missing) == 0 {
		return ""
	}
	var b strings.Builder
	if len(missing) == 1 {
		b.WriteString("one thing that the build needs is not on this machine:\n")
	} else {
		fmt.Fprintf(&b, "%d things that the build needs are not on this machine:\n", len(missing))
	}
	wide := 0
	for _, miss := range missing {
		wide = max(wide, len(label(miss.Name)))
	}
	for _, miss := range missing {
		b.WriteString("  " + strings.TrimRight(fmt.Sprintf("%-*s  %s", min(wide, 30), label(miss.Name), reasons(miss.Why)), " ") + "\n")
	}
	if !known {
		b.WriteString("this machine's package manager is not one that mini knows: install them by hand\n")
		return b.String()
	}
	for _, line := range unpackaged(missing, m) {
		b.WriteString(line + "\n")
	}
	if commands := InstallCommands(missing, m, root); len(commands) > 0 {
		var lines []string
		for _, argv := range commands {
			lines = append(lines, strings.Join(argv, " "))
		}
		b.WriteString("to install:\n  " + strings.Join(lines, " && ") + "\n")
	}
	return b.String()
}

// InstallCommands returns the commands that install the packages of all that is missing, to be run one after the
// other; none if no package is known. Those who aren't root get sudo in front.
func InstallCommands(missing []Missing, m Manager, root bool) [][]string {
	packages := packagesOf(missing)
	if len(packages) == 0 || len(m.Install) == 0 {
		return nil
	}
	var commands [][]string
	if len(m.Update) > 0 {
		commands = append(commands, m.Update)
	}
	commands = append(commands, append(slices.Clone(m.Install), packages...))
	if !root {
		for i, argv := range commands {
			commands[i] = append([]string{"sudo"}, argv...)
		}
	}
	return commands
}

// InstallLine is the command that installs the packages which bring a need, "" if none is known. It asks nothing for a fresh
// package list, so that it fits into a sentence.
func (m Manager) InstallLine(need string, root bool) string {
	packages, ok := m.Package(need)
	if !ok {
		return ""
	}
	m.Update = nil
	commands := InstallCommands([]Missing{{Need: Need{Name: need}, Package: packages}}, m, root)
	return strings.Join(commands[0], " ")
}

// packagesOf lists each package once, sorted, so that the same gaps give the same line.
func packagesOf(missing []Missing) []string {
	var packages []string
	for _, miss := range missing {
		packages = append(packages, strings.Fields(miss.Package)...)
	}
	slices.Sort(packages)
	return slices.Compact(packages)
}

// unpackaged has a line for all that no package brings, for each reason.
func unpackaged(missing []Missing, m Manager) []string {
	var reasons []string
	names := map[string][]string{}
	for _, miss := range missing {
		if miss.Package != "" {
			continue
		}
		reason := m.without(miss.Name)
		if reason == "" {
			reason = "mini knows no package of " + m.Name + " that brings it: install it by hand"
		}
		if names[reason] == nil {
			reasons = append(reasons, reason)
		}
		names[reason] = append(names[reason], label(miss.Name))
	}
	var lines []string
	for _, reason := range reasons {
		lines = append(lines, some(names[reason], 3)+": "+reason)
	}
	return lines
}

// label says a need in words.
func label(name string) string {
	name = printable(name)
	if header, ok := strings.CutPrefix(name, "header:"); ok {
		return "<" + header + ">"
	}
	if library, ok := strings.CutPrefix(name, "lib:"); ok {
		return "lib" + library
	}
	return name
}

// reasons shortens what Check joined: a compiler is needed by every step of a script.
func reasons(why string) string {
	if why == "" {
		return ""
	}
	return "for " + some(strings.Split(printable(why), ", "), 2)
}

// some lists the first n, and how many more there are.
func some(list []string, n int) string {
	if len(list) <= n+1 { // "and 1 more" takes no less room than the thing itself
		return strings.Join(list, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(list[:n], ", "), len(list)-n)
}

// printable drops what could move the cursor or colour the terminal: reasons hold titles, and those hold text of scripts.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, s)
}
