package main

import (
	"regexp"
	"strings"

	"github.com/fatih/color"
	"golang.org/x/term"
)

// colours reports whether messages have some: on a terminal that can show them, unless somebody said otherwise.
func (a *app) colours() bool {
	switch a.color {
	case "always":
		return true
	case "never":
		return false
	}
	return a.env("NO_COLOR") == "" && a.env("TERM") != "dumb" && term.IsTerminal(int(a.stderr.Fd()))
}

var saysError = regexp.MustCompile(`\b((fatal|internal compiler) )?error:`)

// painted makes it easy to see in a message where it begins, and in the lines of a log that it quotes what is wrong.
func painted(text string, colours bool) string {
	if !colours {
		return text
	}
	bold, red := color.New(color.Bold), color.New(color.FgRed, color.Bold)
	bold.EnableColor()
	red.EnableColor()
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if i == 0 {
			lines[i] = bold.Sprint(line)
		} else if strings.HasPrefix(line, "    ") {
			lines[i] = saysError.ReplaceAllStringFunc(line, func(s string) string { return red.Sprint(s) })
		}
	}
	return strings.Join(lines, "\n")
}
