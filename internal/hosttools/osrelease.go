package hosttools

import "strings"

// ParseOSRelease reads the text of /etc/os-release: lines of NAME=value, where the value may be quoted as in a shell
// (https://www.freedesktop.org/software/systemd/man/latest/os-release.html). A line that isn't of that form is skipped:
// a vendor's slip in one line must not hide which distribution this is.
func ParseOSRelease(text []byte) map[string]string {
	fields := map[string]string{}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		name, value, ok := strings.Cut(line, "=")
		if !ok || name == "" || strings.HasPrefix(line, "#") {
			continue
		}
		fields[name] = unquote(value)
	}
	return fields
}

// unquote undoes one pair of quotes; within double quotes a backslash keeps the next character from having a meaning.
func unquote(value string) string {
	if len(value) < 2 || value[0] != value[len(value)-1] || value[0] != '"' && value[0] != '\'' {
		return value
	}
	quote, value := value[0], value[1:len(value)-1]
	if quote == '\'' || !strings.Contains(value, `\`) {
		return value
	}
	var b strings.Builder
	for i := 0; i < len(value); i++ {
		if value[i] == '\\' && i+1 < len(value) {
			i++
		}
		b.WriteByte(value[i])
	}
	return b.String()
}
