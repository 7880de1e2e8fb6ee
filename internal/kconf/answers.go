package kconf

import "strings"

// likely is what an open $(shell,…) most probably says: of a test, that it succeeds. Kconfig.include writes tests as
// { command; } >/dev/null 2>&1 && echo "y" || echo "n".
func likely(name string) string {
	if _, rest, ok := strings.Cut(name, `&& echo "`); ok {
		answer, _, _ := strings.Cut(rest, `"`)
		return answer
	}
	return name
}
