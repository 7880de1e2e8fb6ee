package toolchain

import (
	"bufio"
	"context"
	"fmt"
	"strings"
)

// headerDirs lists the system include directories in the order in which the preprocessor searches them. Those that it passes over
// because they don't exist come last: one day they may.
func (t *Toolchain) headerDirs(ctx context.Context) ([]string, error) {
	_, said, err := t.ask(ctx, "-E", "-Wp,-v", "-")
	if err != nil {
		return nil, err
	}
	dirs := parseHeaderDirs(said)
	if len(dirs) == 0 {
		return nil, fmt.Errorf("%s -E -Wp,-v names no include directory: is this a C compiler?", t.CC)
	}
	return dirs, nil
}

// parseHeaderDirs reads what cpp -v writes.
func parseHeaderDirs(said string) []string {
	var dirs, absent []string
	inside := false
	for lines := bufio.NewScanner(strings.NewReader(said)); lines.Scan(); {
		line := lines.Text()
		switch {
		case strings.HasSuffix(line, "search starts here:"):
			inside = true
		case line == "End of search list.":
			inside = false
		case inside && strings.HasPrefix(line, " "):
			dirs = append(dirs, tidy(strings.TrimSpace(line)))
		default:
			if d, ok := strings.CutPrefix(line, "ignoring nonexistent directory "); ok {
				absent = append(absent, tidy(strings.Trim(d, `"`)))
			}
		}
	}
	if len(dirs) == 0 {
		return nil
	}
	return append(dirs, absent...)
}
