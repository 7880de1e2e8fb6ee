package build

import (
	"strings"
	"testing"
)

// Who calls a program that a step doesn't name is told so: it may well be there outside.
func TestAProgramThatIsNotNamed(t *testing.T) {
	for line, want := range map[string]bool{
		"sh: 4: gperf: not found":                   true,
		"./x.sh: line 104: nl: command not found":   true,
		"/usr/bin/ld: cannot find -lfoo: not found": false,
		"configure: error: zlib was not found":      false,
	} {
		err := &ActionError{Step: "make", ExitCode: 127, Log: "x.log", Lines: []string{"first", line}}
		if got := strings.Contains(err.Error(), "is it missing in tools?"); got != want {
			t.Errorf("%s: %v\n%v", line, got, err)
		}
	}
}
