package term

import "strings"

// brief says a command in the few words that tell it from the other commands of its node. A kernel's make has 100
// columns of settings, the same in each step, and its target comes last, where a narrow terminal cuts it off.
func brief(command string) string {
	if rest, ok := strings.CutPrefix(command, "mini step "); ok {
		return rest
	}
	words := strings.Fields(command)
	if len(words) == 0 || words[0] != "make" {
		return command
	}
	kept := words[:1:1]
	for i := 1; i < len(words); i++ {
		word := words[i]
		switch {
		case strings.Count(word, `"`)%2 != 0 || strings.Count(word, "'")%2 != 0:
			return command // a quoted blank: only a shell could tell the words apart
		case strings.ContainsAny(word, "|&;<>"):
			return strings.Join(kept, " ")
		case word == "-C" || word == "-f":
			i++ // its argument
		case strings.HasPrefix(word, "-") || strings.Contains(word, "="):
		default:
			kept = append(kept, word)
		}
	}
	return strings.Join(kept, " ")
}
