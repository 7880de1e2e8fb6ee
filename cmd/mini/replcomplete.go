package main

import (
	"sort"
	"strings"

	"mini/lang"

	"go.starlark.net/starlark"
)

// completeInput continues the name at the end of a line as far as it is certain. It returns the line, and what the name
// may be if there are several ways; at the beginning of a line it indents.
func completeInput(session *lang.Session, line string) (string, []string) {
	if strings.TrimSpace(line) == "" {
		return line + "    ", nil
	}
	start := strings.LastIndexFunc(line, func(r rune) bool { return r != '.' && !isNameRune(r) }) + 1
	path := strings.Split(line[start:], ".")
	prefix := path[len(path)-1]
	var candidates []string
	for _, name := range namesIn(session, path[:len(path)-1]) {
		if strings.HasPrefix(name, prefix) {
			candidates = append(candidates, name)
		}
	}
	if len(candidates) == 0 {
		return line, nil
	}
	common := candidates[0]
	for _, name := range candidates {
		for !strings.HasPrefix(name, common) {
			common = common[:len(common)-1]
		}
	}
	return line + common[len(prefix):], candidates
}

// namesIn is the attributes of a value that a path of names leads to; without a path, all names.
func namesIn(session *lang.Session, path []string) []string {
	if len(path) == 0 {
		return session.Names()
	}
	v, ok := session.Value(path[0])
	for _, attr := range path[1:] {
		has, can := v.(starlark.HasAttrs)
		if !ok || !can {
			return nil
		}
		next, err := has.Attr(attr)
		v, ok = next, err == nil && next != nil
	}
	has, can := v.(starlark.HasAttrs)
	if !ok || !can {
		return nil
	}
	names := has.AttrNames()
	sort.Strings(names)
	return names
}

func isNameRune(r rune) bool {
	return r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}
