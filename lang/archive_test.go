package lang_test

import "strings"

// section is one part of a txtar archive: what follows a line "-- name --".
type section struct{ name, data string }

// parseArchive splits a txtar archive. (The format's own package would bring a module along, for these few lines.)
func parseArchive(text string) (comment string, sections []section) {
	for _, line := range strings.SplitAfter(text, "\n") {
		name, isHead := strings.CutPrefix(strings.TrimSpace(line), "-- ")
		name, closed := strings.CutSuffix(name, " --")
		switch {
		case isHead && closed:
			sections = append(sections, section{name: name})
		case len(sections) == 0:
			comment += line
		default:
			sections[len(sections)-1].data += line
		}
	}
	return comment, sections
}

func formatArchive(comment string, sections []section) string {
	var out strings.Builder
	out.WriteString(comment)
	for _, s := range sections {
		out.WriteString("-- " + s.name + " --\n" + s.data)
		if s.data != "" && !strings.HasSuffix(s.data, "\n") {
			out.WriteString("\n")
		}
	}
	return out.String()
}
