package preflight

import "strings"

// A parameter is a word of the kernel's command line.
type parameter struct{ name, value string }

// parameters are the words that the kernel sees: those of its own configuration first, unless they are all that counts
// (setup_arch in arch/x86/kernel/setup.c). What follows "--" is for init.
func (b *Boot) parameters() []parameter {
	line := b.Cmdline
	if k := b.Kernel; k.on("CMDLINE_BOOL") {
		if own := k.Config["CMDLINE"]; k.on("CMDLINE_OVERRIDE") {
			line = own
		} else {
			line = own + " " + line
		}
	}
	var all []parameter
	for _, word := range words(line) {
		if word == "--" {
			break
		}
		name, value, _ := strings.Cut(word, "=")
		// A dash and an underscore are the same to the kernel (parameq in kernel/params.c).
		all = append(all, parameter{strings.ReplaceAll(strings.Trim(name, `"`), "-", "_"), strings.Trim(value, `"`)})
	}
	return all
}

// last returns the value of a parameter of which the last one counts.
func (b *Boot) last(name string) (string, bool) {
	value, given := "", false
	for _, p := range b.parameters() {
		if p.name == name {
			value, given = p.value, true
		}
	}
	return value, given
}

// words splits a command line at blanks that stand in no quotes (next_arg in lib/cmdline.c).
func words(line string) []string {
	var all []string
	var word strings.Builder
	quoted := false
	end := func() {
		if word.Len() > 0 {
			all = append(all, word.String())
			word.Reset()
		}
	}
	for _, r := range line {
		switch {
		case r == '"':
			quoted = !quoted
			word.WriteRune(r)
		case !quoted && strings.ContainsRune(" \t\n\v\f\r", r):
			end()
		default:
			word.WriteRune(r)
		}
	}
	end()
	return all
}
